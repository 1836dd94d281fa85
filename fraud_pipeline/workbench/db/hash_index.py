"""Memory-mapped hash index: rows of a table by the values of one key column.

DuckDB plans every query anew, about 1 ms of processor time, and a claim's page needs about 25.
An index is the table sorted by a hash of its key, as Arrow record batches: a lookup is a binary
search and reads a few cells, however large the run. As a file it is mapped, not read.
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
_BATCH = 65_536  # rows per record batch
# Rows of one key keep the table's order, so that the index is reproducible.
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
        # the last hash of each batch: which batches can hold a key
        self._last = np.array([hashes[-1] for hashes in self._hashes], dtype=np.uint64)

    def rows(self, values: Sequence[str], columns: str = "*") -> list[dict[str, Any]]:
        """Rows with one of these (distinct) keys; ``columns`` as in SELECT: names, or ``a AS b``."""
        wanted = self._column_positions(columns)
        return [
            {name: cells[at][row].as_py() for name, at in wanted}
            for value in values
            for cells, row in self._matches(value)
        ]

    def _column_positions(self, columns: str) -> list[tuple[str, int]]:
        if columns == "*":
            return [(name, at) for at, name in enumerate(self._names)]
        pairs = (part.strip().partition(" AS ") for part in columns.split(","))
        return [(known or name, self._names.index(name)) for name, _, known in pairs]

    def _matches(self, value: str) -> Iterator[tuple[list[pa.Array], int]]:
        wanted = key_hash(value)
        first = int(np.searchsorted(self._last, wanted))
        for batch in range(first, len(self._last)):
            hashes, cells = self._hashes[batch], self._columns[batch]
            row = int(np.searchsorted(hashes, wanted))
            while row < len(hashes) and hashes[row] == wanted:
                # two keys may have the same hash
                if cells[self._key][row].as_py() == value:
                    yield cells, row
                row += 1
            if row < len(hashes):
                return


def key_hash(value: str) -> np.uint64:
    """The hash of a key, equal to DuckDB's md5_number_upper."""
    digest = hashlib.md5(value.encode(), usedforsecurity=False).digest()
    return np.uint64(int.from_bytes(digest[:8], "little"))


def build_in_memory(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> HashIndex:
    """The index of a table, in memory."""
    reader = _reader(connection, table, key)
    return HashIndex(key, list(reader), reader.schema)


def write_file(connection: duckdb.DuckDBPyConnection, table: str, key: str, folder: Path) -> None:
    """Writes the index of a table as a file in ``folder``."""
    reader = _reader(connection, table, key)
    path = str(_path(folder, table, key))
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)


def open_mapped(folder: Path, table: str, key: str) -> HashIndex:
    """Opens the index that ``write_file`` wrote; pages are read when needed."""
    reader = pa.ipc.open_file(pa.memory_map(str(_path(folder, table, key))))
    batches = [reader.get_batch(k) for k in range(reader.num_record_batches)]
    return HashIndex(key, batches, reader.schema)


def _reader(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> pa.RecordBatchReader:
    ordered = SORTED.format(table=table, key=key, hash=_HASH)
    return connection.sql(ordered).to_arrow_reader(_BATCH)


def _path(folder: Path, table: str, key: str) -> Path:
    return folder / f"{table}-{key}.arrow"
