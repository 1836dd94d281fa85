"""Working days in China, as far as the State Council has published them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays
import numpy as np


@lru_cache(maxsize=4_096)
def working_days(start: date, end: date) -> int:
    """Chinese working days after ``start`` up to ``end``; make-up working days included."""
    if end <= start:
        return 0
    off, worked = _calendar(start.year, end.year)
    days = int(np.busday_count(start, end, holidays=off)) + sum(start < d <= end for d in worked)
    return max(0, days)


@lru_cache(maxsize=256)
def last_day(end: date, most: int) -> date:
    """The earliest day from which at most ``most`` working days lie up to ``end``."""
    day = end
    while working_days(day - timedelta(days=1), end) <= most:
        day -= timedelta(days=1)
    return day


@lru_cache(maxsize=64)
def _calendar(first: int, last: int) -> tuple[list[date], list[date]]:
    """(free weekdays, weekend days that were worked) of the years, as far as published."""
    found = holidays.country_holidays("CN", years=range(first, last + 1))
    return sorted(d for d in found if d.weekday() < 5), sorted(found.weekend_workdays)
