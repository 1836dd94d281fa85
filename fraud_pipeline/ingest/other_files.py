"""Files that are tables under another form: a page or XML that is called .xls, and lists in JSON."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from html.parser import HTMLParser
from typing import Any

import pyarrow as pa

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import delimited, grids
from fraud_pipeline.ingest.encodings import as_utf8
from fraud_pipeline.ingest.grids import Grid
from fraud_pipeline.ingest.json_rows import parse_json
from fraud_pipeline.schema.source import Source

LINES = (".jsonl", ".ndjson")
JSON = (".json", *LINES)
MAX_BYTES = 256 << 20  # such text is held as objects, at many times its size
_DEPTH = 8  # of lists and objects in one record
_MOST_PARTS = 100  # records within a record that are read
_MARKUP = re.compile(
    rb"^(\xef\xbb\xbf)?\s*<(\?xml|!doctype|!--|html|head|meta|body|table|style|div|workbook)", re.I
)
_MAX_SPAN = 256  # columns of an old workbook: a cell that spans more is torn
_SHOWN = 5


def read_other(source: Source, foreign: frozenset[str], max_cells: int) -> list[Grid] | None:
    """The grid of a file of these kinds; None for any other file.

    Raises InputError in one line for a page without a table, or JSON without records.
    """
    data = source.data or b""
    is_json = source.suffix in JSON
    if not is_json and not (source.suffix == ".xls" and _MARKUP.match(data[:200])):
        return None
    if len(data) > MAX_BYTES:
        raise InputError(f"larger than {MAX_BYTES >> 20} MB; hand it in in parts", file=source.name)
    if is_json:
        return [grids.typed(source.name, _records(data, source, max_cells))]
    return [_page(source, foreign, max_cells)]


def _page(source: Source, foreign: frozenset[str], max_cells: int) -> Grid:
    text, _ = as_utf8(source.data or b"", source.name)
    page = _Page(source.name, max_cells)
    page.feed(text.decode("utf-8", "replace"))
    page.close()
    tables = sorted(page.tables, key=lambda rows: -sum(map(len, rows)))
    if not tables or not tables[0]:
        raise InputError("a page without a table, not a workbook", file=source.name)
    lines = io.StringIO()
    csv.writer(lines).writerows(tables[0])
    as_text = dataclasses.replace(source, data=lines.getvalue().encode())
    grid = delimited.read(as_text, foreign, delimited.BLOCK_BYTES, max_cells)
    left = [" ".join(rows[0])[:40] for rows in tables[1:] if len(rows) > 1]
    if not left:
        return grid
    remark = f"other tables of the page were not read: {'; '.join(left[:_SHOWN])}"
    return dataclasses.replace(grid, remarks=(*grid.remarks, remark))


class _Page(HTMLParser):
    """The cells of every table of a page, or of a workbook in the XML of 2003."""

    def __init__(self, name: str, max_cells: int):
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._open: list[list[list[str]]] = []  # tables in tables
        self._cell: list[str] | None = None
        self._span = 1
        self._name, self._left = name, max_cells

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "table":
            self._end_cell()
            self._open.append([])
            self.tables.append(self._open[-1])
        elif tag in ("tr", "row") and self._open:
            self._end_cell()
            self._open[-1].append([])
        elif tag in ("td", "th", "cell") and self._open and self._open[-1]:
            self._end_cell()
            attributes = {key.rpartition(":")[2]: value or "" for key, value in attrs}
            self._begin_cell(attributes)
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag in ("td", "th", "cell", "tr", "row", "table"):
            self._end_cell()
        if tag == "table" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        row = self._open[-1][-1]
        index = _whole(attributes.get("index", ""))  # XML of 2003 leaves blank cells out
        self._add(row, [""] * max(0, min(index, _MAX_SPAN) - 1 - len(row)))
        across = _whole(attributes.get("mergeacross", ""))
        self._span = min(max(1, _whole(attributes.get("colspan", "")), 1 + across), _MAX_SPAN)
        self._cell = []

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        text = " ".join("".join(self._cell).split())
        self._add(self._open[-1][-1], [text, *[""] * (self._span - 1)])
        self._cell = None

    def _add(self, row: list[str], cells: list[str]) -> None:
        self._left -= len(cells)
        if self._left < 0:
            raise InputError(
                "more cells than can be read; hand the file in in parts", file=self._name
            )
        row += cells


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0


def _records(data: bytes, source: Source, max_cells: int) -> pa.Table:
    """The records as columns of text; what lies deeper is named by its path, as supplier.name."""
    rows = []
    for number, record in enumerate(_list(data, source), 1):
        if not isinstance(record, dict):
            raise InputError("is no object with names", file=source.name, row=number + 1)
        rows.append(dict(_flat(record, "", source.name, number)))
    names = list(dict.fromkeys(name for row in rows for name in row))
    if not names:
        raise InputError("there are no records in it", file=source.name)
    if len(rows) * len(names) > max_cells:
        raise InputError("more cells than can be read; hand the file in in parts", file=source.name)
    return pa.table({n: pa.array([row.get(n, "") for row in rows], pa.string()) for n in names})


def _list(data: bytes, source: Source) -> list[Any]:
    """The list of records: the whole, a record a line, or the longest list in an object."""
    if source.suffix in LINES:
        lines = (line for line in data.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip())
        return [parse_json(line, source.name) for line in lines]
    whole = parse_json(data, source.name)
    lists = sorted(_lists(whole, 0), key=len, reverse=True)
    if not lists:
        raise InputError("there is no list of records in it", file=source.name)
    return lists[0]


def _lists(value: Any, depth: int) -> list[list[Any]]:
    if isinstance(value, list):
        return [value] if value and all(isinstance(item, dict) for item in value) else []
    if not isinstance(value, dict) or depth > _DEPTH:
        return []
    return [records for item in value.values() for records in _lists(item, depth + 1)]


def _flat(record: dict[str, Any], path: str, name: str, number: int) -> list[tuple[str, str]]:
    if path.count(".") > _DEPTH:
        raise InputError("objects in objects, too deep to be a table", file=name, row=number + 1)
    cells = []
    for key, value in record.items():
        if isinstance(value, dict):
            cells += _flat(value, f"{path}{key}.", name, number)
        elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
            cells += _joined(value[:_MOST_PARTS], f"{path}{key}.", name, number)
        else:
            cells.append((f"{path}{key}", _cell(value)))
    return cells


def _joined(
    records: list[dict[str, Any]], path: str, name: str, number: int
) -> list[tuple[str, str]]:
    """Several records in one cell, as the holders of one contract: each path once, its values after one another."""
    values: dict[str, list[str]] = {}
    for record in records:
        for at, cell in _flat(record, path, name, number):
            values.setdefault(at, []).append(cell)
    return [(at, "; ".join(cell for cell in cells if cell)) for at, cells in values.items()]


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or value == [] else json.dumps(value, ensure_ascii=False)
