"""The referral pack as a PDF: cover, contents, sections, two drawings; numbers cited are links."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Sequence
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from fraud_pipeline.workbench.cases.fonts import chinese_fonts
from fraud_pipeline.workbench.cases.referral_parts import Flow, Line, Referral, Section
from fraud_pipeline.workbench.cases.referral_words import COVER

_FONT, _TEXT, _SMALL, _LINE = "chinese", 9.5, 8.0, 4.6  # sizes in points, height of a line in mm
_FOOT = 18.0  # mm kept free at the foot of a page
_MOST_LINES = 400  # of a table; the workbook has all
_GAP, _RULE = 0.8, (213, 220, 227)  # mm beside a cell's text; colour of lines
_MOST_CELL_LINES = 45
_MOST_FLOWS, _MOST_NODES = 14, 26
_INK, _DIM, _WASH, _ACCENT, _WARN = (
    (31, 39, 51),
    (85, 98, 111),
    (238, 242, 246),
    (29, 91, 143),
    (168, 72, 26),
)


# A line may end after a space or a Chinese character, not before a closing or after an opening mark.
_BREAK = re.compile(
    r"(?<= )|(?:(?<=[\u3000-\u9fff\uff00-\uffef])|(?=[\u4e00-\u9fff（“《]))"
    r"(?<![（“《〈【])(?![）”》〉】，。、；：！？])"
)


def lines_of(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The text broken into lines not wider than ``width``, as Chinese is set.

    >>> lines_of("共用电话（甲），编号C0000001", 6, len)
    ['共用电话', '（甲），编号', 'C00000', '01']
    """
    lines = [""]
    for part in (piece for block in text.split("\n") for piece in _BREAK.split(block)):
        room = part
        while room:
            if measure(lines[-1] + room.rstrip()) <= width:
                lines[-1] += room
                break
            if lines[-1]:
                lines.append("")
                continue
            fits = max(1, _fitting(room, width, measure))
            lines[-1], room = room[:fits], room[fits:]
            lines.append("")
    return [line.rstrip() for line in lines if line] or [""]


def _fitting(text: str, width: float, measure: Callable[[str], float]) -> int:
    """How many characters of a text without a place to break fit."""
    n = 1
    while n < len(text) and measure(text[: n + 1]) <= width:
        n += 1
    return n


class _Document(FPDF):
    """A4 pages with the title and the number of the page at the foot."""

    def __init__(self, referral: Referral):
        super().__init__(format="A4")
        self.referral = referral
        self.zh = referral.language == "zh"
        self.set_margins(18, 16, 18)
        self.c_margin = 0
        self.set_auto_page_break(True, _FOOT)
        for style, font in zip(("", "B"), chinese_fonts(), strict=True):
            self.add_font(_FONT, style, font.path, collection_font_number=font.number)
        self.set_title(referral.title)
        self.set_lang("zh-CN" if self.zh else "en")

    def word(self, key: str, **values: object) -> str:
        return COVER[key][0 if self.zh else 1].format(**values)

    def footer(self) -> None:
        if self.page_no() == 1:
            return
        self.set_y(-13)
        self.set_font(_FONT, "", 7.5)
        self.set_text_color(*_DIM)
        self.cell(0, 5, self.referral.title, new_x=XPos.LMARGIN)
        self.cell(0, 5, self.word("page", n=self.page_no()), align="R")
        self.set_text_color(*_INK)

    def text_block(self, text: str, size: float = _TEXT, style: str = "") -> None:
        self.set_font(_FONT, style, size)
        lines = "\n".join(lines_of(text, self.epw - 0.5, self.get_string_width))
        self.multi_cell(0, size * 0.55, lines, new_x=XPos.LMARGIN,
                        new_y=YPos.NEXT, align="L")  # fmt: skip


