"""What was quarantined and what was repaired, written down as it happens, column by column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from fraud_pipeline.schema.outputs import QUARANTINE, REPAIRS

ROW_LOST = "the row was quarantined"
CELL_LOST = "the cell was left empty, the row kept"


@dataclass(frozen=True)
class Where:
    """The table of the contract and the file and sheet that rows come from."""

    table: str
    file: str
    sheet: str | None


class Notebook:
    """Collects quarantine and repair entries of one load, and counts the rows quarantined."""

    def __init__(self) -> None:
        self._quarantine: list[pa.Table] = []
        self._repairs: list[pa.Table] = []
        self._lost: dict[Where, list[np.ndarray]] = {}

    def lose_rows(
        self, where: Where, rows: np.ndarray, column: str | None, values: pa.Array,
        reasons: pa.Array | str, detail: pa.Array | str | None = None,
    ) -> None:  # fmt: skip
        """Whole rows: their numbers, the cell that was the reason, why, and a remark of its own."""
        if detail is None:
            detail = ROW_LOST
        self._write(where, rows, column, values, reasons, detail)
        self._lost.setdefault(where, []).append(rows)

    def lose_cells(
        self, where: Where, rows: np.ndarray, column: str, values: pa.Array, reasons: pa.Array | str
    ) -> None:
        """Single cells of rows that stay."""
        self._write(where, rows, column, values, reasons, CELL_LOST)

    def _write(
        self, where: Where, rows: np.ndarray, column: str | None, values: pa.Array,
        reasons: pa.Array | str, detail: pa.Array | str,
    ) -> None:  # fmt: skip
        self._quarantine.append(
            _entries(QUARANTINE.arrow, where, rows, column, (values, reasons, detail))
        )

    def repaired(
        self, where: Where, rows: np.ndarray, column: str | None, before: pa.Array | str | None,
        after: pa.Array | str | None, kinds: pa.Array | str,
    ) -> None:  # fmt: skip
        """Cells that were put right: their rows, the text before and after, the kind."""
        self._repairs.append(_entries(REPAIRS.arrow, where, rows, column, (before, after, kinds)))

    def rows_lost(self, table: str) -> int:
        """How many different rows of a table were quarantined."""
        places = [parts for where, parts in self._lost.items() if where.table == table]
        return sum(len(np.unique(np.concatenate(parts))) for parts in places)

    def quarantine(self) -> pa.Table:
        return _sorted(self._quarantine, QUARANTINE.arrow)

    def repairs(self) -> pa.Table:
        return _sorted(self._repairs, REPAIRS.arrow)


def _entries(
    schema: pa.Schema, where: Where, rows: np.ndarray, column: str | None,
    more: tuple[pa.Array | str | None, ...],
) -> pa.Table:  # fmt: skip
    n = len(rows)
    cells = (where.table, where.file, where.sheet, pa.array(rows, pa.int64()), column, *more)
    arrays = [
        c if isinstance(c, pa.Array) else pa.repeat(pa.scalar(c, f.type), n)
        for c, f in zip(cells, schema, strict=True)
    ]
    return pa.table([a.cast(f.type) for a, f in zip(arrays, schema, strict=True)], schema=schema)


def _sorted(parts: list[pa.Table], schema: pa.Schema) -> pa.Table:
    """By table, place and row; entries of one cell in the order they were written."""
    whole = pa.concat_tables([schema.empty_table(), *parts]).combine_chunks()
    keys = [(name, "ascending") for name in ("table", "file", "sheet", "row")]
    return whole.sort_by(keys) if whole.num_rows else whole
