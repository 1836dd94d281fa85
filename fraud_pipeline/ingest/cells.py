"""One cell to one value: the slow, careful parsers for what the fast path does not know.

Each takes the cell as it stood and returns (value, repair): the value, and the
name of the repair that was needed or None when none was. They raise BadCell with
a reason code when a person has to look. What is not certain is never guessed.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from fraud_pipeline.core.time_zone import TIME_ZONE
from fraud_pipeline.ingest import identifiers

_ZONE = ZoneInfo(TIME_ZONE)
_EXCEL_DAY_ZERO = date(1899, 12, 30)
# 1100105 is the 5th of January of the 110th year of the Republic
_ROC_DATE = re.compile(r"(0[89]\d|1[0-3]\d)(0[1-9]|1[0-2])(\d\d)", re.ASCII)
_ROC_YEARS = 1911
_EXCEL_RANGE = (20000, 80000)  # 1954 to 2119: other integers are not serial dates
_DIGITS = {c: str(k) for k, c in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
    "Ｏ": "0",
}
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*[日号]?)?\s*月?", re.ASCII
)
_WEEKDAY = re.compile(r"\s*\(?(星期|周|礼拜)[一二三四五六日天]\)?$")
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
_NUMBER_WORD = re.compile(r"^(No\s*[.:]|№|Nº|编号\s*:|发票号码?\s*:)\s*(?=\d)", re.IGNORECASE)
_FORMULA_TEXT = re.compile(r'="([^"]*)"')  # how exports keep a spreadsheet's hands off a number
# 上午9:30, PM 3:05:00, 3:05 PM
_HALF_DAY = re.compile(
    r"\s*(?:(上午|下午|AM|PM)\s*(\d{1,2})(?=:\d{2})|(?<![\d:])(\d{1,2})(:\d{2}(?::\d{2})?)\s*(AM|PM)$)",
    re.IGNORECASE | re.ASCII,
)
_WORDED_CLOCK = re.compile(
    r"\s*(?<!\d)(\d{1,2})\s*[点时]\s*(?:(\d{1,2})\s*分\s*(?:(\d{1,2})\s*秒)?)?$", re.ASCII
)  # 15点, 15时30分, 15点30分05秒
_SERIAL_TIME = re.compile(r"(\d{5})(\.\d+)", re.ASCII)
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
    righted = readable(text)
    if righted is not None:
        return righted, "wrong_encoding"
    bare = text.translate(_NOTHING)
    clean = _CONTROL.sub("", bare).strip()
    if clean == bare.strip():
        return clean, "invisible_characters" if bare != text else None
    return clean, "control_characters"


def line(text: str) -> tuple[str, str | None]:
    """Text that fits on one line: a name or address without the breaks a narrow cell gave it."""
    clean, repair = prose(text)
    joined = re.sub(r"(?<![!-~])[\r\n]+\s*|\s*[\r\n]+(?![!-~])", "", clean)
    joined = re.sub(r"\s*[\r\n]+\s*", " ", joined)
    return joined, "line_break" if joined != clean else repair


def readable(text: str) -> str | None:
    """Chinese that was UTF-8 and read as GBK or as a Western code page, put right; else None.

    Only if every sign comes back as a Chinese character or a plain one.
    """
    for encoding in ("gb18030", "cp1252"):
        try:
            decoded = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        chinese = sum("\u4e00" <= c <= "\u9fff" for c in decoded)
        plain_signs = sum(c.isascii() or c in "（）《》，。、：；〔〕" for c in decoded)
        enough = chinese >= (2 if encoding == "gb18030" else 1)
        if decoded != text and enough and chinese + plain_signs == len(decoded):
            return decoded
    return None


def identifier(text: str) -> tuple[str, str | None]:
    """An identifier is text; what a spreadsheet turned into 1.23E+17 has lost its digits."""
    clean = _CONTROL.sub("", plain(text))
    broken = clean
    clean = re.sub(r"[\r\n]+", "", clean)
    repair = "line_break" if clean != broken else "full_width"
    clean = _NUMBER_WORD.sub("", clean)
    marked = _FORMULA_TEXT.fullmatch(clean)
    clean = marked[1].strip() if marked else clean.removeprefix("'").strip()
    if _SCIENTIFIC.fullmatch(clean):
        raise BadCell("lost_digits")
    if not clean:
        raise BadCell("missing")
    joined = identifiers.joined(clean)
    repaired = identifiers.repair_lookalikes(joined)
    if repaired != joined:
        return repaired, "lookalike_letter"
    if joined != clean:
        return joined, "spaces_in_number"
    return clean, repair if clean != text.strip() else None


def phone(text: str) -> tuple[str, str | None]:
    """A telephone number as its digits, area code included; several numbers stay as they stood."""
    clean, repair = identifier(text)
    digits = identifiers.phone_digits(clean)
    return (digits, "phone_format") if digits not in (None, clean) else (clean, repair)


def account(text: str) -> tuple[str, str | None]:
    """A bank account without the spaces that people group its digits with."""
    clean, repair = identifier(text)
    bare = re.sub(r"[\s-]", "", clean)
    if bare != clean and re.fullmatch(r"\d{8,30}", bare, re.ASCII):
        return bare, "spaces_in_number"
    return clean, repair


def day(text: str) -> tuple[date, str | None]:
    """A date: ISO, 2016年7月1日, 2016.7.1, 20160701, 2016/7, 二〇一六年七月一日, Excel's serial.

    A month without a day is its first day (repair ``day_missing``). An instant with
    a time zone is the day it was in Shanghai.
    """
    clean = plain(text)
    repair = None if _PLAIN_DATE.fullmatch(text.strip()) else "date_format"
    if _ZONED.search(clean):
        return instant(text)[0].date(), repair
    clean = _WEEKDAY.sub("", clean)
    if any(c in _DIGITS for c in clean):
        clean = _chinese_digits(clean)
    clean = _CLOCK.sub("", clean)
    if re.fullmatch(r"\d{8}(\.0)?", clean, re.ASCII):
        return _calendar(clean[:4], clean[4:6], clean[6:8]), repair
    serial = float(clean) if re.fullmatch(r"\d{5}(\.\d+)?", clean, re.ASCII) else 0.0
    if _EXCEL_RANGE[0] < serial < _EXCEL_RANGE[1]:
        return _EXCEL_DAY_ZERO + timedelta(days=int(serial)), "excel_serial"
    compact = _ROC_DATE.fullmatch(clean)
    if compact:
        year = int(compact[1]) + _ROC_YEARS
        return _calendar(str(year), compact[2], compact[3]), "other_calendar"
    match = _DATE.fullmatch(clean)
    if match is None:
        raise BadCell("not_a_date")
    if match[3] is None:
        return _calendar(match[1], match[2], "1"), "day_missing"
    return _calendar(match[1], match[2], match[3]), repair


def instant(text: str) -> tuple[datetime, str | None]:
    """A point in time; without a zone it is Shanghai's, as the data contract says."""
    clean = plain(text).replace("/", "-")
    serial = _SERIAL_TIME.fullmatch(clean)
    if serial and _EXCEL_RANGE[0] < int(serial[1]) < _EXCEL_RANGE[1]:
        return _serial_instant(serial[1], serial[2]), "excel_serial"
    full = _clock_of_24_hours(clean)
    if full != clean:
        return instant(full)[0], "date_format"
    try:
        value = datetime.fromisoformat(clean)
    except ValueError:
        if _ZONED.search(clean):
            raise BadCell("not_a_date") from None
        clock = re.search(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", clean, re.ASCII)
        hours, minutes, seconds = (int(p or 0) for p in clock.groups()) if clock else (0, 0, 0)
        if hours > 23 or minutes > 59 or seconds > 59:
            raise BadCell("not_a_date") from None
        on, missing = day(clean)
        value = datetime.combine(on, datetime.min.time())
        value = value.replace(hour=hours, minute=minutes, second=seconds, tzinfo=_ZONE)
        if missing == "day_missing":
            return value, missing
        return value, "date_format" if clock else "time_missing"
    if re.fullmatch(r"[\d-]*", clean, re.ASCII):
        return datetime.combine(day(text)[0], datetime.min.time(), _ZONE), "time_missing"
    try:
        return value.replace(tzinfo=_ZONE) if value.tzinfo is None else value.astimezone(
            _ZONE
        ), None
    except (OverflowError, ValueError) as error:
        raise BadCell("not_a_date") from error


def _clock_of_24_hours(text: str) -> str:
    """下午3点05分, PM 3:05 and 3:05 PM as 15:05; a clock of 24 hours stays as it is.

    Twelve o'clock is midnight in the first half of the day and noon in the second, as
    spreadsheets write it. 上午12点 in words is refused: people also mean noon by it.
    """
    worded = _WORDED_CLOCK.search(text)
    if worded:
        if worded[1] == "12" and text[: worded.start()].endswith("上午"):
            raise BadCell("not_a_date")
        hour, minute, second = (int(part or 0) for part in worded.groups())
        text = f"{text[: worded.start()]} {hour:02d}:{minute:02d}:{second:02d}"
    half = _HALF_DAY.search(text)
    if half is None:
        return text
    hour = int(half[2] or half[3])
    if not 1 <= hour <= 12:
        raise BadCell("not_a_date")
    late = (half[1] or half[5]).lower() in ("下午", "pm")
    clock = f"{hour % 12 + 12 * late:02d}{half[4] or ''}"
    return f"{text[: half.start()]} {clock}{text[half.end() :]}"


def _serial_instant(days: str, fraction: str) -> datetime:
    """Excel's day number with its fraction of a day, to the second as Excel shows it."""
    seconds = round(float(fraction) * 86_400)
    midnight = datetime.combine(_EXCEL_DAY_ZERO + timedelta(days=int(days)), datetime.min.time())
    return (midnight + timedelta(seconds=seconds)).replace(tzinfo=_ZONE)


def _calendar(year: str, month: str, number: str) -> date:
    try:
        return date(int(year), int(month), int(number))
    except ValueError as error:
        raise BadCell("not_a_date") from error


def _chinese_digits(text: str) -> str:
    """二〇一六年十二月三十一日 -> 2016年12月31日."""

    def part(match: re.Match[str]) -> str:
        word = match[0]
        if "十" not in word:
            return "".join(_DIGITS.get(c, c) for c in word)
        tens, _, units = word.partition("十")
        value = int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(units, "0"))
        return str(value) if tens in _DIGITS or not tens else word

    return re.sub(r"[〇零○一二三四五六七八九十]+", part, text)
