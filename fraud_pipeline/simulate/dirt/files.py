"""Files as bureaus hand them in: text in five disguises, and workbooks laid out for print."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from fraud_pipeline.simulate.dirt.headers import HEADERS


@dataclass(frozen=True)
class Style:
    """How a file is written: ``suffix`` .csv, .tsv or .xlsx, and what stands above the data."""

    name: str
    suffix: str
    encoding: str = "utf-8"
    delimiter: str = ","
    titles: bool = False
    groups: bool = False  # a header of two rows
    chinese_name: bool = False
    merges: bool = False  # one enterprise's rows under one merged cell


STYLES = (
    Style("gb18030 csv", ".csv", "gb18030", chinese_name=True),
    Style("book for print", ".xlsx", titles=True, groups=True, merges=True, chinese_name=True),
    Style("utf-16 tsv", ".tsv", "utf-16", "\t", titles=True),
    Style("book", ".xlsx", merges=True),
    Style("csv with mark", ".csv", "utf-8-sig"),
    Style("semicolons", ".tsv", "utf-8", ";", titles=True, chinese_name=True),
)


@dataclass
class Page:
    """One sheet or text file to be: header names, rows of cells, and how rows look."""

    header: list[str]
    above: list[str]  # the group above each header, empty where there is none
    titles: list[str]
    below: list[str] = field(default_factory=list)  # a row of units under the header, if any
    rows: list[list[Any]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)  # positions in ``rows``
    merged: list[tuple[int, int, int]] = field(default_factory=list)  # column, first, last row
    computed: set[tuple[int, int]] = field(default_factory=set)  # row, column: written as a formula

    @property
    def first_row(self) -> int:
        """The number of the first row below the header, counted from 1."""
        return len(self.titles) + (2 if any(self.above) else 1) + bool(self.below) + 1


def text_file(page: Page, style: Style) -> bytes:
    """A page as delimited text in the encoding of its style; titles stand in the first cell."""
    out = io.StringIO()
    write = csv.writer(out, delimiter=style.delimiter, lineterminator="\r\n").writerow
    for title in page.titles:
        write([title] + [""] * (len(page.header) - 1))
    if any(page.above):
        write(page.above)
    write(page.header)
    if page.below:
        write(page.below)
    for row in page.rows:
        write([_text(cell) for cell in row])
    return out.getvalue().encode(style.encoding)


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return "" if cell is None else str(cell)


def workbook(pages: dict[str, Page]) -> bytes:
    """Pages as the sheets of one workbook; equal pages give equal bytes."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as workbook_out:
        workbook_out.set_properties({"created": datetime(2017, 6, 30)})  # noqa: DTZ001
        day = workbook_out.add_format({"num_format": "yyyy-mm-dd"})
        for name, page in pages.items():
            _sheet(workbook_out.add_worksheet(name), page, day)
    return out.getvalue()


def _sheet(sheet: Any, page: Page, day: Any) -> None:
    width = len(page.header)
    for at, title in enumerate(page.titles):
        sheet.merge_range(at, 0, at, width - 1, title)
    at = len(page.titles)
    if any(page.above):
        _two_rows(sheet, at, page)
        at += 1
    else:
        sheet.write_row(at, 0, page.header)
    if page.below:
        at += 1
        sheet.write_row(at, 0, page.below)
    for number, row in enumerate(page.rows):
        for column, cell in enumerate(row):
            _cell(sheet, at + 1 + number, column, cell, day, (number, column) in page.computed)
        if number in page.hidden:
            sheet.set_row(at + 1 + number, None, None, {"hidden": True})
    for column, first, last in page.merged:
        sheet.merge_range(at + 1 + first, column, at + 1 + last, column, "")
        _cell(sheet, at + 1 + first, column, page.rows[first][column], day, False)


def _two_rows(sheet: Any, at: int, page: Page) -> None:
    """A group's word merged over its columns; a column without group merged downwards."""
    column = 0
    while column < len(page.header):
        group, last = page.above[column], column
        while group and last + 1 < len(page.header) and page.above[last + 1] == group:
            last += 1
        if not group:
            sheet.merge_range(at, column, at + 1, column, page.header[column])
        elif last > column:
            sheet.merge_range(at, column, at, last, group)
        else:
            sheet.write_string(at, column, group)
        if group:
            sheet.write_row(at + 1, column, page.header[column : last + 1])
        column = last + 1


def _cell(sheet: Any, row: int, column: int, cell: Any, day: Any, computed: bool) -> None:
    if cell is None or cell == "":
        return
    if computed and isinstance(cell, Decimal):
        sheet.write_formula(row, column, "=SUM(0)", None, float(cell))
    elif isinstance(cell, Decimal | int | float):
        sheet.write_number(row, column, float(cell))
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, day)
    else:
        sheet.write_string(row, column, str(cell))


def shown_header(names: Sequence[str], choice: Sequence[int], zh: dict[str, str]) -> list[str]:
    """A header a column: by ``choice`` the English name (0), the contract's Chinese one or a variant."""
    header_rows = []
    for name, k in zip(names, choice, strict=True):
        words = (name, zh[name], *HEADERS.get(name, ()))
        header_rows.append(words[k % len(words)])
    return header_rows
