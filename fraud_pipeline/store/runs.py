"""Runs: immutable folders, complete or absent, and the pointer to the last good one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraud_pipeline import schema
from fraud_pipeline.core.currency import HOME, shared_currency
from fraud_pipeline.errors import (
    FraudPipelineError,
    IntegrityError,
    UnknownRecordError,
    WorkspaceError,
)
from fraud_pipeline.store import files, ledger
from fraud_pipeline.store.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "manifest.json"
RING_TABLES = ("rings", "ring_members", "ring_claims", "ring_evidence")
RING_ACCOUNT = "ring_account"
RING_FILES = (*(f"{name}.parquet" for name in RING_TABLES), f"{RING_ACCOUNT}.json")


@dataclass(frozen=True)
class Run:
    """A published run, read only."""

    folder: Path

    @property
    def run_id(self) -> str:
        return self.folder.name

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(files.read_json(self.folder / MANIFEST))

    def table(self, name: str) -> pa.Table:
        return files.read_table(self.folder / f"{name}.parquet")

    def json(self, name: str) -> dict[str, Any]:
        return dict(files.read_json(self.folder / f"{name}.json"))

    def null_shares(self, name: str) -> dict[str, float]:
        """Share of rows without a value, a column, from the file's own statistics."""
        return files.null_shares(self.folder / f"{name}.parquet")

    def tables(self, stage: str = "clean") -> schema.Tables:
        """The accepted input rows of the run; only the stage ``clean`` is published."""
        supplied = self.manifest["supplied"]
        tables = {name: self.table(f"{stage}/{name}") for name in schema.INPUT_TABLES}
        return schema.Tables(tables, supplied=frozenset(supplied))

    def rings(self) -> schema.RingSet:
        return schema.RingSet(*(self.table(name) for name in RING_TABLES))

    def account(self) -> dict[str, Any] | None:
        """The error probability spent up to this run; None of a run of before it was stored."""
        is_stored = (self.folder / f"{RING_ACCOUNT}.json").is_file()
        return self.json(RING_ACCOUNT) if is_stored else None

    def hits(self) -> pa.Table:
        return files.read_table(self.folder / "rule_results.parquet", ("outcome", "hit"))

    def verify_files(self) -> None:
        """Raises IntegrityError naming the first file that is not what was published."""
        for problem in self.faults():
            raise IntegrityError(problem)

    def faults(self, only: Sequence[str] | None = None) -> Iterator[str]:
        """Every file that is missing, changed or too many, in words; ``only`` names some."""
        outputs = self.manifest["outputs"]
        for name, digest in sorted(outputs.items()):
            path = self.folder / name
            if only is not None and name not in only:
                continue
            if not path.is_file():
                yield f"run {self.run_id}: {name} is missing"
            elif files.sha256_of(path) != digest:
                yield f"run {self.run_id}: {name} was changed after publication"
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file()):
            name = path.relative_to(self.folder).as_posix()
            if name != MANIFEST and name not in outputs:
                yield f"run {self.run_id}: {name} was added after publication"


def publish(
    workspace: Workspace, run_id: str, artefacts: Mapping[str, Path], manifest: dict[str, Any]
) -> Run:
    """Makes the run visible in one rename, registers it in the ledger, points LATEST at it.

    ``artefacts`` maps the path inside the run to the file to take. The caller
    has checked the content; this function only guarantees whole or absent. The
    manifest names the run registered before this one and the hash of its manifest.
    """
    register_runs(workspace)
    lines = ledger.read(workspace)
    if problem := ledger.fault(lines):
        raise IntegrityError(f"{problem}; nothing was published")
    before = ledger.last(lines, "run")
    link = {"run_id": before.subject, "sha256": before.sha256} if before else None
    place = workspace.runs / run_id
    temporary = workspace.runs / f".{run_id}.tmp"
    with files.writing(place):
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
    try:
        outputs = {}
        for name, source in sorted(artefacts.items()):
            target = temporary / name
            with files.writing(place):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
            outputs[name] = files.sha256_of(target)
        files.write_json(temporary / MANIFEST, {**manifest, "before": link, "outputs": outputs})
        with files.writing(place):
            temporary.rename(place)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    point_to(workspace, run_id)
    return Run(place)


