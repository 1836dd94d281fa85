"""One cell to one value: the slow, careful parsers for what the fast path does not know.

Each takes the cell as it stood and returns (value, repair): the value, and the
name of the repair that was needed or None when none was. They raise BadCell with
a reason code when a person has to look. What is not certain is never guessed.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from fraud_pipeline.ingest import identifiers
from fraud_pipeline.records.schema import TIME_ZONE

_ZONE = ZoneInfo(TIME_ZONE)
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_EXCEL_RANGE = (20000, 80000)  # 1954 to 2119: other integers are not serial dates
_DIGITS = {c: str(k) for k, c in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
    "Ｏ": "0",
}
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?)?\s*月?", re.ASCII
)
_CLOCK = re.compile(r"(?<=[\d日])[ T]\s*\d{1,2}:\d{2}(:\d{2}(\.\d*)?)?$", re.ASCII)
_ZONED = re.compile(r"\d{1,2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})$", re.ASCII)
_PLAIN_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?: 00:00:00)?", re.ASCII)
# what a spreadsheet makes of a long number: 1.23E+17, 4E+19, 9.142e17
_SCIENTIFIC = re.compile(r"\d(\.\d+[eE]\+?\d+|[eE]\+\d+|[eE]\d{2,})", re.ASCII)
_SPREADSHEET_ERROR = re.compile(r"#(REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|#+)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Full-width forms to half-width. Not NFKC: it would also turn 10² into 102 and ① into 1.
_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0xA0: " ",
    0x202F: " ",
}
_NOTHING = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD))
_FOLD: dict[int, str | int | None] = {**_HALF, **_NOTHING, 0x2212: "-", 0xFFE5: "¥"}


class BadCell(ValueError):  # noqa: N818 - a finding, not an error of the program
    """A cell that cannot be read; ``args[0]`` is the reason code."""


def plain(text: str) -> str:
    """Half-width, without invisible characters and outer or no-break spaces."""
    clean = text.translate(_FOLD).strip()
    if _SPREADSHEET_ERROR.fullmatch(clean):
        raise BadCell("spreadsheet_error")
    if "\ufffd" in clean:
        raise BadCell("broken_characters")
    return clean


def prose(text: str) -> tuple[str, str | None]:
    """Text for reading: as it stood, without control characters."""
    plain(text)
    clean = _CONTROL.sub("", text).strip()
    return clean, "control_characters" if clean != text.strip() else None


def identifier(text: str) -> tuple[str, str | None]:
    """An identifier is text; what a spreadsheet turned into 1.23E+17 has lost its digits."""
    clean = _CONTROL.sub("", plain(text))
    if _SCIENTIFIC.fullmatch(clean):
        raise BadCell("lost_digits")
    if not clean:
        raise BadCell("missing")
    mended = identifiers.mended(clean)
    if mended != clean:
        return mended, "lookalike_letter"
    return clean, "full_width" if clean != text.strip() else None


def day(text: str) -> tuple[date, str | None]:
    """A date: ISO, 2016年7月1日, 2016.7.1, 20160701, 2016/7, 二〇一六年七月一日, Excel's serial.

    A month without a day is its first day (repair ``day_missing``). An instant with
    a time zone is the day it was in Shanghai.
    """
    clean = plain(text)
    repair = None if _PLAIN_DATE.fullmatch(text.strip()) else "date_format"
    if _ZONED.search(clean):
        return instant(text)[0].date(), repair
    if any(c in _DIGITS for c in clean):
        clean = _chinese_digits(clean)
    clean = _CLOCK.sub("", clean)
    if re.fullmatch(r"\d{8}", clean, re.ASCII):
        return _calendar(clean[:4], clean[4:6], clean[6:]), repair
    serial = float(clean) if re.fullmatch(r"\d{5}(\.\d+)?", clean, re.ASCII) else 0.0
    if _EXCEL_RANGE[0] < serial < _EXCEL_RANGE[1]:
        return _EXCEL_DAY_ZERO + timedelta(days=int(serial)), "excel_serial"
    found = _DATE.fullmatch(clean)
    if found is None:
        raise BadCell("not_a_date")
    if found[3] is None:
        return _calendar(found[1], found[2], "1"), "day_missing"
    return _calendar(found[1], found[2], found[3]), repair


def instant(text: str) -> tuple[datetime, str | None]:
    """A point in time; without a zone it is Shanghai's, as the data contract says."""
    clean = plain(text).replace("/", "-")
    try:
        value = datetime.fromisoformat(clean)
    except ValueError:
        if _ZONED.search(clean):
            raise BadCell("not_a_date") from None
        clock = re.search(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", clean, re.ASCII)
        hours, minutes, seconds = (int(p or 0) for p in clock.groups()) if clock else (0, 0, 0)
        if hours > 23 or minutes > 59 or seconds > 59:
            raise BadCell("not_a_date") from None
        value = datetime.combine(day(text)[0], datetime.min.time())
        value = value.replace(hour=hours, minute=minutes, second=seconds, tzinfo=_ZONE)
        return value, "date_format" if clock else "time_missing"
    if re.fullmatch(r"[\d-]*", clean, re.ASCII):
        return datetime.combine(day(text)[0], datetime.min.time(), _ZONE), "time_missing"
    try:
        return value.replace(tzinfo=_ZONE) if value.tzinfo is None else value.astimezone(
            _ZONE
        ), None
    except (OverflowError, ValueError) as error:
        raise BadCell("not_a_date") from error


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
        value = int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(units, "0"))
        return str(value) if tens in _DIGITS or not tens else word

    return re.sub(r"[〇零○一二三四五六七八九十]+", part, text)
