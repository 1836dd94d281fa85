"""Sheets of a report as text and as files: Markdown, CSV, XLSX."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fraud_pipeline.report.usage import Sheet
    from fraud_pipeline.vocabulary.messages import Language

SUFFIXES = (".md", ".csv", ".xlsx")


def written(sheets: list[Sheet], suffix: str, lang: Language) -> bytes:
    """The report as bytes of a Markdown, CSV (one table under another) or XLSX file."""
    if suffix == ".md":
        return markdown(sheets, lang).encode()
    return _workbook(sheets, lang) if suffix == ".xlsx" else _csv(sheets, lang)


def markdown(sheets: list[Sheet], lang: Language) -> str:
    """The tables with figures as people read them."""
    blocks = []
    for sheet in sheets:
        lines = [f"## {sheet.zh if lang == 'zh' else sheet.en}", ""]
        lines.append("| " + " | ".join(_heads(sheet, lang)) + " |")
        lines.append("|---|" + "---:|" * (len(sheet.columns) - 1))
        for row in _cells(sheet, lang):
            lines.append("| " + " | ".join(_shown(value, kind) for value, kind in row) + " |")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _heads(sheet: Sheet, lang: str) -> list[str]:
    return [c.zh if lang == "zh" else c.en for c in sheet.columns]


def _cells(sheet: Sheet, lang: str) -> list[list[tuple[Any, str]]]:
    """Each row as (value, kind); the words of its first cell in ``lang``."""
    rows = []
    for row in sheet.rows:
        first = row[0][0] if lang == "zh" else row[0][1]
        cells = [(first, "text")]
        for column, value in zip(sheet.columns[1:], row[1:], strict=True):
            cells.append(value if column.kind == "mixed" else (value, column.kind))
        rows.append(cells)
    return rows


def _shown(value: Any, kind: str) -> str:
    if value is None:
        return "—"
    if kind == "count":
        return f"{value:,}"
    if kind == "yuan":
        return f"{value:,.2f}".removesuffix(".00")
    if kind == "share":
        return f"{value:.2%}"
    return str(value).replace("|", "\\|")


def _csv(sheets: list[Sheet], lang: str) -> bytes:
    from fraud_pipeline.store.exports import harmless

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for sheet in sheets:
        writer.writerow([sheet.zh if lang == "zh" else sheet.en])
        writer.writerow(_heads(sheet, lang))
        writer.writerows([harmless(value) for value, _ in row] for row in _cells(sheet, lang))
        writer.writerow([])
    return ("\ufeff" + text.getvalue()).encode()


def _workbook(sheets: list[Sheet], lang: str) -> bytes:
    import xlsxwriter

    text = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    formats = {"count": "#,##0", "yuan": "#,##0.00", "share": "0.00%"}
    with xlsxwriter.Workbook(text, options) as book:
        styles = {kind: book.add_format({"num_format": shape}) for kind, shape in formats.items()}
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            page = book.add_worksheet(sheet.zh.split("（")[0] if lang == "zh" else sheet.name)
            page.freeze_panes(1, 1)
            page.write_row(0, 0, _heads(sheet, lang), bold)
            for at, row in enumerate(_cells(sheet, lang), start=1):
                for place, (value, kind) in enumerate(row):
                    if value is None:
                        continue
                    if kind in styles:
                        number = float(value) if isinstance(value, Decimal) else value
                        page.write_number(at, place, number, styles[kind])
                    else:
                        page.write_string(at, place, str(value))
    return text.getvalue()


def facts_of(sheets: list[Sheet]) -> list[dict[str, Any]]:
    """The sheets for a program: columns by their English names, the first cell in both languages."""
    return [
        {
            "name": sheet.name,
            "title_zh": sheet.zh,
            "title_en": sheet.en,
            "columns": [column.en for column in sheet.columns],
            "rows": [
                [{"zh": row[0][0], "en": row[0][1]}, *(_bare(value) for value in row[1:])]
                for row in sheet.rows
            ],
        }
        for sheet in sheets
    ]


def _bare(value: Any) -> Any:
    """A cell without its kind, where the column is of mixed kinds."""
    return value[0] if isinstance(value, tuple) else value
