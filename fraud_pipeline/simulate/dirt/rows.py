"""Rows of a dirty file: records, and between them what should not be there, each logged."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from fraud_pipeline.schema import Column, Kind, TableSchema
from fraud_pipeline.simulate.dirt.cells import CREDIT_CODES, Dirt, dirt_of
from fraud_pipeline.simulate.dirt.files import Page, Style

DIRTY_SHARE = 0.06  # of the filled cells, before what a whole column suffers
_EVENTS = {
    "subtotal": 0.02,
    "blank": 0.015,
    "duplicate": 0.015,
    "older": 0.01,
    "hidden": 0.03,
    "header": 0.008,
    "shifted": 0.004,
}
_OWN_UNIT = (
    "unit_in_cell",
    "capital_numerals",
    "unit_slip",
    "yuan_in_cell",
    "amounts_disagree",
    "written_twice",
)  # a cell that says its unit itself
_WAN = Decimal(10_000)
_TEXT_ONLY = (
    "relations",
    "sanctions",
    "market_prices",
)  # too few numbers to see that a row is shifted


@dataclass
class Log:
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    cells: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass
class Part:
    """Rows ``first`` to ``last`` of a table on their way to one file or sheet."""

    schema: TableSchema
    file: str
    sheet: str | None
    style: Style
    names: list[str]
    page: Page
    unit: str | None  # "header", "title", "row" or None: where 万元 is said
    log: Log
    rng: np.random.Generator
    lead: int = 0  # columns before those of the contract

    def number(self) -> int:
        return self.page.first_row + len(self.page.rows)


def filled(part: Part, records: list[dict[str, Any]], row_numbers: list[int]) -> Page:
    """The part's page with all its rows: records, and between them what should not be there."""
    owner = part.schema.required[2] if part.schema.name in ("claims", "contracts") else None
    if part.style.merges and owner in part.names:
        row_numbers = sorted(row_numbers, key=lambda at: (records[at][owner], at))
    for at in row_numbers:
        draw = dict(zip(_EVENTS, part.rng.random(len(_EVENTS)), strict=True))
        happens = {event for event, share in _EVENTS.items() if draw[event] < share}
        if "older" in happens and _has_versions(part.schema, records[at]):
            _write(part, _older(part.schema, records[at]), at, "older", happens)
        if "shifted" in happens and part.schema.name not in _TEXT_ONLY:
            row = [_plain(part, part.schema.column(n), records[at][n]) if records[at][n] is not None else None
                   for n in part.names]  # fmt: skip
            _place(part, [*[at + 1] * part.lead, *row[:1], "见附件", *row[1:]], at, "shifted")
            continue
        cells = _write(part, records[at], at, "record", happens)
        if "duplicate" in happens and cells is not None:
            _place(part, list(cells), at, "duplicate")
        _between(part, happens)
    if part.style.titles:
        _place(part, _subtotal(part, "合计"), None, "subtotal")
        _place(
            part,
            ["制表人：示例  审核人：示例", *[None] * (len(part.page.header) - 1)],
            None,
            "signature",
        )
    if part.style.merges and owner in part.names and part.sheet:
        _merge(part, part.lead + part.names.index(str(owner)), str(owner))
    return part.page


def _between(part: Part, happens: set[str]) -> None:
    """What stands between records without being one."""
    if "subtotal" in happens:
        _place(part, _subtotal(part), None, "subtotal")
    if "header" in happens:
        _place(part, list(part.page.header), None, "header")
    if "blank" in happens:
        part.page.rows.append([None] * len(part.page.header))


def _has_versions(schema: TableSchema, record: dict[str, Any]) -> bool:
    return bool(schema.key) and schema.known_on is not None and record[schema.known_on] is not None


def _older(schema: TableSchema, record: dict[str, Any]) -> dict[str, Any]:
    """The record as first uploaded: earlier, and with another amount."""
    older = dict(record)
    older[str(schema.known_on)] = record[str(schema.known_on)] - timedelta(days=70)
    for column in schema.columns:
        if column.kind is Kind.MONEY and record[column.name]:
            older[column.name] = record[column.name] + 100
            break
    return older


