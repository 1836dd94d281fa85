"""Simulated input with errors on disk: files as bureaus would hand them in, and the truth about them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from fraud_pipeline.errors import WorkspaceError
from fraud_pipeline.store import files as storage


class HandedIn(Protocol):
    """What the simulator hands over: files by name, and what stands in them."""

    @property
    def files(self) -> Mapping[str, bytes]: ...
    @property
    def rows(self) -> pa.Table: ...
    @property
    def cells(self) -> pa.Table: ...


def write_handed_in(
    handed_in: HandedIn, truth: pa.Table, to: Path, answers: Mapping[str, pa.Table] | None = None
) -> None:
    """The files, ``truth.parquet``, ``truth_rows.parquet`` and ``truth_cells.parquet`` under ``to``.

    ``answers`` are further tables of the truth by name, e.g. roles. The folder appears whole or not at all; one that holds something is refused.
    """
    with storage.writing(to):
        if to.is_dir() and any(to.iterdir()):
            raise WorkspaceError(f"{to}: the folder is not empty; nothing was written")
        temporary = to.with_name(f".{to.name}.tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        for name, data in handed_in.files.items():
            (temporary / name).write_bytes(data)
        tables = {
            **(answers or {}),
            "truth": truth,
            "truth_rows": handed_in.rows,
            "truth_cells": handed_in.cells,
        }
        for name, table in tables.items():
            storage.write_table(temporary / f"{name}.parquet", table)
        if to.is_dir():
            to.rmdir()
        temporary.rename(to)
