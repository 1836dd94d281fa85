"""The staging folder: each step's results under a key of everything that went into it.

A step that finished before a run was killed is found again by its key and not
repeated; one that did not finish left nothing, because its folder gets its name
only when it is complete.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from fraud_pipeline.core.threads import N_THREADS
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.schema.artefacts import Artefact, ChunkedTable, StepOutput, Unpublished
from fraud_pipeline.store import files

_DONE = "done.json"
_Written: TypeAlias = tuple[str, str, int]  # name, SHA-256, rows


def key_of(*parts: Any) -> str:
    """A short content key: the first 16 hex digits of a SHA-256 over the parts."""
    return hashlib.sha256(files.dump_json(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Staged:
    """One finished step: its artefacts on disk and what it cost."""

    folder: Path
    cost: dict[str, float]

    def path(self, artefact: str) -> Path | None:
        """Where an artefact stands as it will be published; None if the step did not make it."""
        return next((p for p in self._paths(artefact) if p.suffix != files.MAPPED), None)

    def table(self, artefact: str) -> pa.Table | None:
        """A table as the later steps read it; None if the step did not make it."""
        paths = sorted(self._paths(artefact))  # the mapped one before Parquet
        return files.read_table(paths[0]) if paths else None

    def published(self) -> dict[str, Path]:
        """The files of the step by their path in it, without those for later steps alone."""
        paths = sorted(p for p in self.folder.rglob("*.*") if p.suffix != files.MAPPED)
        return {p.relative_to(self.folder).as_posix(): p for p in paths if p.name != _DONE}

    def _paths(self, artefact: str) -> Iterator[Path]:
        return self.folder.glob(f"{artefact}.*")


@dataclass(frozen=True)
class Staging:
    """The staging folder of a workspace."""

    folder: Path

    def find(self, step: str, key: str, *, to_publish: bool = False) -> Staged | None:
        """The finished step under ``key``; None when absent or damaged.

        A damaged one is removed: it can be made again from what went into it. ``to_publish``:
        the copies for later steps are no longer needed and not checked again.
        """
        place = self.folder / f"{step}-{key}"
        if not place.is_dir():
            return None
        try:
            if _is_intact(place, not to_publish):
                return Staged(place, files.read_json(place / _DONE)["cost"])
        except (FraudPipelineError, OSError, KeyError):
            pass  # an incomplete record: damaged
        shutil.rmtree(place, ignore_errors=True)
        return None

    def keep(
        self,
        step: str,
        key: str,
        artefacts: Mapping[str, StepOutput],
        resources: Callable[[], dict[str, float]],
    ) -> Staged:
        """Stores a step's artefacts; complete under its name, or not there at all.

        In the order of ``artefacts``: a chunked table is made while it is written, and a
        deferred one is written after it. ``resources`` is called at the end; its result is the
        cost of the step, with the ``rows`` written unless it counts them itself.
        """
        place = self.folder / f"{step}-{key}"
        temporary = self.folder / f".{step}-{key}.tmp"
        with files.writing(place):
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
        try:
            written = _write_all(temporary, artefacts)
            digests = {name: digest for name, digest, _ in written}
            cost = {"rows": sum(rows for _, _, rows in written), **resources()}
            files.write_json(temporary / _DONE, {"files": digests, "cost": cost})
            with files.writing(place):
                temporary.rename(place)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        return Staged(place, cost)

    def clear(self) -> None:
        """Removes all staged steps; called once a run is published."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _write_all(folder: Path, artefacts: Mapping[str, StepOutput]) -> list[_Written]:
    """Name, SHA-256 and rows of every file; files of whole tables are written two at a time.

    A table is written twice: as it will be published, and for the steps that follow.
    """
    with ThreadPoolExecutor(N_THREADS) as pool:
        jobs: list[Future[_Written]] = []
        for name, output in artefacts.items():
            artefact = output() if callable(output) else output
            if isinstance(artefact, Unpublished):
                jobs.append(pool.submit(_mapped, folder, name, artefact.table, counts=True))
                continue
            if isinstance(artefact, pa.Table):
                artefact = artefact.combine_chunks()
                jobs.append(pool.submit(_mapped, folder, name, artefact, counts=False))
            jobs.append(pool.submit(_write, folder, name, artefact))
            if isinstance(artefact, ChunkedTable):  # a deferred table follows it
                jobs[-1].result()
        return [job.result() for job in jobs]


def _write(folder: Path, name: str, artefact: Artefact | ChunkedTable) -> _Written:
    n_rows = 0
    if isinstance(artefact, pa.Table | ChunkedTable):
        path = folder / f"{name}.parquet"
        n_rows = files.write_table(path, artefact)
    elif isinstance(artefact, str):
        path = folder / f"{name}.html"
        files.write_bytes(path, artefact.encode())
    else:
        path = folder / f"{name}.json"
        files.write_json(path, artefact)
    return path.relative_to(folder).as_posix(), files.sha256_of(path), n_rows


def _mapped(folder: Path, name: str, table: pa.Table, *, counts: bool) -> _Written:
    """``counts``: whether its rows are the step's, or stand in the published file as well."""
    path = folder / f"{name}{files.MAPPED}"
    n_rows = files.write_mapped(path, table)
    return path.relative_to(folder).as_posix(), files.sha256_of(path), n_rows if counts else 0


def _is_intact(place: Path, mapped: bool) -> bool:
    """Whether the files of a step are those that its record lists, with their hashes.

    ``mapped``: the copies for later steps as well.
    """
    recorded = files.read_json(place / _DONE)["files"]
    present = {p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()}
    if present != {*recorded, _DONE}:
        return False
    checked = {
        n: digest for n, digest in recorded.items() if mapped or Path(n).suffix != files.MAPPED
    }
    with ThreadPoolExecutor(N_THREADS) as pool:
        digests = list(pool.map(files.sha256_of, (place / name for name in checked)))
    return digests == list(checked.values())
