"""Runs the pipeline against a workspace: prepare, step by step, check, publish.

The command line, the flows and the tests all use these few functions, so a scheduled run and
a run started by hand are the same run.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from fraud_pipeline import ingest
from fraud_pipeline.engine import as_of_date, dependencies
from fraud_pipeline.engine.loading import (
    Request,
    ingest_outputs,
    load,
    read_settings,
    settings_for,
)
from fraud_pipeline.engine.manifest import describe
from fraud_pipeline.engine.setup import make_setup
from fraud_pipeline.pipeline import STEPS, Inputs, Outputs, Setup, Step, concurrent_groups
from fraud_pipeline.programmes.currency import currencies_of
from fraud_pipeline.programmes.own_kinds import own_kinds_of
from fraud_pipeline.store import attempts, integrity, meter, registration, runs, version
from fraud_pipeline.store.models import load_model
from fraud_pipeline.store.packs import keep_packs, load_packs
from fraud_pipeline.store.staged_inputs import StagedInputs
from fraud_pipeline.store.staging import Staged, Staging
from fraud_pipeline.store.workspace import Workspace

# Their content is in the manifest; they are not published a second time.
_NOT_PUBLISHED = ("supplied.json", "accounts.json")
_STEP_NAMES = ("ingest", *(step.name for step in STEPS))


class Engine(Protocol):
    """Alternative execution engine for the steps. None = this process."""

    name: str

    def run(self, step: Step, inputs: Inputs, setup: Setup, /) -> Outputs: ...
    def published(self, run_id: str) -> None: ...


@dataclass(frozen=True)
class RunInProgress:
    """A run that is prepared and not published: what it depends on, where its steps are staged."""

    run_id: str
    setup: Setup
    staging: Staging
    key: str
    loaded: Staged
    manifest: dict[str, Any]
    finished: dict[str, Staged] = field(default_factory=dict, compare=False)  # by this process


def prepare_run(request: Request, workspace: Workspace) -> RunInProgress | runs.Run:
    """Everything up to the first step; the published run itself when nothing is new.

    ``workspace`` must be locked. Raises InputError or SettingsError for bad input,
    WorkspaceError for a clock that was set back.
    """
    if request.as_of is None:
        as_of_date.check_clock(workspace)
    settings = settings_for(request)
    packs = load_packs(request.packs)
    model = load_model(workspace.models)
    resources = meter.ResourceMeter()
    loaded = load(request, settings, currencies_of(packs), own_kinds_of(packs))
    ingest.require_usable(loaded, settings.ingest)
    rows = sum(account.rows_in for account in loaded.accounts.values())
    cost = {**resources.read(), "rows": rows}
    depends = dependencies.collect(request, workspace, loaded, settings, packs, model)
    published = runs.existing(workspace, depends.run_id)
    if published is not None:
        runs.point_to(workspace, published.run_id)
        return published
    manifest = describe(depends, request, loaded, keep_packs(workspace, request.packs))
    setup = make_setup(depends, workspace, packs, model, manifest)
    staging, key = Staging(workspace.staging), depends.key
    staged = staging.find("ingest", key) or staging.keep(
        "ingest", key, ingest_outputs(loaded), lambda: cost
    )
    return RunInProgress(depends.run_id, setup, staging, key, staged, manifest)


def run_step(run: RunInProgress, step: Step, engine: Engine | None = None) -> tuple[Staged, bool]:
    """One step's artefacts, and whether they were in the staging folder already."""
    staged = run.staging.find(step.name, run.key)
    if staged is not None:
        run.finished[step.name] = staged
        return staged, True
    inputs = StagedInputs(_staged_steps(run))
    meter.release_memory()
    resources = meter.ResourceMeter()
    execute = step.run if engine is None else functools.partial(engine.run, step)
    staged = run.staging.keep(step.name, run.key, execute(inputs, run.setup), resources.read)
    run.finished[step.name] = staged
    return staged, False


def _run_group(run: RunInProgress, steps: tuple[Step, ...], engine: Engine | None) -> None:
    """Steps that may run at the same time; an alternative engine takes them one by one.

    The first stays on the caller's thread, so that an interrupt reaches it at once.
    """
    if engine is not None or len(steps) == 1:
        for step in steps:
            run_step(run, step, engine)
        return
    with ThreadPoolExecutor(len(steps) - 1) as pool:
        jobs = [pool.submit(run_step, run, step) for step in steps[1:]]
        run_step(run, steps[0])
        for job in jobs:
            job.result()


def finish(run: RunInProgress, workspace: Workspace) -> runs.Run:
    """Checks the whole run, publishes it and clears the staging folder.

    Raises IntegrityError, and publishes nothing, when a table breaks the data contract.
    """
    staged = _staged_steps(run, to_publish=True)  # every byte is hashed once more
    integrity.check_run(StagedInputs(staged))
    artefacts = {
        name: path
        for step in staged
        for name, path in step.published().items()
        if name not in _NOT_PUBLISHED
    }
    manifest = {
        **run.manifest,
        "steps": {name: step.cost for name, step in zip(_STEP_NAMES, staged, strict=True)},
        "environment": version.environment(),
        "published": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    registration.register_artefacts(workspace)
    published = runs.publish(workspace, run.run_id, artefacts, manifest)
    run.staging.clear()
    return published


def score(
    request: Request,
    workspace: Workspace,
    progress: Callable[[str], None] = lambda step: None,
    engine: Engine | None = None,
) -> runs.Run:
    """A whole run in this process: prepare, every step, finish. ``workspace`` must be locked.

    ``progress`` is called with the name of each step before it starts. ``engine``: where the
    steps run, None = in this process; the run and its id are the same either way.
    """
    with attempts.recorded(workspace.path) as attempt:
        progress("ingest")
        run = prepare_run(request, workspace)
        if isinstance(run, runs.Run):
            attempt.ended(run.run_id, new=False)
            return run
        for steps in concurrent_groups():
            for step in steps:
                progress(step.name)
            _run_group(run, steps, engine)
        progress("publish")
        if engine is not None:
            run.manifest["engine"] = engine.name
        published = finish(run, workspace)
        if engine is not None:
            engine.published(published.run_id)
        attempt.ended(published.run_id, new=True)
    return published


def _staged_steps(run: RunInProgress, *, to_publish: bool = False) -> list[Staged]:
    """The finished steps in order; those of this process are hashed again only ``to_publish``."""
    known = {} if to_publish else {"ingest": run.loaded, **run.finished}
    candidates = (
        known.get(name) or run.staging.find(name, run.key, to_publish=to_publish)
        for name in _STEP_NAMES
    )
    return [step for step in candidates if step is not None]


__all__ = [
    "Engine",
    "Request",
    "RunInProgress",
    "finish",
    "load",
    "prepare_run",
    "read_settings",
    "run_step",
    "score",
]
