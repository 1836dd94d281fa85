"""Bytes to grids of text cells: one way in, whatever the source.

Everything becomes text first, whatever the source's own types, so that there is
one way from a cell to a value and the cell can be shown as it stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest.coded import Coded
from fraud_pipeline.schema.source import Source

HEADER_SEARCH = 20  # rows looked through for the header under titles
MAX_TEXT_BYTES = 2 << 30  # of all cells of a file together
EXACT_FLOAT = 1e15  # beyond this a spreadsheet's number has lost digits


SAME_NAME = "columns of one name, numbered from the second on"


@dataclass(frozen=True)
class Merged:
    """Cells merged downwards: the value stands in the first of these rows only."""

    column: int
    first: int  # positions in the grid, inclusive
    last: int


@dataclass(frozen=True)
class Grid:
    """A sheet's cells below its header: columns of text, and the row number of each row."""

    file: str
    sheet: str | None
    header: tuple[str, ...]
    columns: tuple[Coded, ...]
    rows: np.ndarray  # int64, 1 = first row of the file or sheet
    broken: tuple[tuple[int, str], ...] = ()  # rows that are no rows: number, text
    merged: tuple[Merged, ...] = ()
    padded: tuple[int, ...] = ()  # numbers of rows that had empty cells too many or too few
    remarks: tuple[str, ...] = ()
    first_column: int = 0  # of the sheet, where the table does not begin in column A
    unit: Decimal | None = (
        None  # factor to yuan of amounts whose header names none: 单位：万元 above
    )

    def __post_init__(self) -> None:
        """A name that stands over several columns is numbered from the second on, and said."""
        names = [name.strip() for name in self.header]
        several = [n for n in dict.fromkeys(names) if n and names.count(n) > 1]
        if not several:
            return
        numbered = [
            f"{name} ({names[: k + 1].count(name)})"
            if name in several and name in names[:k]
            else header
            for k, (name, header) in enumerate(zip(names, self.header, strict=True))
        ]
        remark = f"{SAME_NAME}: {', '.join(several)}"
        object.__setattr__(self, "header", tuple(numbered))
        object.__setattr__(self, "remarks", (*self.remarks, remark))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def place(self) -> str:
        """File and sheet for a remark."""
        return f"{self.file}, sheet {self.sheet}" if self.sheet else self.file


def without_blank_rows(
    columns: Sequence[Coded], rows: np.ndarray
) -> tuple[tuple[Coded, ...], np.ndarray]:
    """Columns and row numbers without the rows in which every cell is empty."""
    blank = np.ones(len(rows), dtype=bool)
    for column in columns:
        blank &= column.rows(column.is_empty())
        if not blank.any():
            return tuple(columns), rows
    nonblank_rows = np.flatnonzero(~blank)
    return tuple(column.moved(nonblank_rows) for column in columns), rows[nonblank_rows]


def parquet(source: Source, max_cells: int) -> Grid:
    """A Parquet file as text. Raises InputError for a torn or absurdly large one."""
    try:
        data = pa.BufferReader(source.data or b"")
        texts = [f.name for f in pq.read_schema(data) if f.type in (pa.string(), pa.large_string())]
        file = pq.ParquetFile(data, read_dictionary=texts)  # a word repeated is held once
        about = file.metadata
        if about.num_rows * about.num_columns > max_cells:
            raise InputError(
                f"{about.num_rows} rows of {about.num_columns} columns are too many",
                file=source.name,
            )
        table = file.read()
        if sum(map(_text_bytes, table.columns)) > MAX_TEXT_BYTES:
            raise InputError("the cells hold more text than can be read", file=source.name)
        return typed(source.name, table)
    except (pa.ArrowException, OSError) as error:
        raise InputError("not a readable Parquet file", file=source.name) from error


def _text_bytes(column: pa.ChunkedArray) -> int:
    """How many bytes the words of a dictionary column take once they stand in every row."""
    total = 0
    for chunk in column.chunks:
        if pa.types.is_dictionary(chunk.type) and len(chunk):
            lengths = pc.binary_length(chunk.dictionary).take(chunk.indices)
            total += pc.sum(lengths.cast(pa.int64())).as_py() or 0
    return total


def typed(name: str, table: pa.Table) -> Grid:
    """A typed table as text; the header counts as row 1, as in a file."""
    columns = []
    for header, column in zip(table.column_names, table.columns, strict=True):
        try:
            columns.append(_coded(column))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise InputError(
                f"cells of type {column.type} cannot be read", file=name, column=header
            ) from error
    rows = np.arange(2, table.num_rows + 2, dtype=np.int64)
    columns_kept, rows = without_blank_rows(columns, rows)
    return Grid(name, None, tuple(table.column_names), columns_kept, rows)


def _coded(column: pa.ChunkedArray) -> Coded:
    """The cells as text; each distinct value is written out once."""
    whole = column.unify_dictionaries().combine_chunks()
    whole = pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole
    if not pa.types.is_dictionary(whole.type):
        plain = pa.types.is_primitive(whole.type) or pa.types.is_decimal(whole.type)
        whole = (whole if plain else whole.cast(pa.string())).dictionary_encode()
    return Coded.of(pa.DictionaryArray.from_arrays(whole.indices, _as_text(whole.dictionary)))


def _as_text(values: pa.Array) -> pa.Array:
    text = values.cast(pa.string())
    if pa.types.is_floating(values.type):
        text = _without_exponent(text)
    if pa.types.is_timestamp(values.type):  # midnight is how a date is stored, not a time
        text = pc.replace_substring_regex(text, r" 00:00:00(\.0+)?$", "")
    return text


def _without_exponent(text: pa.Array) -> pa.Array:
    """Numbers that a float holds exactly, written out: 1.2345678901234e+11 -> 123456789012.34."""
    short = pc.fill_null(pc.match_substring(text, "e"), False)
    if not pc.any(short, min_count=0).as_py():
        return text
    written = [number_text(float(t)) for t in text.filter(short).to_pylist()]
    return pc.replace_with_mask(text, short, pa.array(written, pa.string()))


def number_text(value: float) -> str:
    """A spreadsheet's number as text; one too long for a float shows that it lost digits."""
    if not abs(value) < EXACT_FLOAT:
        return repr(value)
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
