"""Runs: immutable folders, complete or absent, and the pointer to the last good one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from fraud_pipeline.errors import IntegrityError, UnknownRecordError
from fraud_pipeline.records import INPUT_TABLES, Tables
from fraud_pipeline.records.ringset import RingSet
from fraud_pipeline.store import files
from fraud_pipeline.store.workspace import Workspace


@dataclass(frozen=True)
class Run:
    """A published run, read only."""

    folder: Path

    @property
    def run_id(self) -> str:
        return self.folder.name

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(files.read_json(self.folder / "manifest.json"))

    def table(self, name: str) -> pa.Table:
        return files.read_table(self.folder / f"{name}.parquet")

    def json(self, name: str) -> dict[str, Any]:
        return dict(files.read_json(self.folder / f"{name}.json"))

    def tables(self, stage: str = "clean") -> Tables:
        """The accepted input rows of the run; only the stage ``clean`` is published."""
        supplied = self.manifest["supplied"]
        tables = {name: self.table(f"{stage}/{name}") for name in INPUT_TABLES}
        return Tables(tables, supplied=frozenset(supplied))

    def rings(self) -> RingSet:
        return RingSet(
            *(self.table(n) for n in ("rings", "ring_members", "ring_claims", "ring_evidence"))
        )

    def verify_files(self) -> None:
        """Raises IntegrityError naming the first file that is not what was published."""
        for name, digest in sorted(self.manifest["outputs"].items()):
            path = self.folder / name
            if not path.is_file():
                raise IntegrityError(f"run {self.run_id}: {name} is missing")
            if files.sha256_of(path) != digest:
                raise IntegrityError(f"run {self.run_id}: {name} was changed after publication")


def publish(
    workspace: Workspace, run_id: str, artefacts: Mapping[str, Path], manifest: dict[str, Any]
) -> Run:
    """Makes the run visible in one rename and points LATEST at it.

    ``artefacts`` maps the path inside the run to the file to take. The caller
    has checked the content; this function only guarantees whole or absent.
    """
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
        files.write_json(temporary / "manifest.json", {**manifest, "outputs": outputs})
        with files.writing(place):
            temporary.rename(place)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    point_to(workspace, run_id)
    return Run(place)


def point_to(workspace: Workspace, run_id: str) -> None:
    files.write_bytes(workspace.runs / "LATEST", f"{run_id}\n".encode())


def existing(workspace: Workspace, run_id: str) -> Run | None:
    folder = workspace.runs / run_id
    return Run(folder) if (folder / "manifest.json").is_file() else None


def find(path: Path, run_id: str | None = None) -> Run:
    """The named run of the workspace at ``path``, or the last complete one.

    Raises UnknownRecordError when there is none.
    """
    workspace = Workspace(path)
    if run_id is None:
        pointer = workspace.runs / "LATEST"
        if not pointer.is_file():
            raise UnknownRecordError(f"{path}: no run has been published here yet")
        run_id = pointer.read_text("utf-8").strip()
    run = existing(workspace, run_id)
    if run is None:
        raise UnknownRecordError(f"{path}: there is no run {run_id}")
    return run


def predecessor(workspace: Workspace, as_of: str) -> Run | None:
    """The last run whose as-of date is strictly earlier than ``as_of``.

    Ring ids survive the night by matching against it. A run of the same date is
    never the predecessor of its own repetition, so scoring twice gives the same
    bytes.
    """
    candidates = [
        (run.manifest["as_of"], run.manifest["published"], run.run_id, run)
        for folder in workspace.runs.glob("*")
        if (run := existing(workspace, folder.name)) is not None
    ]
    earlier = [c for c in candidates if c[0] < as_of]
    return max(earlier, key=lambda c: c[:3])[3] if earlier else None
