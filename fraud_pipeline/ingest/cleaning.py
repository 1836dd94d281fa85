"""The state of one pass over a grid."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from fraud_pipeline.ingest.grids import Grid
from fraud_pipeline.ingest.notebook import Notebook, Where
from fraud_pipeline.schema import TableSchema


class Cleaning:
    """One pass over a grid: which rows are still kept, and where to write down the others."""

    def __init__(self, grid: Grid, schema: TableSchema, notes: Notebook):
        self.grid = grid
        self.schema = schema
        self.notes = notes
        self.where = Where(schema.name, grid.file, grid.sheet)
        self.keep = np.ones(len(grid), dtype=bool)
        self.counted_rows = self.keep  # all but subtotals and rows that the mapping leaves out
        self.columns: dict[str, pa.Array] = {}
        self.months: list[tuple[str, np.ndarray]] = []  # date columns, and rows that name no day
        self.n_typed = np.zeros(len(grid), dtype=np.int64)  # filled cells that are no text
        self.n_faulty = np.zeros(len(grid), dtype=np.int64)  # those of them that cannot be read

    def lose(
        self, positions: np.ndarray, column: str | None, values: pa.Array, reasons: pa.Array | str,
        detail: str | None = None,
    ) -> None:  # fmt: skip
        if len(positions):
            self.notes.lose_rows(
                self.where, self.grid.rows[positions], column, values, reasons, detail
            )
            self.keep[positions] = False
