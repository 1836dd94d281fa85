"""Simulated worlds on disk: the tables as a bureau would hand them in, and the answers in files of their own.

A world may come in parts (a country province by province): each part is written and
dropped, so that memory is that of the largest part whatever the whole is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from fraud_pipeline.errors import WorkspaceError
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.store import files

Form = Literal["csv", "parquet"]
_PARQUET = {"compression": "zstd", "version": "2.6"}
_GROUP = 1 << 20  # rows of a row group at most


class World(Protocol):
    """What the simulator hands over."""

    @property
    def tables(self) -> Mapping[str, pa.Table]: ...
    @property
    def truth(self) -> pa.Table: ...
    @property
    def roles(self) -> pa.Table: ...
    @property
    def groups(self) -> pa.Table: ...


def write_world(world: World, to: Path) -> None:
    """One whole world; see :func:`write_parts`."""
    write_parts([world], to)


def write_parts(parts: Iterable[World], to: Path, form: Form = "csv") -> int:
    """All input tables as ``<table>.<form>`` under ``to``, and, never read by
    ``score``, ``truth.parquet``, ``roles.parquet`` and ``lookalikes.parquet``.

    Returns the number of claims. The folder appears whole or not at all; one that holds
    something is refused with WorkspaceError.
    """
    with files.writing(to):
        if to.is_dir() and any(to.iterdir()):
            raise WorkspaceError(f"{to}: the folder is not empty; nothing was written")
        temporary = to.with_name(f".{to.name}.tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        try:
            temporary.mkdir(parents=True)
            n_claims = _write(parts, temporary, form)
            if to.is_dir():
                to.rmdir()
            temporary.rename(to)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    return n_claims


def answers_of(world: World) -> dict[str, pa.Table]:
    """What is true of a world, by the name of its file."""
    return {"truth": world.truth, "roles": world.roles, "lookalikes": world.groups}


def _write(parts: Iterable[World], folder: Path, form: Form) -> int:
    writers: dict[str, pq.ParquetWriter | pacsv.CSVWriter] = {}
    n_claims = 0
    with ExitStack() as stack:
        for world in parts:
            n_claims += world.tables["claims"].num_rows
            for name, table, ending in _files(world, form):
                if name not in writers:
                    path = folder / f"{name}.{ending}"
                    writers[name] = stack.enter_context(_writer(path, table.schema))
                if isinstance(writers[name], pq.ParquetWriter):
                    writers[name].write_table(table.combine_chunks(), row_group_size=_GROUP)
                else:
                    writers[name].write_table(table)
    return n_claims


def _files(world: World, form: Form) -> Iterable[tuple[str, pa.Table, str]]:
    for name, schema in INPUT_TABLES.items():
        plain = world.tables[name].select([n for n in schema.names if "source_" not in n])
        yield name, plain.replace_schema_metadata(None), form
    for name, table in answers_of(world).items():
        yield name, table.replace_schema_metadata(None), "parquet"


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter | pacsv.CSVWriter:
    if path.suffix == ".csv":
        return pacsv.CSVWriter(path, schema)
    return pq.ParquetWriter(path, schema, **_PARQUET)
