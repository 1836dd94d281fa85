"""What was set aside and what was repaired, written down row by row as it happens."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from fraud_pipeline.ingest.grids import Grid
from fraud_pipeline.records.outputs import QUARANTINE, REPAIRS

ROW_LOST = "the row was set aside"
CELL_LOST = "the cell was left empty, the row kept"


class Notebook:
    """Collects quarantine and repair entries of one load."""

    def __init__(self) -> None:
        self._quarantine: list[tuple[object, ...]] = []
        self._repairs: list[tuple[object, ...]] = []

    def set_aside(
        self, table: str, grid: Grid, row: int, column: str | None, value: str | None, reason: str, detail: str
    ) -> None:
        self._quarantine.append((table, grid.file, grid.sheet, row, column, value, reason, detail))

    def repaired(
        self, table: str, grid: Grid, rows: Iterable[tuple[int, str | None, str | None, str]], column: str
    ) -> None:
        """``rows``: row number, cell before, value after, kind."""
        self._repairs += [
            (table, grid.file, grid.sheet, row, column, before, after, kind)
            for row, before, after, kind in rows
        ]

    def quarantine(self) -> pa.Table:
        return _table(self._quarantine, QUARANTINE.arrow)

    def repairs(self) -> pa.Table:
        return _table(self._repairs, REPAIRS.arrow)


def _table(entries: list[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*entries, strict=True)) if entries else [()] * len(schema)
    arrays = [pa.array(list(c), f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)