def _subtotal(part: Part, word: str = "小计") -> list[Any]:
    """The word in the first or second column, a sum under the first amount, the rest empty."""
    cells: list[Any] = [None] * len(part.page.header)
    cells[0 if part.lead or part.rng.random() < 0.7 else 1] = word
    money = [k for k, n in enumerate(part.names) if part.schema.column(n).kind is Kind.MONEY]
    if money:
        cells[part.lead + money[0]] = Decimal("123456.78")
    return cells


def _write(
    part: Part, record: dict[str, Any], at: int, kind: str, happens: set[str]
) -> list[Any] | None:
    """One record as a row; what is dirty in it is logged with the value behind it."""
    number, cells = part.number(), []
    for name in part.names:
        column = part.schema.column(name)
        cell, dirt = _cell(part, column, record[name], calm=kind == "older" or "older" in happens)
        cells.append(cell)
        if dirt is not None:
            _log_cell(part, number, name, cell, record[name], dirt)
    if part.sheet and "hidden" in happens:
        part.page.hidden.add(len(part.page.rows))
    row = [*([at + 1] if part.lead else []), *cells, "见附件" if part.rng.random() < 0.1 else None]
    _computed(part, row)
    _place(part, row, at, kind)
    return row


def _computed(part: Part, row: list[Any]) -> None:
    if part.sheet:
        part.page.computed |= {(len(part.page.rows), k) for k, cell in enumerate(row)
                               if isinstance(cell, Decimal) and part.rng.random() < 0.05}  # fmt: skip


def _place(part: Part, row: list[Any], at: int | None, kind: str) -> None:
    part.log.rows.append((part.schema.name, part.file, part.sheet, part.number(), at, kind))
    part.page.rows.append(row)


def _cell(part: Part, column: Column, value: Any, calm: bool) -> tuple[Any, Dirt | None]:
    """What stands in the cell, and its dirt. A key stays readable, or nothing could be held
    against the truth; in rows of several versions (``calm``) so do dates."""
    if value is None:
        return None, None
    shown, whole = value, None
    if column.kind is Kind.MONEY and part.unit:
        shown, whole = (value / _WAN).normalize(), Dirt(f"unit_in_{part.unit}", lambda v, _: str(v))
        shown = Decimal(format(shown, "f"))
    dirty = part.rng.random() < DIRTY_SHARE
    if not dirty or (calm and column.kind in (Kind.DATE, Kind.MONEY)):
        return _plain(part, column, shown), whole
    kinds = dirt_of(column)
    dirt = kinds[part.rng.integers(len(kinds))]
    own = dirt.kind in _OWN_UNIT
    text = dirt.make(value if own or whole is None else shown, part.rng)
    if text is None or text == str(shown):
        return _plain(part, column, shown), whole
    if column.name in part.schema.key and not dirt.repairable:
        return _plain(part, column, shown), whole
    return text, dirt


def _plain(part: Part, column: Column, value: Any) -> Any:
    """A value as an honest export writes it; in a workbook amounts and days are typed."""
    typed = (Kind.MONEY, Kind.DATE, Kind.COUNT, Kind.NUMBER, Kind.SHARE)
    if part.sheet and column.kind in typed:
        return value
    if column.kind is Kind.NUMBER:
        return format(Decimal(str(value)).normalize(), "f")
    return f"{value:%Y-%m-%d %H:%M:%S}" if column.kind is Kind.INSTANT else str(value)


def _log_cell(part: Part, row: int, name: str, cell: Any, value: Any, dirt: Dirt) -> None:
    true = value.isoformat() if isinstance(value, date) else str(value)
    part.log.cells.append((part.schema.name, part.file, part.sheet, row, name, str(cell), true,
                           dirt.kind, dirt.repairable))  # fmt: skip


def _merge(part: Part, column: int, name: str) -> None:
    """Runs of one enterprise's rows under one merged cell, as long as nothing stands between them."""
    rows = part.page.rows
    first = 0
    for at in range(1, len(rows) + 1):
        if at < len(rows) and rows[at][column] == rows[first][column] is not None:
            continue
        if at - first > 1 and isinstance(rows[first][column], str) and name in CREDIT_CODES:
            for k in range(first + 1, at):
                row = part.page.first_row + k
                part.log.cells.append((part.schema.name, part.file, part.sheet, row, name, "",
                                       rows[first][column], "merged_cell", True))  # fmt: skip
            part.page.merged.append((column, first, at - 1))
        first = at
