"""Workbooks to grids: every wanted sheet, merged cells, cached values of formulas.

Nothing in a workbook is run: of a formula the value it last had is read, links to
other files are not followed. A sheet is measured before it is opened, because one
cell in the last corner makes a table of seventeen thousand million cells.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import headers
from fraud_pipeline.ingest.archives import measure
from fraud_pipeline.ingest.coded import Coded
from fraud_pipeline.ingest.grids import HEADER_SEARCH, Grid, Merged, number_text, without_blank_rows
from fraud_pipeline.ingest.oldbooks import measure_old
from fraud_pipeline.schema.source import Source

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".ods", ".xls")
_CHUNK = 20_000  # rows turned to columns at a time


def read_with_its_reader(
    source: Source, wanted: frozenset[str], foreign: frozenset[str], max_cells: int
) -> list[Grid]:
    """As :func:`read`, by the source's own reader where it has one."""
    return (source.workbook_reader or read)(source, wanted, foreign, max_cells)


def read(
    source: Source, wanted: frozenset[str], foreign: frozenset[str], max_cells: int
) -> list[Grid]:
    """The grids of a workbook: of the sheets named as wanted, or of all if none is."""
    data = source.data or b""
    archive_remarks: tuple[str, ...] = ()
    if source.suffix != ".xls" or data.startswith(b"PK"):
        archive_remarks = measure(data, source.name, max_cells)
    else:
        measure_old(data, source.name)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        hidden = {
            m.name for m in workbook.sheets_metadata if m.visible is not SheetVisibleEnum.Visible
        }
        wanted_sheets = [n for n in workbook.sheet_names if n.strip().lower() in wanted]
        grids = [_sheet(source.name, name, workbook.get_sheet_by_name(name), foreign, max_cells)
                 for name in wanted_sheets or workbook.sheet_names]  # fmt: skip
        unread = sorted(set(workbook.sheet_names) - set(wanted_sheets)) if wanted_sheets else []
    except InputError:
        raise
    except (CalamineError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise InputError("not a readable workbook", file=source.name) from error
    except BaseException as error:  # the reader is compiled: a panic in it is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise InputError("not a readable workbook", file=source.name) from None
    filled: list[Grid] = []
    for grid in (g for g in grids if g is not None):
        remarks = [] if filled else list(archive_remarks)
        if grid.sheet in hidden:
            remarks.append("the sheet is hidden in the workbook, and was read")
        if unread and not filled:
            remarks.append(f"other sheets of the workbook were not read: {', '.join(unread)}")
        filled.append(replace(grid, remarks=tuple(remarks)))
    return filled


def is_text(data: bytes) -> bool:
    """Whether an .xls is a text file under another name: lines, and no zeros but those of UTF-16."""
    start = data[:4096]
    if b"\n" not in start:
        return False
    if start.startswith(
        (b"\xd0\xcf", b"PK", b"\x09\x08", b"\x09\x00", b"\x09\x02", b"\x09\x04", b"<")
    ):
        return False
    return start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" not in start


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
    columns = [Coded.of(pa.concat_arrays([part[k] for part in parts])) for k in range(width)]
    n_body = len(columns[0]) if columns else 0
    columns_kept, rows = without_blank_rows(
        columns, np.arange(skip + 1, skip + 1 + n_body, dtype=np.int64)
    )
    begins = int(sheet.start[1]) if sheet.start else 0  # rows come from the first used column on
    return Grid(file, name, tuple(header), columns_kept, rows, first_column=begins,
                merged=_merged(sheet, rows, begins, width), unit=headers.title_unit(first[:at]))  # fmt: skip


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


def _merged(sheet: CalamineSheet, rows: np.ndarray, begins: int, width: int) -> tuple[Merged, ...]:
    """Ranges merged over several rows of the body, as positions in ``rows``."""
    merged_ranges = []
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        first, last = np.searchsorted(rows, [top + 1, bottom + 2])
        at = int(left) - begins
        if 0 <= at < width and last - first > 1 and rows[first] == top + 1:
            merged_ranges.append(Merged(at, int(first), int(last) - 1))
    return tuple(merged_ranges)


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
