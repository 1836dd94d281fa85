"""Runs the pipeline against a workspace: read, step by step, check, publish.

The command line, the flows and the tests all go through these few functions, so
a nightly run and a run by hand are the same run.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow.compute as pc

from fraud_pipeline import ingest
from fraud_pipeline.core.trees import as_tree
from fraud_pipeline.engine import as_of_date
from fraud_pipeline.pipeline import STEPS, Inputs, Outputs, Setup, Step, rounds
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.schema.loaded import Account, Loaded
from fraud_pipeline.settings import Settings, parse_settings
from fraud_pipeline.store import (
    attempts,
    files,
    integrity,
    meter,
    places,
    registration,
    runs,
    version,
)
from fraud_pipeline.store.models import load_model
from fraud_pipeline.store.packs import keep_packs, load_packs
from fraud_pipeline.store.sources import open_sources
from fraud_pipeline.store.staged_inputs import StagedInputs
from fraud_pipeline.store.staging import Staged, Staging, key_of
from fraud_pipeline.store.workspace import Workspace

# Kept in staging only: what stands elsewhere in the run.
_NOT_PUBLISHED = ("supplied.json", "accounts.json")


@dataclass(frozen=True)
class Request:
    """What a person or the scheduler asks for; plain values only."""

    data: str
    workspace: Path
    programme: str | None = None
    mapping: Path | None = None
    as_of: date | None = None
    outcomes_until: date | None = None
    settings: Path | None = None
    packs: Path | None = None  # an agency's own packs and overrides
    budget: int | None = None
    seed: int = 1
    cover_enterprises: float | None = None


class Engine(Protocol):
    """Another place to run the steps at; the embedded engine needs none of it."""

    name: str

    def run(self, step: Step, given: Inputs, setup: Setup) -> Outputs: ...
    def published(self, run_id: str) -> None: ...


@dataclass(frozen=True)
class Night:
    """A run under way: what was loaded, what it depends on, where its steps are kept."""

    run_id: str
    setup: Setup
    staging: Staging
    key: str
    loaded: Staged
    manifest: dict[str, Any]
    done: dict[str, Staged] = field(default_factory=dict, compare=False)  # found or made by us


def read_settings(path: Path | None) -> Settings:
    if path is None:
        return Settings()
    return parse_settings(files.read_text(path, "the settings file"), str(path))


def load(request: Request, settings: Settings, programmes: frozenset[str]) -> Loaded:
    """The sources read, typed and accounted for; nothing is written."""
    mapping = None
    if request.mapping is not None:
        text = files.read_text(request.mapping, "the mapping file")
        mapping = ingest.parse_mapping(text, str(request.mapping))
    sources = open_sources(places.source_address(request.data), ingest.stems(mapping))
    decisions = request.workspace / "decisions"  # kept there by the workbench: verdicts are labels
    if decisions.is_dir():
        sources += open_sources(str(decisions), ingest.stems(None))
    loaded = ingest.load(
        sources,
        settings.ingest,
        mapping=mapping,
        programme=request.programme,
        known_programmes=programmes,
    )
    integrity.check_accounts(loaded.accounts)
    return loaded


def begin(request: Request, workspace: Workspace) -> Night | runs.Run:
    """Everything up to the first step; the finished run itself if there is nothing new."""
    if request.as_of is None:
        as_of_date.check_clock(workspace)
    settings = read_settings(request.settings)
    packs = load_packs(request.packs)
    model = load_model(workspace.models)
    spent = meter.ResourceMeter()
    loaded = load(request, settings, frozenset(packs))
    ingest.require_usable(loaded, settings.ingest)
    cost = {**spent.read(), "rows": _rows_in(loaded)}
    as_of = request.as_of or as_of_date.default_as_of_date(
        loaded.tables["claims"], as_of_date.latest_decision_date(workspace)
    )
    before = runs.predecessor(workspace, as_of.isoformat())
    judgements = as_of_date.judgements(workspace, min(as_of, request.outcomes_until or as_of))
    depends = {
        "inputs": {part.name: part.sha256 for part in loaded.inputs},
        "as_of": as_of.isoformat(),
        "outcomes_until": request.outcomes_until.isoformat() if request.outcomes_until else None,
        "programme": request.programme,
        "mapping": files.sha256_of(request.mapping) if request.mapping else None,
        "settings": as_tree(settings),
        "packs": {name: pack.sha256 for name, pack in sorted(packs.items())},
        "model": {"name": model.name, "sha256": model.sha256},
        "code": version.code_version(),
        "libraries": version.library_versions(),
        "predecessor": before.run_id if before else None,
        "ring_judgements": [j.as_row() for j in judgements],
        "audit": {
            "budget": request.budget,
            "seed": request.seed,
            "cover_enterprises": request.cover_enterprises,
        },
    }
    key = key_of(depends)
    run_id = f"{as_of:%Y%m%d}-{key}"
    finished = runs.existing(workspace, run_id)
    if finished is not None:
        runs.point_to(workspace, run_id)
        return finished
    manifest = {
        "run_id": run_id,
        **depends,
        "programmes": pc.unique(loaded.tables["claims"]["programme"]).to_pylist(),
        "tables": {name: dataclasses.asdict(a) for name, a in sorted(loaded.accounts.items())},
        "supplied": sorted(n for n in INPUT_TABLES if loaded.tables.supplied(n)),
        "notes": list(loaded.notes),
        "own_packs": keep_packs(workspace, request.packs),
        "source": request.data if "://" not in request.data else "database",
    }
    setup = Setup(
        as_of=as_of,
        outcomes_until=request.outcomes_until,
        settings=settings,
        packs=packs,
        model=model,
        previous=before.rings() if before else None,
        budget=request.budget,
        seed=request.seed,
        cover_enterprises=request.cover_enterprises,
        about=manifest,
        account=before.account() if before else None,
        judgements=judgements,
    )
    staging = Staging(workspace.staging)
    staged = staging.find("ingest", key) or staging.keep(
        "ingest", key, _loaded_artefacts(loaded), lambda: cost
    )
    return Night(run_id, setup, staging, key, staged, manifest)


def run_step(night: Night, step: Step, engine: Engine | None = None) -> tuple[Staged, bool]:
    """One step's artefacts, and whether they were found instead of made."""
    found = night.staging.find(step.name, night.key)
    if found is not None:
        night.done[step.name] = found
        return found, True
    given = StagedInputs(_finished(night))
    meter.release_memory()
    spent = meter.ResourceMeter()
    run = step.run if engine is None else functools.partial(engine.run, step)
    kept = night.staging.keep(step.name, night.key, run(given, night.setup), spent.read)
    night.done[step.name] = kept
    return kept, False


