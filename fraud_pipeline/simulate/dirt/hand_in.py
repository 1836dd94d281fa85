"""A clean world as eleven bureaus would hand it in: the same facts, in files nobody checked.

What stands in each file is known cell by cell, so a loader can be compared with the truth:
which rows are records, which are subtotals, repetitions or older versions, and for every
dirty cell the text, the value behind it and whether it can be determined from the text at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.schema import INPUT_TABLES, Kind, Tables, TableSchema
from fraud_pipeline.simulate.dirt.files import (
    STYLES,
    Page,
    Style,
    shown_header,
    text_file,
    workbook,
)
from fraud_pipeline.simulate.dirt.rows import Log, Part, filled
from fraud_pipeline.simulate.world.random_streams import stream

CELLS = pa.schema([("table", pa.string()), ("file", pa.string()), ("sheet", pa.string()), ("row", pa.int64()),
                   ("column", pa.string()), ("dirty", pa.string()), ("true", pa.string()), ("kind", pa.string()),
                   ("repairable", pa.bool_())])  # fmt: skip
ROWS = pa.schema([("table", pa.string()), ("file", pa.string()), ("sheet", pa.string()), ("row", pa.int64()),
                  ("true_row", pa.int64()), ("kind", pa.string())])  # fmt: skip
_UNIT_SHARE = 0.35  # of the files with amounts count in 万元
_CITIES = ("武汉", "黄石", "襄阳", "宜昌", "荆州", "十堰", "孝感", "荆门", "鄂州", "黄冈", "咸宁")


@dataclass
class HandedIn:
    """Files by name, the tables that are true of them, and what stands where (ROWS, CELLS)."""

    files: dict[str, bytes]
    tables: Tables
    rows: pa.Table
    cells: pa.Table


def hand_in(tables: Tables, seed: int) -> HandedIn:
    """The files of a dirty hand-in of ``tables``; the same arguments give the same bytes."""
    tables = with_red_and_electronic_invoices(tables, stream(seed, "dirt: invoices"))
    log = Log()
    files: dict[str, bytes] = {}
    for at, (name, schema) in enumerate(INPUT_TABLES.items()):
        rng = stream(seed, f"dirt: {name}")
        if tables[name].num_rows:
            files |= _files_of(schema, tables[name], (seed + at) % len(STYLES), log, rng)
    return HandedIn(
        dict(sorted(files.items())), tables, _table(log.rows, ROWS), _table(log.cells, CELLS)
    )


def with_red_and_electronic_invoices(tables: Tables, rng: np.random.Generator) -> Tables:
    """Red-flushed invoices below zero, and a fifth of all under 20-digit numbers without code."""
    invoices = tables["invoices"]
    if not invoices.num_rows:
        return tables
    electronic = rng.random(invoices.num_rows) < 0.2
    year = pc.utf8_slice_codeunits(pc.year(invoices["issued_on"]).cast(pa.string()), 2, 4)
    serial = pa.array([f"42{n:016d}" for n in rng.integers(0, 10**15, invoices.num_rows)])
    number = pc.if_else(
        pa.array(electronic), pc.binary_join_element_wise(year, serial, ""), invoices["invoice_no"]
    )
    code = pc.if_else(pa.array(electronic), None, invoices["invoice_code"])
    red = pc.and_(
        pc.equal(invoices["status"], "红冲"), pc.greater(invoices["amount"], pa.scalar(Decimal(0)))
    )
    amount = pc.if_else(red, pc.negate(invoices["amount"]), invoices["amount"])
    changed = {"invoice_no": number, "invoice_code": code, "amount": amount}
    for name, values in changed.items():
        at = invoices.schema.get_field_index(name)
        invoices = invoices.set_column(at, invoices.schema.field(name), values)
    return tables.replaced(invoices=invoices)


def _files_of(
    schema: TableSchema, table: pa.Table, turn: int, log: Log, rng: np.random.Generator
) -> dict[str, bytes]:  # fmt: skip
    """One to three files of different styles; in workbooks several sheets, a city each."""
    records = table.to_pylist()
    n_files = min(3, 1 + len(records) // 60)
    bounds = np.linspace(0, len(records), n_files + 1).astype(int)
    files: dict[str, bytes] = {}
    for k in range(n_files):
        style = STYLES[(turn + k) % len(STYLES)]
        file = (schema.zh if style.chinese_name else schema.name) + style.suffix
        row_numbers = list(range(bounds[k], bounds[k + 1]))
        if style.suffix != ".xlsx":
            part = _part(schema, file, None, style, log, rng)
            files[file] = text_file(filled(part, records, row_numbers), style)
            continue
        n_sheets = 2 if len(row_numbers) > 20 else 1
        cut = np.linspace(0, len(row_numbers), n_sheets + 1).astype(int)
        pages = {}
        for s in range(n_sheets):
            part = _part(schema, file, _CITIES[s], style, log, rng)
            pages[_CITIES[s]] = filled(part, records, row_numbers[cut[s] : cut[s + 1]])
        files[file] = workbook(pages)
    return files


def _part(
    schema: TableSchema, file: str, sheet: str | None, style: Style, log: Log, rng: np.random.Generator
) -> Part:  # fmt: skip
    columns = [c for c in schema.columns if not c.name.startswith("source_")]
    amounts = [c for c in columns if c.kind is Kind.MONEY]
    unit = None
    if (amounts and rng.random() < _UNIT_SHARE) or style.groups:
        unit = "title" if style.titles and rng.random() < 0.5 else "header"
        unit = "row" if not style.groups and rng.random() < 0.3 else unit
    if style.groups:  # amounts side by side under one word
        columns = [c for c in columns if c.kind is not Kind.MONEY] + amounts
    names = [c.name for c in columns]
    english = style.name == "csv with mark"
    choice = [0 if english else int(k) for k in rng.integers(1, 4, len(names))]
    header = shown_header(names, choice, {c.name: c.zh for c in columns})
    above = [""] * len(names)
    for at, column in enumerate(columns):
        if column.kind is Kind.MONEY and style.groups:
            above[at] = "金额（万元）" if unit == "header" else "金额"
        elif column.kind is Kind.MONEY and unit == "header":
            header[at] += "（万元）"
    below = []
    if unit == "row":
        below = ["万元" if c.kind is Kind.MONEY else "" for c in columns]
    titles = (
        [f"2017年度创新券{schema.zh}汇总表", f"填报单位：{sheet or '市科技局'}"]
        if style.titles
        else []
    )
    if unit == "title":
        titles[1] += "        单位：万元"
    elif titles and rng.random() < 0.5:
        titles.append("")
    lead = int(style.titles)
    below = [""] * lead + below + [""] if below else []
    page = Page(["序号"] * lead + header + ["备注"], [""] * lead + above + [""], titles, below)
    return Part(schema, file, sheet, style, names, page, unit if amounts else None, log, rng, lead)


def _table(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema
    )
