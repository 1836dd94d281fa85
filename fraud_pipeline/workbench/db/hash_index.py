"""Shelves: the tables of a run that a page looks rows up in by key, sorted so that a look is cheap.

DuckDB plans every question anew (about a millisecond of processor time, as much as 25 of them
make a claim's page slow). A shelf is the table sorted by a hash of its key, as Arrow: a look is a
binary search and a few cells read, however large the run; as a file it is mapped, not read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

_HASH = "_hash"
_BATCH = 65_536  # rows of a stretch; a stretch is the least that is mapped at once
# The table's own order decides between rows of one key, so that a copy is the same each time.
SORTED = (
    "SELECT *, md5_number_upper({key}) AS {hash} FROM {table} WHERE {key} IS NOT NULL "
    "ORDER BY {hash}, rowid"
)


class HashIndex:
    """Rows of one table by the values of one column; safe to share between threads."""

    def __init__(self, key: str, batches: Sequence[pa.RecordBatch], schema: pa.Schema):
        self._names = [name for name in schema.names if name != _HASH]
        self._key = self._names.index(key)
        filled = [batch for batch in batches if batch.num_rows]
        self._columns = [[b.column(name) for name in self._names] for b in filled]
        self._hashes = [b.column(_HASH).to_numpy(zero_copy_only=True) for b in filled]
        # the last hash of each stretch: which stretches can hold a key
        self._last = np.array([hashes[-1] for hashes in self._hashes], dtype=np.uint64)

    def rows(self, values: Sequence[str], columns: str = "*") -> list[dict[str, Any]]:
        """Rows with one of these (distinct) keys; ``columns`` as in SELECT: names, or ``a AS b``."""
        wanted = self._wanted(columns)
        return [
            {name: cells[at][row].as_py() for name, at in wanted}
            for value in values
            for cells, row in self._found(value)
        ]

    def _wanted(self, columns: str) -> list[tuple[str, int]]:
        if columns == "*":
            return [(name, at) for at, name in enumerate(self._names)]
        pairs = (part.strip().partition(" AS ") for part in columns.split(","))
        return [(known or name, self._names.index(name)) for name, _, known in pairs]

    def _found(self, value: str) -> Iterator[tuple[list[pa.Array], int]]:
        wanted = key_hash(value)
        first = int(np.searchsorted(self._last, wanted))
        for stretch in range(first, len(self._last)):
            hashes, cells = self._hashes[stretch], self._columns[stretch]
            row = int(np.searchsorted(hashes, wanted))
            while row < len(hashes) and hashes[row] == wanted:
                # two keys may have one hash, however seldom
                if cells[self._key][row].as_py() == value:
                    yield cells, row
                row += 1
            if row < len(hashes):
                return


def key_hash(value: str) -> np.uint64:
    """The number DuckDB's md5_number_upper gives for a text."""
    digest = hashlib.md5(value.encode(), usedforsecurity=False).digest()
    return np.uint64(int.from_bytes(digest[:8], "little"))


def in_memory(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> HashIndex:
    """A shelf of a table, held in memory."""
    reader = _reader(connection, table, key)
    return HashIndex(key, list(reader), reader.schema)


def write(connection: duckdb.DuckDBPyConnection, table: str, key: str, folder: Path) -> None:
    """A shelf of a table as a file below ``folder``."""
    reader = _reader(connection, table, key)
    place = str(_place(folder, table, key))
    with pa.OSFile(place, "wb") as sink, pa.ipc.new_file(sink, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)


def mapped(folder: Path, table: str, key: str) -> HashIndex:
    """The shelf that ``write`` made; its pages are read as they are needed."""
    reader = pa.ipc.open_file(pa.memory_map(str(_place(folder, table, key))))
    batches = [reader.get_batch(k) for k in range(reader.num_record_batches)]
    return HashIndex(key, batches, reader.schema)


def _reader(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> pa.RecordBatchReader:
    ordered = SORTED.format(table=table, key=key, hash=_HASH)
    return connection.sql(ordered).to_arrow_reader(_BATCH)


def _place(folder: Path, table: str, key: str) -> Path:
    return folder / f"{table}-{key}.arrow"
