"""The order of day, month and year in a column: proved by its own cells, or asked about.

13/02/2016 has one reading, 05/03/2016 has two. A column is read in an order when that order
reads every cell and no other order does; where several do, and they disagree, a person says
which one is meant. Nothing is chosen because it is more usual.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fraud_pipeline.ingest.month_names import full_year

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day_first", "month_first", "year_first"
ORDERS = (DAY_FIRST, MONTH_FIRST, YEAR_FIRST)
EXCHANGED = "exchanged"  # a spreadsheet took 05/01 for the 1st of May, and left 16/01 as text
STATED = (*ORDERS, EXCHANGED)  # what a mapping can say
_PLACES = {DAY_FIRST: (2, 1, 0), MONTH_FIRST: (2, 0, 1), YEAR_FIRST: (0, 1, 2)}
_TRIPLE = re.compile(
    r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})(?:[ T,]\s*(\d{1,2}:\d{2}.*))?", re.ASCII
)
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?)?", re.ASCII)
_MONTHS = 12
# Fewer of a column's distinct cells are slips of single cells, and are set aside one by one.
_ASKED_SHARE, _ASKED_CELLS = 0.1, 5


@dataclass(frozen=True)
class Triple:
    """Three numbers of a date whose order is not said, and the time that follows them."""

    numbers: tuple[str, str, str]
    time: str

    def day(self, order: str) -> date | None:
        """The date in one order; None where the calendar has no such day."""
        year, month, number = (self.numbers[k] for k in _PLACES[order])
        if len(self.numbers[2]) == 4 and order == YEAR_FIRST:
            return None
        try:
            return date(full_year(year), int(month), int(number))
        except ValueError:
            return None

    def days(self, orders: Iterable[str] = ORDERS) -> dict[str, date]:
        """Every order that reads it, with the date."""
        read = {order: self.day(order) for order in orders}
        return {order: day for order, day in read.items() if day is not None}


def triple(text: str) -> Triple | None:
    """Three numbers with two equal marks between them, the last one of two or four digits."""
    match = _TRIPLE.fullmatch(text)
    if match is None:
        return None
    return Triple((match[1], match[3], match[4]), match[5] or "")


@dataclass(frozen=True)
class Order:
    """What a column's cells say: the order they prove, or two readings that nobody can choose from."""

    proved: str | None = None
    unclear: tuple[str, date, date] | None = None  # a cell, and two days that it can mean


def order_of(cells: Sequence[str]) -> Order:
    """The order of the distinct ``cells`` of a column, blank ones left out.

    Without proof and without doubt (only ISO dates, or 03/03/2016) both fields are None.
    """
    triples = {text: one for text in cells if (one := triple(text)) is not None}
    read = {text: days for text, one in triples.items() if (days := one.days())}
    if not _are_many(len(read), len(cells)):
        return Order()
    fitting = [order for order in ORDERS if all(order in days for days in read.values())]
    if len(fitting) == 1:
        return Order(proved=fitting[0])
    chosen = fitting or list(ORDERS)
    doubtful = {
        text: different
        for text, days in read.items()
        if len(different := sorted({days[o] for o in chosen if o in days})) > 1
    }
    if not doubtful:
        return Order(proved=fitting[0] if fitting else None)
    if not _are_many(len(doubtful), len(cells)):
        return Order()
    text = min(doubtful)
    return Order(unclear=(text, doubtful[text][0], doubtful[text][1]))


def exchanged_in(cells: Sequence[str]) -> tuple[str, str] | None:
    """A date and a text that show that a spreadsheet may have exchanged days and months.

    It reads 05/01/2021 in the order of its own country and leaves 16/01/2021, which has no reading
    there, as text. So every text has a number above 12, and no date has a day above 12.
    """
    dates = [text for text in cells if _ISO_DAY.fullmatch(text)]
    triples = {text: one for text in cells if (one := triple(text)) is not None}
    if min(len(dates), len(triples)) < _ASKED_CELLS or any(int(d[8:10]) > _MONTHS for d in dates):
        return None
    days = [one.days((DAY_FIRST, MONTH_FIRST)) for one in triples.values()]
    if len({tuple(read) for read in days}) == 1 and len(days[0]) == 1:
        return min(dates), min(triples)
    return None


def with_month_for_day(text: str) -> str | None:
    """The ISO date with day and month exchanged; None where it is none, or its day is no month."""
    match = _ISO_DAY.fullmatch(text)
    if match is None or int(match[3]) > _MONTHS:
        return None
    return f"{match[1]}-{match[3]}-{match[2]}"


def _are_many(n: int, of: int) -> bool:
    """Whether so many distinct cells are how a column is written, not slips in it."""
    return n > 0 and (2 * n >= of or (n >= _ASKED_CELLS and n >= _ASKED_SHARE * of))


def in_order(text: str, order: str | None) -> str | None:
    """The cell as an ISO date with its time; None where it is no triple, or has two readings."""
    one = triple(text)
    if one is None:
        return None
    days = set(one.days(ORDERS if order is None else (order,)).values())
    return f"{days.pop()} {one.time}".strip() if len(days) == 1 else None


def in_formats(text: str, formats: Sequence[str]) -> str | None:
    """The cell read by the formats of a mapping; None where none fits, or two disagree."""
    read = set()
    for form in formats:
        try:
            read.add(datetime.strptime(text, form))  # noqa: DTZ007 - the zone is added later
        except ValueError:
            continue
    if len(read) != 1:
        return None
    moment = read.pop()
    midnight = (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)
    return str(moment.date()) if midnight and moment.tzinfo is None else moment.isoformat(" ")
