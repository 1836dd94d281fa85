"""What the values of a column look like, whatever its header says: dates, amounts, a key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.ingest.amounts import number
from fraud_pipeline.ingest.calendars import western
from fraud_pipeline.ingest.cells import BadCell, day
from fraud_pipeline.ingest.coded import Coded
from fraud_pipeline.ingest.currency_marks import common_currencies, marks_in
from fraud_pipeline.ingest.date_cells import DateForm, as_iso
from fraud_pipeline.ingest.date_order import Order, order_of, triple
from fraud_pipeline.ingest.number_cells import (
    POINT,
    bare,
    number_form,
    plain_numbers,
    proved_decimal,
)
from fraud_pipeline.schema import Kind

_PARTED = re.compile(r"\d{1,4}\s*[-/.年 ]\s*(\d{1,2}|[^\W\d]{3,12}\.?)\s*[-/.月 ,]\s*\d{1,4}")
_AMOUNT_LIKE = re.compile(r"[^\w\s]{0,3}\s*[-(]?\d[\d.,' \u00a0]*[.,]\d[\d.,]*[)-]?\s*\D{0,5}")
_UNIQUE_SHARE = 0.999


@dataclass(frozen=True)
class Content:
    """What a column's distinct values say: shares (0 to 1), and what is not clear about them."""

    dates: float
    parted_dates: float  # with marks between day, month and year: no mere number
    amounts: float
    fractions: float  # amounts with decimals or a currency mark
    order: Order
    decimal_unclear: str | None
    currencies: tuple[str, ...]
    unread: str | None  # a value that looks like a date or an amount and cannot be read


def content_of(sample: Sequence[str]) -> Content:
    """The content of some distinct values, none blank."""
    if not sample:
        return Content(0.0, 0.0, 0.0, 0.0, Order(), None, (), None)
    order = order_of([western(text.strip()) for text in sample])
    dates = [_reads_as_date(text, order) for text in sample]
    parted = [_PARTED.match(western(text.strip())) is not None for text in sample]
    words = pa.array(sample, pa.string())
    marks = marks_in(words)
    form = number_form(words, POINT, None, frozenset(), frozenset())
    proved, unclear = proved_decimal(bare(words, form))
    form = number_form(words, proved or POINT, None, frozenset(), frozenset())
    plain, faults = plain_numbers(words, form)
    amounts = [fault is None and _is_number(text)
               for text, fault in zip(plain.to_pylist(), faults.to_pylist(), strict=True)]  # fmt: skip
    fractions = pc.sum(pc.match_substring_regex(plain, r"^-?\d+\.\d{1,2}$")).as_py() or 0
    return Content(
        _share(dates), _share(d and p for d, p in zip(dates, parted, strict=True)), _share(amounts),
        max(fractions / len(sample), min(1.0, sum(marks.values()) / len(sample))), order, unclear,
        tuple(sorted(common_currencies(marks))), _unread(sample, dates, amounts),
    )  # fmt: skip


def _unread(sample: Sequence[str], dates: list[bool], amounts: list[bool]) -> str | None:
    """A value of a column of dates or amounts that nobody here can read."""
    read = [d or a for d, a in zip(dates, amounts, strict=True)]
    for pattern in (_PARTED, _AMOUNT_LIKE):
        alike = [(text, r) for text, r in zip(sample, read, strict=True) if pattern.fullmatch(text)]
        unread = [text for text, is_read in alike if not is_read]
        if 2 * len(alike) > len(sample) and 2 * len(unread) > len(sample):
            return unread[0]
    return None


def _reads_as_date(text: str, order: Order) -> bool:
    three = triple(western(text.strip()))
    if three is not None and three.days():
        return True
    try:
        iso, _, _ = as_iso(text, Kind.DATE, DateForm(order=order.proved))
        day(iso)
    except BadCell:
        return False
    return True


def _is_number(text: str) -> bool:
    try:
        number(text, percent=True)
    except BadCell:
        return False
    return True


def _share(truths: object) -> float:
    values = list(truths)  # type: ignore[call-overload]
    return sum(values) / len(values) if values else 0.0


def is_unique(cells: Coded) -> bool:
    """Whether almost every row has a value of its own and none is blank."""
    text = pc.utf8_trim_whitespace(cells.text())
    blank = pc.any(pc.equal(text, ""), min_count=0).as_py()
    return not blank and pc.count_distinct(text).as_py() >= _UNIQUE_SHARE * len(cells)
