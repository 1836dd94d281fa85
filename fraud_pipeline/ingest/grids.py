"""Bytes to grids of text cells: encodings, delimiters, title rows, sheets.

Everything becomes text first, whatever the source's own types, so that there is
one way from a cell to a value and the cell can be shown as it stood.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from fraud_pipeline.errors import InputError
from fraud_pipeline.records.source import Source

HEADER_SEARCH = 20  # rows looked through for the header under titles
EXACT_FLOAT = 1e15  # beyond this a spreadsheet's number has lost digits
_SNIFFED = (",", "\t", ";", "|")


@dataclass(frozen=True)
class Grid:
    """A sheet's cells below its header: columns of text, and the row number of each row."""

    file: str
    sheet: str | None
    header: tuple[str, ...]
    columns: tuple[pa.Array, ...]
    rows: np.ndarray  # int64, 1 = first row of the file or sheet
    broken: tuple[tuple[int, str], ...] = ()  # rows that are no rows: number, text
    encoding: str = "utf-8"

    def __len__(self) -> int:
        return len(self.rows)


Recognise = Callable[[str], bool]


def read(source: Source, recognise: Recognise, limit: int) -> list[Grid]:
    """The grids of a source; ``recognise`` says whether a cell is a known header.

    Raises InputError naming the file for what cannot be read at all.
    """
    if source.frame is not None:
        return [_typed(source.name, source.frame)]
    assert source.data is not None
    if not source.data.strip():
        raise InputError("the file is empty", file=source.name)
    if source.suffix == ".parquet":
        try:
            return [_typed(source.name, pq.read_table(pa.BufferReader(source.data)))]
        except pa.ArrowException as error:
            raise InputError("not a readable Parquet file", file=source.name) from error
    if source.suffix in (".xlsx", ".xls"):
        return _workbook(source, recognise)
    return [_delimited(source, recognise, limit)]


def decode(data: bytes, name: str) -> tuple[str, str]:
    """Text and encoding: UTF-8 and UTF-16 by mark, else UTF-8 if valid, else GB18030."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace"), encoding
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise InputError("neither UTF-8, UTF-16 nor GB18030 text", file=name)


def _delimited(source: Source, recognise: Recognise, limit: int) -> Grid:
    assert source.data is not None
    data, encoding = source.data, "utf-8"
    try:
        if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
            raise UnicodeDecodeError("utf-8", b"", 0, 1, "has a mark")
        start = data[: 1 << 16].decode("utf-8", "ignore")
        if not pc.string_is_ascii(pa.scalar(start)).as_py():
            data.decode("utf-8")
    except UnicodeDecodeError:
        text, encoding = decode(data, source.name)
        data = text.encode()
        start = text[: 1 << 16]
    head = list(csv.reader(io.StringIO(start), delimiter=_delimiter(start)))[:HEADER_SEARCH]
    skip = _header_row(head, recognise)
    broken: list[tuple[int, str]] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        broken.append((row.number, row.text[:500]))
        return "skip"

    names = [str(k) for k in range(len(head[skip]))]
    try:
        table = pacsv.read_csv(
            pa.BufferReader(data),
            # one thread, so that a broken row knows its number
            pacsv.ReadOptions(column_names=names, skip_rows=skip + 1, use_threads=False, block_size=limit),
            pacsv.ParseOptions(delimiter=_delimiter(start), newlines_in_values=True,
                               invalid_row_handler=set_aside),
            pacsv.ConvertOptions(column_types={n: pa.string() for n in names},
                                 strings_can_be_null=False, check_utf8=True),
        )  # fmt: skip
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            table = pa.table({n: pa.array([], pa.string()) for n in names})
        else:
            reason = str(error).split("\n", 1)[0]
            raise InputError(f"not a readable table: {reason}", file=source.name) from error
    total = table.num_rows + len(broken)
    numbers = np.setdiff1d(np.arange(skip + 2, skip + 2 + total), [n for n, _ in broken])
    columns = tuple(c.combine_chunks() for c in table.columns)
    return Grid(source.name, None, tuple(head[skip]), columns, numbers, tuple(broken), encoding)


def _delimiter(start: str) -> str:
    lines = start.split("\n", HEADER_SEARCH)[:HEADER_SEARCH]
    return max(_SNIFFED, key=lambda d: max(line.count(d) for line in lines))


def _header_row(head: list[list[str]], recognise: Recognise) -> int:
    """The row with most known headers among the first ones; titles stand above it."""
    known = [sum(recognise(cell) for cell in row) for row in head]
    return int(np.argmax(known)) if known and max(known) > 0 else 0


def _workbook(source: Source, recognise: Recognise) -> list[Grid]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(source.data or b""))
        names = book.sheet_names
        sheets = [book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in names]
    except (CalamineError, ValueError, OSError) as error:
        raise InputError("not a readable workbook", file=source.name) from error
    grids = []
    for name, rows in zip(names, sheets, strict=True):
        if not rows:
            continue
        text = [[_cell(c) for c in row] for row in rows[:HEADER_SEARCH]]
        at = _header_row(text, recognise)
        body = [(k + 1, row) for k, row in enumerate(rows) if k > at and any(c != "" for c in row)]
        columns = tuple(
            pa.array([_cell(row[k]) for _, row in body], pa.string()) for k in range(len(text[at]))
        )
        numbers = np.array([number for number, _ in body], dtype=np.int64)
        grids.append(Grid(source.name, name, tuple(text[at]), columns, numbers))
    return grids


def _cell(value: object) -> str:
    """A spreadsheet cell as text; a number too long for a float shows that it lost digits."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < EXACT_FLOAT else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)


def _typed(name: str, table: pa.Table) -> Grid:
    """A typed table as text; the header counts as row 1, as in a file."""
    columns = []
    for column in table.columns:
        whole = column.combine_chunks()
        if pa.types.is_dictionary(whole.type):
            whole = whole.dictionary_decode()
        text = whole.cast(pa.string())
        if pa.types.is_timestamp(whole.type):  # midnight is how a date is stored, not a time
            text = pc.replace_substring_regex(text, r" 00:00:00(\.0+)?$", "")
        columns.append(pc.fill_null(text, ""))
    return Grid(name, None, tuple(table.column_names), tuple(columns), np.arange(2, table.num_rows + 2))
