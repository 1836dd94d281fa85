"""The Setup of the steps, made from a run's dependencies: for a new run and for its replay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fraud_pipeline.engine.dependencies import Dependencies
from fraud_pipeline.engine.manifest import before_publication, dependencies_of
from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.programmes import Pack
from fraud_pipeline.risk import Model
from fraud_pipeline.store import runs
from fraud_pipeline.store.models import load_model
from fraud_pipeline.store.packs import kept_packs_folder, load_packs
from fraud_pipeline.store.workspace import Workspace


def make_setup(
    dependencies: Dependencies, workspace: Workspace, packs: Mapping[str, Pack], model: Model,
    about: dict[str, Any],
) -> Setup:  # fmt: skip
    """Resolves what the dependencies name: ``packs`` and ``model`` are those they have hashes of.

    ``about`` is the manifest, for the report. Raises UnknownRecordError when the rings of the
    predecessor are no longer in the workspace.
    """
    run_id = dependencies.predecessor
    predecessor = runs.pruned_or_whole(workspace, run_id) if run_id else None
    return Setup(
        as_of=dependencies.as_of,
        outcomes_until=dependencies.outcomes_until,
        settings=dependencies.settings,
        packs=packs,
        model=model,
        previous=predecessor.rings() if predecessor else None,
        budget=dependencies.audit.budget,
        seed=dependencies.audit.seed,
        cover_enterprises=dependencies.audit.cover_enterprises,
        about=about,
        account=predecessor.account() if predecessor else None,
        judgements=dependencies.ring_judgements,
    )


def setup_of_run(run: runs.Run, workspace: Workspace) -> Setup:
    """The Setup that a published run was made with, from its manifest.

    Raises IntegrityError when a pack or the model is no longer the one the run used.
    """
    dependencies, manifest = dependencies_of(run), run.manifest
    packs = load_packs(kept_packs_folder(workspace, manifest.get("own_packs")))
    for name, digest in dependencies.packs.items():
        if name not in packs or packs[name].sha256 != digest:
            raise IntegrityError(f"run {run.run_id}: programme pack {name} is not the one it used")
    model = load_model(workspace.models, dependencies.model.name)
    if model.sha256 != dependencies.model.sha256:
        raise IntegrityError(f"run {run.run_id}: model {model.name} is not the one it used")
    return make_setup(dependencies, workspace, packs, model, before_publication(manifest))
