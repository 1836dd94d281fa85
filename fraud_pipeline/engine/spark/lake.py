"""Tables as folders ``NAME/programme=P/month=YYYY-MM/part.parquet`` that every machine sees.

A file holds the rows of one programme and month, sorted by the table's key and written under
its final name in one rename: a task that Spark runs twice writes the same bytes twice. What
belongs to no programme (parties, payments) or bears no date stands under ``all``.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from fraud_pipeline.store import files

ALL = "all"
PLACE = ("part_programme", "part_month")  # helper columns that say where a row is to stand


@dataclass(frozen=True)
class Lake:
    """The partitioned tables of one run under ``folder``."""

    folder: Path

    def path(self, name: str) -> Path:
        return self.folder / name

    def file(self, name: str, programme: str, month: str) -> Path:
        # a programme's name comes from the data: it must not climb out of its folder
        inside = f"programme={quote(programme, safe='')}/month={quote(month, safe='')}"
        return self.path(name) / inside / "part.parquet"

    def has(self, name: str) -> bool:
        """Whether the table was written whole (:meth:`seal`)."""
        return (self.path(name) / "_SUCCESS").is_file()

    def begin(self, name: str) -> None:
        shutil.rmtree(self.path(name), ignore_errors=True)
        self.path(name).mkdir(parents=True)

    def drop(self, name: str) -> None:
        shutil.rmtree(self.path(name), ignore_errors=True)

    def seal(self, name: str) -> None:
        files.write_bytes(self.path(name) / "_SUCCESS", b"")

    def put(self, name: str, placed: pa.Table) -> None:
        """Writes a whole table that has the two helper columns; from one process."""
        self.begin(name)
        for rows in split(placed):
            self.write(name, rows)
        if placed.num_rows == 0:
            self.write_empty(name, placed.drop_columns(list(PLACE)).schema)
        self.seal(name)

    def write(self, name: str, rows: pa.Table) -> Path:
        """One file of rows of one programme and month."""
        programme, month = (rows[column][0].as_py() for column in PLACE)
        path = self.file(name, programme, month)
        files.write_table(path, rows.drop_columns(list(PLACE)))
        return path

    def write_empty(self, name: str, schema: pa.Schema) -> None:
        """So that the columns of a table without rows are known."""
        files.write_table(self.file(name, ALL, ALL), schema.empty_table())

    def read(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """The whole table, files in the order of their names."""
        paths = [p.as_posix() for p in sorted(self.path(name).rglob("*.parquet"))]
        # partitioning off: the folder names repeat a column the files have
        return ds.dataset(paths, format="parquet", partitioning=None).to_table(columns=columns)

    def having(self, name: str, column: str, value: str) -> pa.Table:
        """The rows with one value; of the others only the statistics are read."""
        paths = [p.as_posix() for p in sorted(self.path(name).rglob("*.parquet"))]
        dataset = ds.dataset(paths, format="parquet", partitioning=None)
        return dataset.to_table(filter=ds.field(column) == value)

    def keep(self, folder: str, name: str, table: pa.Table) -> None:
        """Puts aside what only the tasks of one step read, as it lies in memory, not parted."""
        files.write_mapped(self._mapped_file(folder, name), table)

    def has_mapped(self, folder: str, name: str) -> bool:
        return self._mapped_file(folder, name).is_file()

    def read_kept(self, folder: str, name: str) -> pa.Table:
        """The table mapped: only what is looked at is read."""
        return files.read_table(self._mapped_file(folder, name))

    def _mapped_file(self, folder: str, name: str) -> Path:
        return self.path(folder) / f"{name}{files.MAPPED}"

    def account(self) -> dict[str, str]:
        """SHA-256 of every file by its place."""
        return {
            path.relative_to(self.folder).as_posix(): files.sha256_of(path)
            for path in sorted(self.folder.rglob("*.parquet"))
        }


def split(placed: pa.Table) -> list[pa.Table]:
    """The rows of each programme and month."""
    placed = placed.combine_chunks()
    marks = pc.binary_join_element_wise(placed[PLACE[0]], placed[PLACE[1]], "\0")
    return [placed.filter(pc.equal(marks, mark)) for mark in sorted(pc.unique(marks).to_pylist())]


def place(table: pa.Table, day: str | None) -> pa.Table:
    """``table`` with the helper columns: its own programme and the month of ``day``, else all."""
    everywhere = pa.array([ALL] * table.num_rows, pa.string())
    programme = (
        pc.fill_null(table["programme"], ALL) if "programme" in table.column_names else everywhere
    )
    month = pc.fill_null(month_of(table[day]), ALL) if day is not None else everywhere
    return table.append_column(PLACE[0], programme).append_column(PLACE[1], month)


def month_of(day: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dates as ``YYYY-MM``."""
    return pc.utf8_slice_codeunits(day.cast(pa.string()), 0, 7)


def place_by_claim(table: pa.Table, claims: pa.Table) -> pa.Table:
    """Rows named by ``claim_id`` stand where their claim stands."""
    at = pc.index_in(table["claim_id"], value_set=claims["claim_id"].combine_chunks())
    placed = place(claims.select(["programme", "submitted_on"]), "submitted_on")
    for name in PLACE:
        table = table.append_column(name, pc.fill_null(placed[name].take(at), ALL))
    return table
