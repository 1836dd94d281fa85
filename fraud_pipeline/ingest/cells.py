"""One cell to one value: the slow, careful parsers for what the fast path does not know.

Each takes the cell as it stood and returns (value, repair): the value, and the
name of the repair that was needed or None when none was. They raise BadCell with
a reason code when a person has to look.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from fraud_pipeline.records.schema import TIME_ZONE

_ZONE = ZoneInfo(TIME_ZONE)
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_EXCEL_RANGE = (20000, 80000)  # 1954 to 2119: other integers are not serial dates
_DIGITS = {c: str(k) for k, c in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?(?:月)?$")
_SCIENTIFIC = re.compile(r"^\d(\.\d+)?[eE]\+?\d+$")
_UNITS = {"万": Decimal(10000), "亿": Decimal(100000000)}


class BadCell(ValueError):  # noqa: N818 - a finding, not an error of the program
    """A cell that cannot be read; ``args[0]`` is the reason code."""


def plain(text: str) -> str:
    """Half-width, without outer or no-break spaces."""
    return unicodedata.normalize("NFKC", text).replace("\u00a0", " ").strip()


def identifier(text: str) -> tuple[str, str | None]:
    """An identifier is text; what a spreadsheet turned into 1.23E+17 has lost its digits."""
    clean = plain(text)
    if _SCIENTIFIC.match(clean):
        raise BadCell("lost_digits")
    if clean.endswith(".0") and clean[:-2].isdigit():
        return clean[:-2], "number_to_text"
    return clean, "full_width" if clean != text.strip() else None


def number(text: str) -> tuple[Decimal, str | None]:
    """A number with separators, currency marks, percent or 万 and 亿 units."""
    clean = plain(text).replace(" ", "")
    bare = clean.replace(",", "").replace("，", "").lstrip("￥¥$").removesuffix("元")
    factor, repair = Decimal(1), None if bare == text else "number_format"
    if bare[-1:] in _UNITS:
        factor, bare, repair = _UNITS[bare[-1]], bare[:-1], "unit_in_cell"
    if bare.endswith("%"):
        factor, bare, repair = Decimal("0.01"), bare[:-1], "percent"
    if bare.startswith("(") and bare.endswith(")"):
        bare, repair = "-" + bare[1:-1], "accounting_negative"
    try:
        value = Decimal(bare) * factor
    except InvalidOperation as error:
        raise BadCell("not_a_number") from error
    if not value.is_finite():
        raise BadCell("not_a_number")
    return value, repair


def day(text: str) -> tuple[date, str | None]:
    """A date: ISO, 2016年7月1日, 2016.7.1, 20160701, 2016/7, 二〇一六年七月一日, Excel's serial."""
    clean = plain(text)
    if any(c in _DIGITS for c in clean):
        clean = _chinese_digits(clean)
    clean = re.sub(r"[ T]\d{1,2}:\d{2}.*$", "", clean)
    repair = None if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else "date_format"
    if clean.isdigit() and len(clean) == 8:
        return _calendar(clean[:4], clean[4:6], clean[6:]), repair
    if re.fullmatch(r"\d{5}(\.\d+)?", clean) and _EXCEL_RANGE[0] < float(clean) < _EXCEL_RANGE[1]:
        return _EXCEL_DAY_ZERO + timedelta(days=int(float(clean))), "excel_serial"
    found = _DATE.match(clean)
    if found is None:
        raise BadCell("not_a_date")
    if found[3] is None:
        return _calendar(found[1], found[2], "1"), "day_missing"
    return _calendar(found[1], found[2], found[3]), repair


def instant(text: str) -> tuple[datetime, str | None]:
    """A point in time; without a zone it is Shanghai's."""
    clean = plain(text).replace("/", "-")
    try:
        value = datetime.fromisoformat(clean)
    except ValueError:
        value = datetime.combine(day(text)[0], datetime.min.time())
        return value.replace(tzinfo=_ZONE), "time_missing"
    if value.tzinfo is None:
        return value.replace(tzinfo=_ZONE), "zone_missing"
    return value, None


def _calendar(year: str, month: str, number: str) -> date:
    try:
        return date(int(year), int(month), int(number))
    except ValueError as error:
        raise BadCell("not_a_date") from error


def _chinese_digits(text: str) -> str:
    """二〇一六年十二月三十一日 -> 2016年12月31日."""

    def part(found: re.Match[str]) -> str:
        word = found[0]
        if "十" not in word:
            return "".join(_DIGITS.get(c, c) for c in word)
        tens, _, units = word.partition("十")
        return str(int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(units, "0")))

    return re.sub(r"[〇零○一二三四五六七八九十]+", part, text)