def render_pdf(referral: Referral, made_at: datetime) -> bytes:
    """The document. Raises SettingsError when the system has no font with Chinese characters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pdf = _Document(referral)
        pdf.set_creation_date(made_at)
        _cover(pdf)
        for section in referral.sections:
            _section(pdf, section)
        return bytes(pdf.output())


def _cover(pdf: _Document) -> None:
    referral = pdf.referral
    pdf.add_page()
    pdf.set_text_color(*_INK)
    pdf.set_y(48)
    pdf.text_block(pdf.word("document"), 14)
    pdf.ln(2)
    pdf.text_block(referral.title, 22, "B")
    pdf.ln(8)
    for label, text in referral.cover:
        pdf.set_font(_FONT, "", 10.5)
        pdf.set_text_color(*_DIM)
        pdf.cell(38, 7.5, label)
        pdf.set_text_color(*_INK)
        pdf.multi_cell(0, 7.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.ln(10)
    pdf.text_block(pdf.word("contents"), 12, "B")
    pdf.ln(1)
    for section in referral.sections:
        pdf.set_font(_FONT, "", 10.5)
        pdf.set_text_color(*_ACCENT)
        pdf.cell(
            0, 7, section.title, link=f"#section-{section.key}", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
    pdf.set_text_color(*_INK)


def _section(pdf: _Document, section: Section) -> None:
    if section.key == "summary" or pdf.get_y() > pdf.h - 70:
        pdf.add_page()
    else:
        pdf.ln(7)
    pdf.set_link(name=f"section-{section.key}", y=pdf.get_y())
    pdf.start_section(section.title)
    pdf.text_block(section.title, 13, "B")
    pdf.ln(1.5)
    for paragraph in section.paragraphs:
        pdf.text_block(paragraph)
        pdf.ln(1.8)
    if section.key == "money":
        _draw_flows(pdf, pdf.referral.flows)
    if section.key == "parties":
        _table(pdf, section)
        _draw_ties(pdf)
        return
    if section.columns:
        _table(pdf, section)


def _table(pdf: _Document, section: Section) -> None:
    widths = [pdf.epw * width / sum(section.widths) for width in section.widths]
    shown = section.lines[:_MOST_LINES]
    if not shown:
        pdf.text_block("—")
        return
    _row(pdf, Line(section.columns), widths, section, is_head=True)
    for line in shown:
        _row(pdf, line, widths, section)
    if len(section.lines) > len(shown):
        pdf.text_block(pdf.word("more_lines", n=len(section.lines) - len(shown)), _SMALL)


def _row(
    pdf: _Document, line: Line, widths: Sequence[float], section: Section, is_head: bool = False
) -> None:
    """One row, never torn; on a new page the headings stand above it again."""
    pdf.set_font(_FONT, "B" if is_head else "", _SMALL)
    cells = [
        lines_of(text, width - 2 * _GAP, pdf.get_string_width)[:_MOST_CELL_LINES]
        for text, width in zip(line.cells, widths, strict=True)
    ]
    height = max(len(lines) for lines in cells) * _LINE + 1.6
    if pdf.get_y() + height + (3 * _LINE if is_head else 0) > pdf.h - _FOOT:
        pdf.add_page()
        if not is_head:
            _row(pdf, Line(section.columns), widths, section, is_head=True)
        pdf.set_font(_FONT, "B" if is_head else "", _SMALL)
    top, left = pdf.get_y(), pdf.l_margin
    if line.anchor:
        pdf.set_link(name=line.anchor, y=top)
    if is_head:
        pdf.set_fill_color(*_WASH)
        pdf.rect(left, top, pdf.epw, height, style="F")
    for column, (lines, width) in enumerate(zip(cells, widths, strict=True)):
        _cell(pdf, lines, left + _GAP, top + 0.8, column in section.references and not is_head)
        left += width
    pdf.set_draw_color(*_RULE)
    pdf.line(pdf.l_margin, top + height, pdf.l_margin + pdf.epw, top + height)
    pdf.set_xy(pdf.l_margin, top + height)


def _cell(pdf: _Document, lines: Sequence[str], x: float, y: float, is_citing: bool) -> None:
    """The lines of a cell; in a column that cites, each number leads to its row."""
    pdf.set_auto_page_break(False)
    for k, text in enumerate(lines):
        pdf.set_xy(x, y + k * _LINE)
        if not is_citing or text == "—":
            pdf.cell(pdf.get_string_width(text), _LINE, text)
            continue
        pdf.set_text_color(*_ACCENT)
        for number in text.split():
            pdf.cell(pdf.get_string_width(number) + 1, _LINE, number, link=f"#{number}")
        pdf.set_text_color(*_INK)
    pdf.set_auto_page_break(True, _FOOT)


def _draw_flows(pdf: _Document, flows: Sequence[Flow]) -> None:
    """Payers left, payees right, a band for each pair as thick as its share of the largest."""
    shown = flows[:_MOST_FLOWS]
    if not shown:
        return
    payers = list(dict.fromkeys(f.payer for f in shown))
    payees = list(dict.fromkeys(f.payee for f in shown))
    height = 8.0 * max(len(payers), len(payees)) + 4
    if pdf.get_y() + height > pdf.h - _FOOT:
        pdf.add_page()
    top, left, right = pdf.get_y() + 4, pdf.l_margin + 56, pdf.l_margin + pdf.epw - 56
    place = {("from", name): top + 8 * k for k, name in enumerate(payers)}
    place |= {("to", name): top + 8 * k for k, name in enumerate(payees)}
    largest = max(float(f.amount) for f in shown) or 1.0
    for flow in shown:
        pdf.set_draw_color(*(_WARN if flow.is_back else _ACCENT))
        pdf.set_line_width(0.3 + 2.2 * float(flow.amount) / largest)
        pdf.line(left, place["from", flow.payer], right, place["to", flow.payee])
    pdf.set_line_width(0.2)
    pdf.set_font(_FONT, "", 7.5)
    for (side, name), y in place.items():
        pdf.set_xy(pdf.l_margin if side == "from" else right + 2, y - 2)
        pdf.cell(54, 4, _short(pdf, name, 53), align="R" if side == "from" else "L")
    pdf.set_xy(pdf.l_margin, top + height)


def _draw_ties(pdf: _Document) -> None:
    """The parties of the rings on a circle, a line for each pair that shares something."""
    ties = pdf.referral.ties
    names = list(dict.fromkeys(name for left, right, _ in ties for name in (left, right)))
    if not 2 <= len(names) <= _MOST_NODES:
        return
    size = 92.0
    if pdf.get_y() + size > pdf.h - _FOOT:
        pdf.add_page()
    x0, y0, radius = pdf.l_margin + pdf.epw / 2, pdf.get_y() + size / 2 + 2, size / 2 - 12
    place = {
        name: (x0 + radius * math.cos(2 * math.pi * k / len(names)),
               y0 + radius * math.sin(2 * math.pi * k / len(names)))
        for k, name in enumerate(names)
    }  # fmt: skip
    pdf.set_draw_color(*_WARN)
    for left, right in dict.fromkeys((left, right) for left, right, _ in ties):
        pdf.line(*place[left], *place[right])
    pdf.set_font(_FONT, "", 7.0)
    for name, (x, y) in place.items():
        pdf.set_fill_color(*_ACCENT)
        pdf.circle(x, y, 1.3, style="F")
        is_left = x < x0
        pdf.set_xy(x - 57 if is_left else x + 2, y - 2)
        pdf.cell(55, 4, _short(pdf, name, 54), align="R" if is_left else "L")
    kinds = list(dict.fromkeys(kind for _, _, kind in ties))
    pdf.set_xy(pdf.l_margin, y0 + size / 2)
    line = ("连线表示共用：" if pdf.zh else "a line: they share ") + (
        "、" if pdf.zh else ", "
    ).join(kinds)
    pdf.text_block(line, _SMALL)


def _short(pdf: _Document, text: str, width: float) -> str:
    """The text, cut where it is wider than ``width`` mm."""
    while text and pdf.get_string_width(text) > width:
        text = text[:-2] + "…"
    return text
