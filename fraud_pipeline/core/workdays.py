"""Working days and deadlines, by the public calendar and a bureau's own corrections.

The calendar package knows the holidays and the Saturdays worked instead of them. Day 0,
the day the period begins, does not count: five working days after 12 February 2018 (the
spring festival lies between) end on Saturday the 24th, which was worked. Rules and workbench
count by the same :class:`WorkCalendar`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol

import holidays
import numpy as np
import pyarrow as pa

_SLACK_DAYS = 30  # the longest run of days off there is, and some
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked in ``country``; never, for a country without a calendar.

    ``extra_working_days`` and ``extra_holidays`` correct the public calendar. It has been
    published up to ``known_until``: later days are uncertain.
    """

    country: str
    known_until: date
    extra_working_days: frozenset[date] = frozenset()
    extra_holidays: frozenset[date] = frozenset()

    @classmethod
    def of(cls, country: str, settings: CalendarCorrections) -> WorkCalendar:
        """The calendar of ``country`` as a bureau's settings correct it."""
        return cls(
            country,
            settings.workdays_known_until,
            frozenset(settings.extra_working_days),
            frozenset(settings.extra_holidays),
        )

    def worked(self, first: date, last: date) -> np.ndarray:
        """Whether each day from ``first`` to ``last`` is worked (bool, one a day)."""
        years = [_year(self, year) for year in range(first.year, last.year + 1)]
        start = (first - date(first.year, 1, 1)).days
        return np.concatenate(years)[start : start + (last - first).days + 1]

    def working_days(self, start: date, end: date) -> int:
        """Working days after ``start`` up to ``end``.

        Days after ``known_until`` are not counted: a deadline has passed only by days that are
        certain.
        """
        return _count(self, start, min(end, self.known_until))

    def earliest_start(self, end: date, most: int) -> date:
        """The earliest day after which at most ``most`` working days lie up to ``end``."""
        return _earliest(self, min(end, self.known_until), most)


@lru_cache(maxsize=256)
def _year(calendar: WorkCalendar, year: int) -> np.ndarray:
    """Whether each day of ``year`` is worked."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    if calendar.country not in holidays.list_supported_countries():
        return np.zeros(len(days), bool)
    public = holidays.country_holidays(calendar.country, years=year)
    return np.array(
        [
            (public.is_working_day(day) and day not in calendar.extra_holidays)
            or day in calendar.extra_working_days
            for day in days
        ]
    )


@lru_cache(maxsize=4_096)
def _count(calendar: WorkCalendar, start: date, end: date) -> int:
    if end <= start:
        return 0
    return int(calendar.worked(start + timedelta(days=1), end).sum())


@lru_cache(maxsize=256)
def _earliest(calendar: WorkCalendar, end: date, most: int) -> date:
    day = end
    while _count(calendar, day - timedelta(days=1), end) <= most:
        day -= timedelta(days=1)
    return day


class CalendarCorrections(Protocol):
    """What a bureau knows better than the calendar package: settings of the programmes."""

    @property
    def workdays_known_until(self) -> date: ...
    @property
    def extra_holidays(self) -> tuple[date, ...]: ...
    @property
    def extra_working_days(self) -> tuple[date, ...]: ...


def deadlines(
    country: str, periods: Sequence[int], first: date, last: date, settings: CalendarCorrections
) -> pa.Table:
    """day, working_days (the period), due_on, worked (working days since a fixed day).

    One row for each day from ``first`` to ``last`` and period. ``due_on`` is null where
    the deadline lies beyond ``workdays_known_until`` or the country's calendar is not
    known: then a deadline is uncertain, not passed.
    """
    calendar = WorkCalendar.of(country, settings)
    n_days = (last - first).days + 1
    span = max(periods, default=0) * 2 + _SLACK_DAYS
    worked = calendar.worked(first, last + timedelta(days=span))
    count = np.cumsum(worked)
    stamps = first.toordinal() - _EPOCH + np.arange(len(worked))
    known = calendar.known_until.toordinal() - _EPOCH
    tables = []
    for period in periods:
        place = np.searchsorted(count, count[:n_days] + period)
        due = stamps[np.minimum(place, len(stamps) - 1)]
        certain = (place < len(stamps)) & (due <= known)
        tables.append(
            pa.table(
                {
                    "country": pa.repeat(pa.scalar(country), n_days),
                    "day": pa.array(stamps[:n_days].astype(np.int32)).cast(pa.date32()),
                    "working_days": pa.repeat(pa.scalar(period, pa.int64()), n_days),
                    "due_on": pa.array(due.astype(np.int32), mask=~certain).cast(pa.date32()),
                    "worked": pa.array(count[:n_days].astype(np.int64)),
                }
            )
        )
    return pa.concat_tables(tables)
