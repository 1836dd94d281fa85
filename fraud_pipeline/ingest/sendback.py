"""The list that goes back to the applicants: each fault with the cell where it stands."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

from fraud_pipeline.ingest.units import find_unit_slips
from fraud_pipeline.ingest.validity import invalid_identifiers
from fraud_pipeline.ingest.wording import HARMLESS_WORDS, REASONS, REPAIRS, printable
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.schema.loaded import Loaded

FAULTS = pa.schema([("table", pa.string()), ("file", pa.string()), ("sheet", pa.string()), ("row", pa.int64()),
                    ("column", pa.string()), ("value", pa.string()), ("reason_code", pa.string()),
                    ("detail", pa.string())])  # fmt: skip
_ROWS = 200_000  # of a sheet; a longer list helps nobody, and the quarantine has them all
_CELL = 32_767


def to_send_back(loaded: Loaded) -> pa.Table:
    """Every fault that an applicant can put right: quarantined cells and rows, invalid
    identifiers, unit slips and days that were missing; sorted by file, sheet and row.
    """
    quarantined = loaded.quarantine
    work = pc.invert(pc.is_in(quarantined["reason_code"], pa.array(list(HARMLESS_WORDS))))
    identifiers = invalid_identifiers(loaded.tables)
    identifiers = identifiers.rename_columns([*identifiers.column_names[:-1], "reason_code"])
    slips = find_unit_slips(loaded.tables)
    against = pc.binary_join_element_wise("against ", slips["compared"], " in ", slips["with"], "")
    slips = slips.select(slips.column_names[:6]).append_column("detail", against)
    days = loaded.repairs.filter(pc.equal(loaded.repairs["kind"], "day_missing"))
    days = days.rename_columns(
        ["table", "file", "sheet", "row", "column", "value", "detail", "kind"]
    )
    parts = [
        _conformed(quarantined.filter(work), None),
        _conformed(identifiers, None),
        _conformed(slips, "unit_slip"),
        _conformed(days, "day_missing"),
    ]
    whole = pa.concat_tables(parts).combine_chunks()
    keys = [(name, "ascending") for name in ("file", "sheet", "row", "column")]
    return whole.sort_by(keys) if whole.num_rows else whole


def _conformed(table: pa.Table, reason: str | None) -> pa.Table:
    columns = []
    for field in FAULTS:
        if field.name == "reason_code" and reason is not None:
            columns.append(pa.repeat(pa.scalar(reason), table.num_rows))
        elif field.name in table.column_names:
            columns.append(table[field.name].cast(field.type))
        else:
            columns.append(pa.nulls(table.num_rows, field.type))
    return pa.table(columns, schema=FAULTS)


def address(loaded: Loaded, entry: dict[str, Any]) -> str:
    """Where a fault stands, as a spreadsheet names it: 武汉!C17, or C17 in a text file; a whole
    row, or a column the file does not have, is 武汉!17:17."""
    spot = loaded.spots.get((entry["table"], entry["file"], entry["sheet"]), {}).get(
        entry["column"]
    )
    row = entry["row"]
    cell = f"{row}:{row}" if spot is None else f"{letters(spot.column)}{row}"
    if entry["sheet"] is None:
        return cell
    name = entry["sheet"]
    return f"{name}!{cell}" if name.isalnum() else "'" + name.replace("'", "''") + f"'!{cell}"


def letters(column: int) -> str:
    """0 -> A, 26 -> AA: a column as spreadsheets name it.

    >>> letters(0), letters(25), letters(26), letters(701), letters(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    name, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def send_back_workbook(loaded: Loaded) -> bytes:
    """The list as XLSX: faults, repeats with what differs, repairs and the account.

    Every cell is text: what an applicant wrote is never a formula or a link here, nor becomes
    one when the cell is edited.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        bold = workbook.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF4"}
        )
        text = workbook.add_format({"num_format": "@", "quote_prefix": True, "valign": "top"})
        for title, header, widths, rows in _sheets(loaded):
            sheet = workbook.add_worksheet(title)
            sheet.freeze_panes(1, 0)
            for at, (word, width) in enumerate(zip(header, widths, strict=True)):
                sheet.set_column(at, at, width)
                sheet.write_string(0, at, word, bold)
            for number, row in enumerate(rows[:_ROWS], start=1):
                for at, cell in enumerate(row):
                    if cell not in (None, ""):
                        sheet.write_string(number, at, printable(str(cell))[:_CELL], text)
            sheet.autofilter(0, 0, max(1, min(len(rows), _ROWS)), len(header) - 1)
    return out.getvalue()


Sheet = tuple[str, tuple[str, ...], tuple[int, ...], list[tuple[Any, ...]]]


def _sheets(loaded: Loaded) -> list[Sheet]:
    place, wide = ("文件 file", "单元格 cell", "表 table", "列 column"), (24, 16, 14, 22)
    return [
        ("退回清单", (*place, "现在的内容 value", "问题 problem", "English", "怎么改 what to do", "备注 remark"),
         (*wide, 26, 34, 30, 34, 30), [_fault(loaded, e) for e in to_send_back(loaded).to_pylist()]),
        ("重复与小计", (*place, "编号 key", "处理 what was done", "English", "不同之处 differs in"),
         (*wide, 22, 30, 30, 40), _repeats(loaded)),
        ("已自动修复", (*place, "修复前 before", "修复后 after", "修复 repair", "English"),
         (*wide, 26, 26, 30, 30), [_repair(loaded, e) for e in loaded.repairs.slice(0, _ROWS).to_pylist()]),
        ("账目", ("表 table", "读入 in", "可用 clean", "隔离 quarantined"), (24, 12, 12, 14),
         [(_sheet_name(n), a.rows_in, a.rows_clean, a.rows_quarantined) for n, a in loaded.accounts.items()]),
    ]  # fmt: skip


def _sheet_name(table: str) -> str:
    return f"{INPUT_TABLES[table].zh} {table}"


def _place(loaded: Loaded, entry: dict[str, Any]) -> tuple[str, str, str, str]:
    column = entry["column"]
    spot = loaded.spots.get((entry["table"], entry["file"], entry["sheet"]), {}).get(column)
    zh = INPUT_TABLES[entry["table"]].column(column).zh if column else ""
    header = spot.header if spot else zh
    return entry["file"], address(loaded, entry), _sheet_name(entry["table"]), header


def _fault(loaded: Loaded, entry: dict[str, Any]) -> tuple[Any, ...]:
    zh, en, todo = REASONS.get(entry["reason_code"], (entry["reason_code"],) * 3)
    return (*_place(loaded, entry), entry["value"], zh, en, todo, entry["detail"])


def _repeats(loaded: Loaded) -> list[tuple[Any, ...]]:
    harmless = pc.is_in(loaded.quarantine["reason_code"], pa.array(list(HARMLESS_WORDS)))
    return [
        (*_place(loaded, e), e["value"], *HARMLESS_WORDS[e["reason_code"]], e["detail"])
        for e in loaded.quarantine.filter(harmless).slice(0, _ROWS).to_pylist()
    ]


def _repair(loaded: Loaded, entry: dict[str, Any]) -> tuple[Any, ...]:
    words = REPAIRS.get(entry["kind"], (entry["kind"],) * 2)
    return (*_place(loaded, entry), entry["before"], entry["after"], *words)