def register_runs(workspace: Workspace) -> None:
    """Registers runs that a killed publication left complete but not yet in the ledger.

    Only a run whose manifest names the ledger's last run is registered as its successor;
    any other is left for ``verify --all`` to report. A workspace from before
    there was a ledger is entered as it stands, in order of publication.
    """
    lines = ledger.read(workspace)
    registered = {line.subject for line in lines if line.kind == "run"}
    unregistered = sorted(
        (run.manifest.get("published", ""), run.run_id, run)
        for folder in workspace.runs.glob("[!.]*")
        if folder.name not in registered and (run := existing(workspace, folder.name)) is not None
    )
    for _, _, run in unregistered:
        before = ledger.last(ledger.read(workspace), "run")
        is_successor = run.manifest.get("before") == (
            {"run_id": before.subject, "sha256": before.sha256} if before else None
        )
        if is_successor or not lines:
            ledger.append(workspace, "run", run.run_id, files.sha256_of(run.folder / MANIFEST))


def point_to(workspace: Workspace, run_id: str) -> None:
    """Makes ``run_id`` the last good run; whatever is complete is in the ledger first."""
    register_runs(workspace)
    files.write_bytes(workspace.runs / "LATEST", f"{run_id}\n".encode())


def existing(workspace: Workspace, run_id: str) -> Run | None:
    folder = workspace.runs / run_id
    return Run(folder) if (folder / MANIFEST).is_file() else None


def pruned_or_whole(workspace: Workspace, run_id: str) -> Run:
    """A run of which its rings at least are there: they decide the ring ids of the one after."""
    folder = workspace.pruned / run_id
    if existing(workspace, run_id) is None and (folder / MANIFEST).is_file():
        return Run(folder)
    return find(workspace.path, run_id)


def find(path: Path, run_id: str | None = None) -> Run:
    """The named run of the workspace at ``path``, or the last complete one.

    Raises UnknownRecordError when there is none, WorkspaceError when it may not be read.
    """
    workspace = Workspace(path)
    try:
        if run_id is None:
            pointer = workspace.runs / "LATEST"
            if not pointer.is_file():
                raise UnknownRecordError(f"{path}: no run has been published here yet")
            run_id = pointer.read_text("utf-8").strip()
        run = existing(workspace, run_id)
    except PermissionError as error:
        raise WorkspaceError(f"{error.filename or path}: {error.strerror}") from error
    if run is None:
        raise UnknownRecordError(f"{path}: there is no run {run_id}")
    return run


def first_as_of(workspace: Workspace) -> str | None:
    """The earliest as-of date of the workspace's runs, pruned ones included; None without a run."""
    days = [
        str(run.manifest["as_of"])
        for root in (workspace.pruned, workspace.runs)
        for folder in root.glob("[!.]*")
        if (run := Run(folder)) and (folder / MANIFEST).is_file()
    ]
    return min(days, default=None)


def predecessor(workspace: Workspace, as_of: str) -> Run | None:
    """The last run whose as-of date is strictly earlier than ``as_of``.

    Ring ids survive from run to run by matching against it. A run of the same date is
    never the predecessor of its own repetition, so scoring twice gives the same
    bytes.
    """
    candidates = [
        (run.manifest["as_of"], run.manifest["published"], run.run_id, run)
        for root in (workspace.pruned, workspace.runs)  # rings outlive their run's tables
        for folder in root.glob("[!.]*")
        if (run := Run(folder)) and (folder / MANIFEST).is_file()
    ]
    earlier = [c for c in candidates if c[0] < as_of]
    return max(earlier, key=lambda c: c[:3])[3] if earlier else None


def currency_of_run(run: Run, programme: str | None = None) -> str:
    """What the amounts of a programme of the run, or of the whole run, are in.

    Runs of earlier versions do not say it; they are in yuan.
    """
    try:
        codes = run.json("facts").get("currencies", {})
    except (OSError, FraudPipelineError):
        return HOME
    return str(codes.get(programme or "") or shared_currency(codes.values()))
