"""``fraud-pipeline usage``: how a programme was used, in the tables bureaus publish."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from fraud_pipeline.cli.output import say

if TYPE_CHECKING:
    from fraud_pipeline.report.usage import Sheet

SUFFIXES = (".md", ".csv", ".xlsx")


def usage(
    data: Annotated[
        str, typer.Option("--claims", "--data", help="Folder, workbook, file or database URL.")
    ],
    by: Annotated[
        str | None,
        typer.Option(help="overview, shares, family, service, category, class, place or year."),
    ] = None,
    places: Annotated[
        str | None, typer.Option(help="Words that name a place, with commas: 太原,大同.")
    ] = None,
    periods: Annotated[
        str | None, typer.Option(help="Columns of the table by place: 2018,2019-2021.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", help="A .md, .csv or .xlsx file to write.")
    ] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option("--lang", help="Language.")] = "zh",
    programme: Annotated[str | None, typer.Option(help="Programme pack id, e.g. wuhan.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="TOML file for foreign columns.")] = None,
    settings: Annotated[Path | None, typer.Option(help="TOML file of settings.")] = None,
    packs: Annotated[Path | None, typer.Option(help="Folder of your own packs.")] = None,
) -> None:
    """Holders, users, how far vouchers were used, services, classes, money by place and year."""
    from fraud_pipeline import ingest
    from fraud_pipeline.engine import runner
    from fraud_pipeline.errors import SettingsError
    from fraud_pipeline.report import usage as counted
    from fraud_pipeline.store import files
    from fraud_pipeline.store.packs import load_packs

    if to is not None and to.suffix not in SUFFIXES:
        raise SettingsError(f"{to}: a usage report is written as {', '.join(SUFFIXES)}")
    request = runner.Request(
        data=data, workspace=Path("workspace"), programme=programme, mapping=mapping, packs=packs
    )
    chosen = runner.read_settings(settings)
    loaded = runner.load(request, chosen, frozenset(load_packs(packs)))
    ingest.require_usable(loaded, chosen.ingest)
    sheets = counted.usage(loaded.tables, by, places=_parts(places), periods=_parts(periods))
    if to is None:
        say(markdown(sheets, lang))
        return
    files.write_bytes(to, written(sheets, to.suffix, lang))
    say(f"使用情况 usage: {to}")


def written(sheets: list[Sheet], suffix: str, lang: Literal["zh", "en"]) -> bytes:
    """The report as bytes of a Markdown, CSV (one table under another) or XLSX file."""
    if suffix == ".md":
        return markdown(sheets, lang).encode()
    return _workbook(sheets, lang) if suffix == ".xlsx" else _csv(sheets, lang)


def markdown(sheets: list[Sheet], lang: Literal["zh", "en"]) -> str:
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


def _parts(text: str | None) -> tuple[str, ...]:
    return tuple(p.strip() for p in (text or "").replace("，", ",").split(",") if p.strip())
