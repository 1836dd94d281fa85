"""Deadlines in working days, by the public calendar and a bureau's own corrections.

The calendar package knows the holidays and the Saturdays worked instead of them. Day 0,
the day the period begins, does not count: five working days after 12 February 2018 (the
spring festival lies between) end on Saturday the 24th, which was worked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import holidays
import numpy as np
import pyarrow as pa

from fraud_pipeline.settings import ProgrammeSettings

_SLACK_DAYS = 30  # the longest run of days off there is, and some


def deadlines(
    country: str, periods: Sequence[int], first: date, last: date, settings: ProgrammeSettings
) -> pa.Table:
    """day, working_days (the period), due_on, worked (working days since a fixed day).

    One row for each day from ``first`` to ``last`` and period. ``due_on`` is null where
    the deadline lies beyond ``workdays_known_until`` or the country's calendar is not
    known: then a deadline is uncertain, not passed.
    """
    known = date.fromisoformat(settings.workdays_known_until)
    span = max(periods, default=0) * 2 + _SLACK_DAYS
    days = [first + timedelta(days=n) for n in range((last - first).days + 1 + span)]
    worked = _worked(country, days, settings)
    count = np.cumsum(worked)
    asked = (last - first).days + 1
    stamps = np.array([day.toordinal() for day in days]) - date(1970, 1, 1).toordinal()
    tables = []
    for period in periods:
        place = np.searchsorted(count, count[:asked] + period)
        certain = np.array([days[p] <= known for p in place]) & bool(worked.any())
        tables.append(
            pa.table(
                {
                    "country": pa.repeat(pa.scalar(country), asked),
                    "day": pa.array(stamps[:asked].astype(np.int32)).cast(pa.date32()),
                    "working_days": pa.repeat(pa.scalar(period, pa.int64()), asked),
                    "due_on": pa.array(stamps[place].astype(np.int32), mask=~certain).cast(
                        pa.date32()
                    ),
                    "worked": pa.array(count[:asked].astype(np.int64)),
                }
            )
        )
    return pa.concat_tables(tables)


def _worked(country: str, days: list[date], settings: ProgrammeSettings) -> np.ndarray:
    """Whether each day is worked; never, for a country without a calendar."""
    if country not in holidays.list_supported_countries():
        return np.zeros(len(days), bool)
    calendar = holidays.country_holidays(country, years=range(days[0].year, days[-1].year + 1))
    off = {date.fromisoformat(day) for day in settings.extra_holidays}
    on = {date.fromisoformat(day) for day in settings.extra_working_days}
    return np.array(
        [(calendar.is_working_day(day) and day not in off) or day in on for day in days]
    )
