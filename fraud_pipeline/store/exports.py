"""Tables for people's spreadsheets: identifiers stay text, no cell starts a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

from fraud_pipeline.core.masking import MASKED
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.rings.summary.masking import masked_evidence, masked_ties
from fraud_pipeline.schema import INPUT_TABLES, OUTPUT_TABLES
from fraud_pipeline.store import files

FORMATS = ("csv", "xlsx")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SHEET_ROWS = 1_000_000  # a sheet holds 1,048,576
_WORDS = {"ring_evidence": masked_evidence, "ties": masked_ties}
# What nobody reads line by line: every tie, the frame of the draw. A whole export has them.
_FOR_PROGRAMS = frozenset({"ties", "audit_frame"})
_KEPT_WHOLE = frozenset({"audit_plan", "estimates", "ring_claims"})
# Leads whose rows stand in the workbook: more than anybody reads, and a spreadsheet still opens them.
WORKBOOK_LEADS = 20_000


def export_run(
    run_folder: Path, to: Path, formats: Sequence[str] = FORMATS, *, masked: bool = True, whole: bool = False,
) -> list[Path]:  # fmt: skip
    """The tables of a run that people read, as CSV each and as one workbook; returns what was written.

    Of the rules those that hit or could not be judged for an error; the workbook holds the first
    ``WORKBOOK_LEADS`` claims. ``whole``: every table and row, the clean input tables too.
    """
    _check(formats)
    names = [name for name in OUTPUT_TABLES if whole or name not in _FOR_PROGRAMS]
    tables = {name: files.read_table(run_folder / f"{name}.parquet") for name in names}
    if whole:
        for name in INPUT_TABLES:
            tables[f"clean_{name}"] = files.read_table(run_folder / "clean" / f"{name}.parquet")
        return export_tables(tables, to, formats, masked=masked)
    results = tables["rule_results"]
    findings = pc.is_in(results["outcome"], value_set=pa.array(["hit", "error"]))
    tables["rule_results"] = results.filter(findings)
    written = []
    for form in formats:
        rows = _first_leads(tables) if form == "xlsx" else tables
        written += export_tables(rows, to, (form,), masked=masked)
    return written


def _first_leads(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The rows of the first leads; tables that are about no single claim stay whole."""
    ranked = tables["ranked_claims"]
    first = ranked.filter(pc.less_equal(ranked["rank"], WORKBOOK_LEADS))["claim_id"]
    if len(first) == ranked.num_rows:
        return dict(tables)
    claims = first.combine_chunks()
    return {
        name: table.filter(pc.is_in(table["claim_id"], value_set=claims))
        if "claim_id" in table.column_names and name not in _KEPT_WHOLE else table
        for name, table in tables.items()
    }  # fmt: skip


def export_tables(
    tables: Mapping[str, pa.Table],
    to: Path,
    formats: Sequence[str] = FORMATS,
    *,
    masked: bool = True,
) -> list[Path]:
    """``tables`` as ``<name>.csv`` each and ``tables.xlsx`` together, below ``to``.

    Personal data is masked unless ``masked`` is false. Raises SettingsError for
    an unknown format.
    """
    _check(formats)
    if masked:  # shared phones, accounts and names stand in sentences and details, too
        tables = {name: _WORDS[name](table) if name in _WORDS else table
                  for name, table in tables.items()}  # fmt: skip
    written = []
    if "csv" in formats:
        for name, table in tables.items():
            path = to / f"{name}.csv"
            files.write_bytes(path, _csv(table, masked))
            written.append(path)
    if "xlsx" in formats:
        path = to / "tables.xlsx"
        files.write_bytes(path, _workbook(tables, masked))
        written.append(path)
    return written


def _check(formats: Sequence[str]) -> None:
    unknown = set(formats) - set(FORMATS)
    if unknown or not formats:
        raise SettingsError(
            f"unknown export format {', '.join(sorted(unknown)) or '(none)'}; csv or xlsx"
        )


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def _csv(table: pa.Table, masked: bool) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.column_names)
    for batch in table.to_batches(max_chunksize=50_000):
        columns = [_shown(name, batch[name].to_pylist(), masked) for name in table.column_names]
        writer.writerows(zip(*([harmless(v) for v in c] for c in columns), strict=True))
    return ("\ufeff" + out.getvalue()).encode()  # the mark makes Excel read it as UTF-8


def _workbook(tables: Mapping[str, pa.Table], masked: bool) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        for name, table in tables.items():
            for part, start in enumerate(range(0, max(1, table.num_rows), _SHEET_ROWS)):
                title = name[:28] + (f"_{part + 1}" if part else "")
                _sheet(
                    book.add_worksheet(title),
                    name,
                    table.slice(start, _SHEET_ROWS),
                    masked,
                    bold,
                    money,
                )
    return out.getvalue()


def _sheet(sheet: Any, name: str, table: pa.Table, masked: bool, bold: Any, money: Any) -> None:
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(table.column_names):
        sheet.write_string(0, at, _title(name, column), bold)
        for row, value in enumerate(_shown(column, table[column].to_pylist(), masked), start=1):
            if value is None:
                continue
            if isinstance(value, bool):
                sheet.write_boolean(row, at, value)
            elif isinstance(value, Decimal):
                sheet.write_number(row, at, float(value), money)
            elif isinstance(value, int | float):
                sheet.write_number(row, at, value)
            else:
                sheet.write_string(row, at, str(value)[:32_767])


def _title(table: str, column: str) -> str:
    schema = INPUT_TABLES.get(table.removeprefix("clean_")) or OUTPUT_TABLES.get(table)
    zh = schema.column(column).zh if schema and column in schema.names else ""
    return f"{zh} {column}" if zh else column


def _shown(name: str, values: list[Any], masked: bool) -> list[Any]:
    if masked and name in MASKED:
        return [MASKED[name](v) for v in values]
    return values
