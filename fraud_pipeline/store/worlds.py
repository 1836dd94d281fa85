"""Simulated worlds on disk: the tables as CSV, as a bureau would hand them in, and the truth."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.csv as pacsv

from fraud_pipeline.records import INPUT_TABLES
from fraud_pipeline.store import files


class World(Protocol):
    """What the simulator hands over."""

    @property
    def tables(self) -> Mapping[str, pa.Table]: ...
    @property
    def truth(self) -> pa.Table: ...


def write_world(world: World, to: Path) -> None:
    """All input tables as ``<table>.csv`` and ``truth.parquet`` under ``to``.

    The folder appears whole or not at all; one that holds something is refused.
    """
    with files.writing(to):
        if to.is_dir() and any(to.iterdir()):
            raise FileExistsError(17, "the folder is not empty", str(to))
        temporary = to.with_name(f".{to.name}.tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        for name, schema in INPUT_TABLES.items():
            plain = world.tables[name].select([n for n in schema.names if "source_" not in n])
            pacsv.write_csv(plain, temporary / f"{name}.csv")
        files.write_table(temporary / "truth.parquet", world.truth)
        if to.is_dir():
            to.rmdir()
        temporary.rename(to)
