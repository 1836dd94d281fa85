"""Workbooks to grids: every wanted sheet, merged cells, cached values of formulas.

Nothing in a workbook is run: of a formula the value it last had is read, links to
other files are not followed. A sheet is measured before it is opened, because one
cell in the last corner makes a table of seventeen thousand million cells.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import headers
from fraud_pipeline.ingest.grids import HEADER_SEARCH, Grid, Merged, number_text, without_blank_rows
from fraud_pipeline.records.source import Source

_CHUNK = 20_000  # rows turned to columns at a time
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"  # .xls, and every workbook with a password
_ROW = re.compile(rb'<(?:x:)?row [^>]*?r="(\d+)"')
_WIDE = re.compile(rb' r="([A-Z]{2,3})\d+"')


def read(
    source: Source, wanted: frozenset[str], foreign: frozenset[str], max_cells: int
) -> list[Grid]:
    """The grids of a workbook: of the sheets named as wanted, or of all if none is."""
    data = source.data or b""
    if source.suffix == ".xlsx":
        _measure(data, source.name, max_cells)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        hidden = {m.name for m in book.sheets_metadata if m.visible is not SheetVisibleEnum.Visible}
        named = [n for n in book.sheet_names if n.strip().lower() in wanted]
        grids = [_sheet(source.name, name, book.get_sheet_by_name(name), foreign, max_cells)
                 for name in named or book.sheet_names]  # fmt: skip
        unread = sorted(set(book.sheet_names) - set(named)) if named else []
    except InputError:
        raise
    except (CalamineError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise InputError("not a readable workbook", file=source.name) from error
    except BaseException as error:  # the reader is compiled: a panic in it is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise InputError("not a readable workbook", file=source.name) from None
    found: list[Grid] = []
    for grid in (g for g in grids if g is not None):
        said = ["the sheet is hidden in the workbook, and was read"] if grid.sheet in hidden else []
        if unread and not found:
            said.append(f"other sheets of the workbook were not read: {', '.join(unread)}")
        found.append(replace(grid, remarks=tuple(said)))
    return found


def _measure(data: bytes, name: str, max_cells: int) -> None:
    """Raises InputError for what unpacks to more than a spreadsheet can sensibly be."""
    if data.startswith(_COMPOUND_FILE):
        raise InputError(
            "the workbook has a password or is an old .xls under another name", file=name
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(e.file_size for e in entries) > 40 * max_cells:
                raise InputError("the workbook unpacks to more than can be read", file=name)
            for entry in entries:
                if not entry.filename.startswith("xl/worksheets/sheet"):
                    continue
                rows, columns = _extent(archive.open(entry))
                if rows * columns > max_cells:
                    raise InputError(
                        f"a sheet reaches to row {rows}, column {columns}: too many cells",
                        file=name,
                    )
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        zlib.error,
    ) as error:
        raise InputError("not a readable workbook", file=name) from error


def _extent(stream: Any) -> tuple[int, int]:
    """(last row, last column) that the cells of a sheet name, read in pieces."""
    rows, columns, tail = 1, 26, b""
    while piece := stream.read(1 << 20):
        text = tail + piece
        rows = max([rows, *map(int, _ROW.findall(text))])
        columns = max([columns, *map(_column_number, set(_WIDE.findall(text)))])
        tail = text[-200:]
    return rows, columns


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet(
    file: str, name: str, sheet: CalamineSheet, foreign: frozenset[str], max_cells: int
) -> Grid | None:
    if sheet.total_height * sheet.total_width > max_cells:
        raise InputError("too many cells", file=file, sheet=name)
    chunks = _chunks(sheet.iter_rows())
    first = next(chunks, None)
    if first is None:
        return None
    at, n_rows, header = headers.find(first[:HEADER_SEARCH], foreign)
    while header and not header[-1]:
        header.pop()
    if not header:
        return None
    width, skip = len(header), at + n_rows
    parts = [_columns(first[skip:], width), *(_columns(chunk, width) for chunk in chunks)]
    columns = [pa.concat_arrays([part[k] for part in parts]) for k in range(width)]
    n_body = len(columns[0]) if columns else 0
    columns, rows = without_blank_rows(
        columns, np.arange(skip + 1, skip + 1 + n_body, dtype=np.int64)
    )
    return Grid(file, name, tuple(header), tuple(columns), rows, merged=_merged(sheet, rows, width))


def _chunks(rows: Iterable[list[Any]]) -> Iterator[list[list[str]]]:
    chunk: list[list[str]] = []
    for row in rows:
        chunk.append([_cell(c) for c in row])
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _columns(rows: list[list[str]], width: int) -> list[pa.Array]:
    across = list(zip(*rows, strict=True)) if rows else [()] * width
    return [pa.array(across[k], pa.string()) for k in range(width)]


def _merged(sheet: CalamineSheet, rows: np.ndarray, width: int) -> tuple[Merged, ...]:
    """Ranges merged over several rows of the body, as positions in ``rows``."""
    found = []
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        first, last = np.searchsorted(rows, [top + 1, bottom + 2])
        if left < width and last - first > 1 and rows[first] == top + 1:
            found.append(Merged(int(left), int(first), int(last) - 1))
    return tuple(found)


def _cell(value: object) -> str:
    """A spreadsheet cell as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime):
        text = value.isoformat(sep=" ")
        return text.removesuffix(" 00:00:00")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
