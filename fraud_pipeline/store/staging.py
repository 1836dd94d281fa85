"""Half-done work: each step's results under a key of everything that went into it.

A step that finished before a run was killed is found again by its key and not
repeated; one that did not finish left nothing, because its folder gets its name
only when it is complete.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.records.parts import Later, Parts
from fraud_pipeline.store import files
from fraud_pipeline.threads import AT_A_TIME

Artefact: TypeAlias = pa.Table | dict[str, Any] | str
Made: TypeAlias = Artefact | Parts | Later


def key_of(*parts: Any) -> str:
    """A short content key: the first 16 hex digits of a SHA-256 over the parts."""
    return hashlib.sha256(files.dump_json(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Staged:
    """One finished step: its artefacts on disk and what it cost."""

    folder: Path
    cost: dict[str, float]

    def path(self, artefact: str) -> Path:
        return next(self.folder.glob(f"{artefact}.*"))

    def read(self, artefact: str) -> Artefact:
        path = self.path(artefact)
        if path.suffix == ".parquet":
            return files.read_table(path)
        return files.read_json(path) if path.suffix == ".json" else path.read_text("utf-8")


@dataclass(frozen=True)
class Staging:
    """The staging folder of a workspace."""

    folder: Path

    def find(self, step: str, key: str) -> Staged | None:
        """The finished step under ``key``; None when absent or damaged.

        A damaged one is removed: it can be made again from what went into it.
        """
        place = self.folder / f"{step}-{key}"
        if not place.is_dir():
            return None
        try:
            done = files.read_json(place / "done.json")
            present = {p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()}
            intact = present == {*done["files"], "done.json"} and all(
                files.sha256_of(place / name) == digest for name, digest in done["files"].items()
            )
        except (FraudPipelineError, OSError, KeyError):
            intact = False
        if not intact:
            shutil.rmtree(place, ignore_errors=True)
            return None
        return Staged(place, done["cost"])

    def keep(
        self,
        step: str,
        key: str,
        artefacts: Mapping[str, Made],
        spent: Callable[[], dict[str, float]],
    ) -> Staged:
        """Stores a step's artefacts; complete under its name, or not there at all.

        In the order given: a table in parts is made while it is written, and one that is
        known only then comes after it. ``spent`` is asked at the end; its cost then gets the
        ``rows`` written, unless it counts them itself.
        """
        place = self.folder / f"{step}-{key}"
        temporary = self.folder / f".{step}-{key}.tmp"
        with files.writing(place):
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
        try:
            written = _write_all(temporary, artefacts)
            digests = {name: digest for name, digest, _ in written}
            cost = {"rows": sum(rows for _, _, rows in written), **spent()}
            files.write_json(temporary / "done.json", {"files": digests, "cost": cost})
            with files.writing(place):
                temporary.rename(place)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        return Staged(place, cost)

    def clear(self) -> None:
        """Drops all half-done work; called once a run is published."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _write_all(folder: Path, artefacts: Mapping[str, Made]) -> list[tuple[str, str, int]]:
    """Name, SHA-256 and rows of every file; whole tables are written two at a time."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        jobs: list[Future[tuple[str, str, int]]] = []
        for name, made in artefacts.items():
            artefact = made() if callable(made) else made
            jobs.append(pool.submit(_write, folder, name, artefact))
            if isinstance(artefact, Parts):  # what is known only afterwards follows it
                jobs[-1].result()
        return [job.result() for job in jobs]


def _write(folder: Path, name: str, artefact: Artefact | Parts) -> tuple[str, str, int]:
    n_rows = 0
    if isinstance(artefact, pa.Table | Parts):
        path = folder / f"{name}.parquet"
        n_rows = files.write_table(path, artefact)
    elif isinstance(artefact, str):
        path = folder / f"{name}.html"
        files.write_bytes(path, artefact.encode())
    else:
        path = folder / f"{name}.json"
        files.write_json(path, artefact)
    return path.relative_to(folder).as_posix(), files.sha256_of(path), n_rows
