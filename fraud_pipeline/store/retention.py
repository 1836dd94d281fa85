"""Removes the tables of old runs; runs that people's work refers to stay, and so does the chain.

Of a pruned run its manifest and its rings stay for good: the chain of manifests can still
be checked, and a later run whose ring ids follow from them can still be repeated.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fraud_pipeline.store import files, ledger, references, registration, runs
from fraud_pipeline.store.runs import MANIFEST, RING_FILES, Run
from fraud_pipeline.store.workspace import Workspace


@dataclass(frozen=True)
class KeptRun:
    """A run that stays and why."""

    run_id: str
    why: str


@dataclass(frozen=True)
class Plan:
    """What a pruning would do."""

    kept_runs: tuple[KeptRun, ...]
    removed: tuple[str, ...]
    bytes_freed: int


def plan(
    workspace: Workspace, keep: int, address: str | None = None, older_than: int | None = None
) -> Plan:
    """The runs that would go: all but the ``keep`` last ones and those referred to.

    ``address`` is the workbench's database where it is not the workspace's own file;
    ``older_than``: only runs registered more than so many days ago go.
    Runs the ledger does not know are never touched; ``verify --all`` names them.
    """
    why = references.all_references(workspace, address)
    lines = [line for line in ledger.read(workspace) if line.kind == "run"]
    order = [line.subject for line in lines]
    if older_than is not None:
        since = datetime.now(UTC) - timedelta(days=older_than)
        young = {line.subject for line in lines if datetime.fromisoformat(line.at) >= since}
        why = {run_id: f"not yet {older_than} days old" for run_id in young} | why
    present = [r for r in dict.fromkeys(order) if runs.existing(workspace, r) is not None]
    recent = set(present[len(present) - keep :] if keep else [])
    kept_runs = tuple(
        KeptRun(r, why.get(r) or f"one of the last {keep}")
        for r in present
        if r in why or r in recent
    )
    removed = tuple(r for r in present if r not in why and r not in recent)
    return Plan(kept_runs, removed, sum(_freed(workspace, r) for r in removed))


def carry_out(workspace: Workspace, what: Plan) -> None:
    """Prunes the runs of the plan, oldest first; the workspace must be locked.

    Killed at any moment, a run is whole, or pruned, or both; the next pruning goes on.
    """
    registration.register_artefacts(workspace)
    for run_id in what.removed:
        _prune(workspace, run_id)
    for leftover in workspace.runs.glob(".*.pruned"):
        shutil.rmtree(leftover, ignore_errors=True)


def _prune(workspace: Workspace, run_id: str) -> None:
    folder, remainder = workspace.runs / run_id, workspace.pruned / run_id
    temporary = workspace.pruned / f".{run_id}.tmp"
    with files.writing(remainder):
        if not remainder.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
            for name in (MANIFEST, *RING_FILES):
                if (folder / name).is_file():  # an older run has no ring account
                    shutil.copyfile(folder / name, temporary / name)
            temporary.rename(remainder)
        ledger.append(workspace, "pruned", run_id, files.sha256_of(remainder / MANIFEST))
        gone = workspace.runs / f".{run_id}.pruned"
        folder.rename(gone)  # invisible in one rename, however long the removal takes
        shutil.rmtree(gone, ignore_errors=True)


def _freed(workspace: Workspace, run_id: str) -> int:
    run = Run(workspace.runs / run_id)
    stays = {MANIFEST, *RING_FILES}
    return sum(
        p.stat().st_size
        for p in run.folder.rglob("*")
        if p.is_file() and p.relative_to(run.folder).as_posix() not in stays
    )
