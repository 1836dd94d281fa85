"""Dates and instants of a column put into ISO, before the careful parser sees them.

Read here: what a mapping says (formats, order, time zone), what the column proves, names of
months, and times with a named zone. Everything else is left as it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fraud_pipeline.core.time_zone import TIME_ZONE
from fraud_pipeline.ingest.calendars import western
from fraud_pipeline.ingest.cells import BadCell, instant, plain
from fraud_pipeline.ingest.date_order import (
    EXCHANGED,
    in_formats,
    in_order,
    triple,
    with_month_for_day,
)
from fraud_pipeline.ingest.month_names import worded_date
from fraud_pipeline.schema import Kind

# 2013-12-30 00:00:00 GMT, … UTC+2, … +0100, …Z
_ZONE = re.compile(
    r"(\d{1,2}:\d{2}.*?)\s*(?:(GMT|UTC|UT|Z)?\s*([+-]\d{1,2}(?::?\d{2})?)|(GMT|UTC|UT|Z))",
    re.IGNORECASE | re.ASCII,
)
_MOST_HOURS = 14  # the zone farthest from Greenwich
_TIME = re.compile(r"[ T]+(?=\d{1,2}:\d{2})", re.ASCII)
_DAY_AND_CLOCK = re.compile(
    r"(\d{4}-\d{2}-\d{2}) \d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?)?",
    re.IGNORECASE | re.ASCII,
)
_MONTH_AND_YEAR = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{4})", re.ASCII)  # 03/2016
_DOTTED = re.compile(r"(\d{4})\.\s*(\d{1,2})\.\s*(\d{1,2})\.", re.ASCII)  # 2016. 5. 3.
_PLAIN = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2})?", re.ASCII)


@dataclass(frozen=True)
class DateForm:
    """How the dates of a column are written: a mapping's formats, an order, the zone of its clocks."""

    formats: tuple[str, ...] = ()
    order: str | None = None
    zone: str = TIME_ZONE


_UNORDERED = DateForm()
Written = tuple[str, str | None, str | None]


def as_iso(text: str, kind: Kind, form: DateForm) -> Written:
    """(text, repair, fault) of one cell: ISO where it can be read here, else as it stood.

    The fault ``date_order`` marks a date with two readings.
    """
    try:
        clean = plain(text)
    except BadCell:
        return text, None, None
    common = western(clean)
    if common == clean:
        return _in_common_years(text, clean, kind, form)
    iso, _, fault = _in_common_years(common, common, kind, form)
    return (text, None, fault) if fault else (iso, "other_calendar", None)


def _in_common_years(text: str, clean: str, kind: Kind, form: DateForm) -> Written:
    """As :func:`as_iso`, of a cell in years of the common calendar; ``clean`` is its plain spelling."""
    if form.order == EXCHANGED:
        iso = with_month_for_day(clean)
        return (
            (iso, "date_format", None) if iso else _in_common_years(text, clean, kind, _UNORDERED)
        )
    if _PLAIN.fullmatch(clean) and not form.formats and form.zone == TIME_ZONE:
        return text, None, None
    read = in_formats(clean, form.formats) if form.formats else None
    body, offset = _zoned(read or clean)
    if read is None:
        body, fault = _ordered(body, form.order)
        if fault:
            return text, None, fault
    if offset is not None:
        return _zoned_cell(text, body, offset, kind, form.zone)
    if form.zone != TIME_ZONE and kind is Kind.INSTANT:
        return _zoned_cell(text, body, form.zone, kind, form.zone)
    timed = _DAY_AND_CLOCK.fullmatch(body) if kind is Kind.DATE and body != clean else None
    body = timed[1] if timed else body
    return (body, "date_format", None) if body != clean else (text, None, None)


def _ordered(text: str, order: str | None) -> tuple[str, str | None]:
    """(ISO text, fault) of a date by its order or by the name of its month; else as it stood."""
    read = in_order(text, order)
    if read is not None:
        return read, None
    no_day = _MONTH_AND_YEAR.fullmatch(text)
    if no_day:
        return f"{no_day[2]}-{int(no_day[1]):02d}", None
    dotted = _DOTTED.fullmatch(text)
    if dotted:
        return "-".join(f"{int(part):02d}" for part in dotted.groups()), None
    three = triple(text)
    if three is not None:
        several = order is None and len(set(three.days().values())) > 1
        return text, "date_order" if several else None
    at = _TIME.search(text)
    words = worded_date(text[: at.start()] if at else text)
    if words is None:
        return text, None
    year, month, number = words
    date_text = f"{year}-{month:02d}" + (f"-{number:02d}" if number else "")
    return f"{date_text} {text[at.end() :]}" if at else date_text, None


def _zoned(text: str) -> tuple[str, str | None]:
    """The text without its zone, and the offset of that zone as +HH:MM."""
    clock = re.search(r"\d{1,2}:\d{2}", text, re.ASCII)
    match = _ZONE.fullmatch(text[clock.start() :]) if clock else None
    if clock is None or match is None:
        return text, None
    sign, digits = (match[3] or "+0")[0], re.sub(r"\D", "", match[3] or "0")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "00")
    return text[: clock.start()] + match[1].strip(), f"{sign}{int(hours):02d}:{minutes}"


def _zoned_cell(text: str, body: str, offset: str, kind: Kind, zone: str) -> Written:
    """A time with a zone: the instant itself, or the day it was in ``zone``.

    Midnight is how a day is exported, so midnight stays the day that is written.
    """
    try:
        local, _ = instant(body)
    except BadCell:
        return text, None, None
    naive = local.replace(tzinfo=None)
    if kind is Kind.DATE and naive.time() == datetime.min.time():
        return str(naive.date()), "time_zone", None
    try:
        moment = naive.replace(tzinfo=ZoneInfo(offset) if offset[0] not in "+-" else None)
        if moment.tzinfo is None:
            hours, minutes = int(offset[1:3]), int(offset[4:6])
            if hours > _MOST_HOURS or minutes > 59:
                return text, None, "not_a_date"
            shift = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
            moment = (naive - shift).replace(tzinfo=ZoneInfo("UTC"))
        there = moment.astimezone(ZoneInfo(zone))
    except (OverflowError, ValueError):
        return text, None, "not_a_date"
    if kind is Kind.DATE:
        return str(there.date()), "time_zone", None
    return there.isoformat(sep=" "), "time_zone", None
