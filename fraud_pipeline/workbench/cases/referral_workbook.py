"""The referral pack as a workbook: a sheet a section, all rows, text as text and never a formula."""

from __future__ import annotations

import io
import re

import xlsxwriter

from fraud_pipeline.store.exports import harmless
from fraud_pipeline.workbench.cases.referral_parts import Referral, Section
from fraud_pipeline.workbench.cases.referral_words import SECTIONS

_MOST_CHARACTERS = 32_767  # of a cell
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_AMOUNT = re.compile(r"-?[\d,]+(\.\d+)?")


def render_workbook(referral: Referral) -> bytes:
    """The workbook."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold, wrapped = (
            book.add_format({"bold": True}),
            book.add_format({"text_wrap": True, "valign": "top"}),
        )
        first = book.add_worksheet("1" if referral.language == "en" else "封面")
        first.set_column(0, 0, 20)
        first.set_column(1, 1, 80, wrapped)
        first.write_string(0, 0, referral.title, bold)
        for row, (label, text) in enumerate(referral.cover, start=2):
            first.write_string(row, 0, label)
            first.write_string(row, 1, _text(text))
        for section in referral.sections:
            _sheet(book, section, bold, wrapped)
    return out.getvalue()


def _sheet(book: xlsxwriter.Workbook, section: Section, bold: object, wrapped: object) -> None:
    sheet = book.add_worksheet(_FORBIDDEN.sub("", section.title)[:31])
    down = 0
    for paragraph in section.paragraphs:
        sheet.write_string(down, 0, _text(paragraph))
        down += 1
    if not section.columns:
        sheet.set_column(0, 0, 120, wrapped)
        return
    down += bool(section.paragraphs)
    for across, (title, width) in enumerate(zip(section.columns, section.widths, strict=True)):
        sheet.set_column(across, across, max(8, width * 1.3), wrapped)
        sheet.write_string(down, across, title, bold)
    sheet.freeze_panes(down + 1, 0)
    sheet.autofilter(down, 0, down + len(section.lines), len(section.columns) - 1)
    columns = SECTIONS[section.key].columns  # written in yuan, whatever the pack counts in
    amounts = {k for k, (zh, en) in enumerate(columns) if "元" in zh or en == "yuan"}
    for row, line in enumerate(section.lines, start=down + 1):
        for across, text in enumerate(line.cells):
            if across in amounts and _AMOUNT.fullmatch(text):
                sheet.write_number(row, across, float(text.replace(",", "")))
            else:
                sheet.write_string(row, across, _text(text))


def _text(text: str) -> str:
    return str(harmless(text))[:_MOST_CHARACTERS]