def _run_together(night: Night, steps: tuple[Step, ...], engine: Engine | None) -> None:
    """Steps side by side in this process; a cluster's engine takes them one by one.

    The first stays on the caller's thread, so that an interrupt reaches it at once.
    """
    if engine is not None or len(steps) == 1:
        for step in steps:
            run_step(night, step, engine)
        return
    with ThreadPoolExecutor(len(steps) - 1) as pool:
        jobs = [pool.submit(run_step, night, step) for step in steps[1:]]
        run_step(night, steps[0])
        for job in jobs:
            job.result()


def finish(night: Night, workspace: Workspace) -> runs.Run:
    """Checks the whole run, publishes it and clears the half-done work."""
    staged = _finished(night, to_publish=True)  # every byte of it is looked at once more
    integrity.check_run(StagedInputs(staged))
    artefacts = {
        name: path
        for step in staged
        for name, path in step.published().items()
        if name not in _NOT_PUBLISHED
    }
    names = ("ingest", *(step.name for step in STEPS))
    manifest = {
        **night.manifest,
        "steps": {name: step.cost for name, step in zip(names, staged, strict=True)},
        "published": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    registration.register_artefacts(workspace)
    run = runs.publish(workspace, night.run_id, artefacts, manifest)
    night.staging.clear()
    return run


def score(
    request: Request,
    workspace: Workspace,
    progress: Callable[[str], None] = lambda step: None,
    engine: Engine | None = None,
) -> runs.Run:
    """A whole run by hand: begin, every step, finish. ``workspace`` must be locked.

    ``progress`` hears the name of each step before it starts. ``engine``: where the steps run,
    None = in this process; the run and its id are the same either way.
    """
    with attempts.recorded(workspace.path) as diary:
        progress("ingest")
        night = begin(request, workspace)
        if isinstance(night, runs.Run):
            diary.ended(night.run_id, new=False)
            return night
        for steps in rounds():
            for step in steps:
                progress(step.name)
            _run_together(night, steps, engine)
        progress("publish")
        if engine is not None:
            night.manifest["engine"] = engine.name
        run = finish(night, workspace)
        if engine is not None:
            engine.published(run.run_id)
        diary.ended(run.run_id, new=True)
    return run


def _finished(night: Night, *, to_publish: bool = False) -> list[Staged]:
    """The steps finished so far; what this process hashed is hashed again only ``to_publish``."""
    done = {} if to_publish else {"ingest": night.loaded, **night.done}
    found = (
        done.get(name) or night.staging.find(name, night.key, to_publish=to_publish)
        for name in ("ingest", *(step.name for step in STEPS))
    )
    return [step for step in found if step is not None]


def _loaded_artefacts(loaded: Loaded) -> dict[str, Any]:
    return {
        **{f"clean/{name}": loaded.tables[name] for name in INPUT_TABLES},
        "quarantine": loaded.quarantine,
        "repairs": loaded.repairs,
        "accounts": {n: dataclasses.asdict(a) for n, a in loaded.accounts.items()},
        "supplied": {"tables": sorted(n for n in INPUT_TABLES if loaded.tables.supplied(n))},
    }


def _rows_in(loaded: Loaded) -> int:
    return sum(account.rows_in for account in loaded.accounts.values())


__all__ = [
    "Account",
    "Night",
    "Request",
    "StagedInputs",
    "begin",
    "finish",
    "load",
    "run_step",
    "score",
]
