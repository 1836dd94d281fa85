"""One column of text to one typed column, with every repair and every fault noted.

Each distinct cell is read once; identifiers, amounts and instants that are already
plain take a compiled path, only the odd ones go through the parsers.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.money import MONEY
from fraud_pipeline.core.time_zone import TIME_ZONE
from fraud_pipeline.ingest import cells as reading
from fraud_pipeline.ingest import identifiers
from fraud_pipeline.ingest.cell_form import CellForm, written_plainly
from fraud_pipeline.ingest.coded import Coded
from fraud_pipeline.ingest.parsers import ACCOUNTS, PHONES, Parser, parser
from fraud_pipeline.schema import Column, Kind
from fraud_pipeline.settings import IngestSettings

_PLAIN = {
    Kind.MONEY: r"^-?[0-9]{1,14}(\.[0-9]{1,2})?$",
    Kind.NUMBER: r"^-?[0-9]{1,14}(\.[0-9]{1,12})?$",
    Kind.COUNT: r"^[0-9]{1,15}$",
}
_IN_UNITS = r"^-?[0-9]{1,9}(\.[0-9]{1,6})?$"  # small enough to be multiplied by 10^8
_ID = r"^[A-Za-z0-9_./:\-]*[A-Za-z0-9_\-]$"
_DIGITS = r"^[0-9]+$"
_ODD_ID = r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]+$"
_INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
# What the first two bytes of a Chinese character in UTF-8 look like in GBK: rare characters.
_MISREAD = "[" + "".join(
    bytes([a, b]).decode("gb18030") for a in range(0xE4, 0xEA) for b in range(0x80, 0xC0)
) + "]"  # fmt: skip
_ODD_TEXT = (
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\x{fffd}\\x{200b}-\\x{200d}\\x{2060}\\x{feff}\\x{ad}]|[\r\n]|[À-ÿ][\\x{80}-ÿŒ-™]|"
    + _MISREAD
    + "|^\\s*#[A-Z/0#]+[!?]?\\s*$"
)
_EMPTY = pa.array(["", "-", "--", "—", "——", "/", "\\", "无", "空", "null", "NULL", "Null", "None", "none", "nan",
                   "NaN", "NaT", "N/A", "n/a", "NA", "#N/A", "<NA>"])  # fmt: skip


@dataclass(frozen=True)
class Marks:
    """Row positions (int64, ascending) and a word for each: a repair or a fault."""

    rows: np.ndarray
    words: pa.Array

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Converted:
    """A typed column, what was repaired in it and what could not be read (null there)."""

    values: pa.Array
    repaired: Marks
    faulty: Marks


def words_of(cells: Coded) -> pa.Array:
    """The distinct words of a column, null where a word says that nothing is known."""
    blank = pc.is_in(pc.utf8_trim_whitespace(cells.words), _EMPTY)
    return pc.if_else(blank, None, cells.words)


def convert(cells: Coded, column: Column, settings: IngestSettings, form: CellForm) -> Converted:
    """``cells`` as a column of its kind; an empty cell is null, never zero.

    ``form``: the factor that turns the source's unit into yuan (or into a share), and how dates
    and numbers are written.
    """
    words, spelled, unread = written_plainly(words_of(cells), column, form)
    if unread.null_count < len(unread):
        words = pc.if_else(pc.is_valid(unread), None, words)
    values, repairs, faults = _each(words, column, settings, form.factor)
    faults = pc.coalesce(unread, faults)
    is_read = pc.and_(pc.is_valid(words), pc.is_null(faults))
    repairs = pc.if_else(is_read, pc.coalesce(_without_spelling(repairs), spelled, repairs), None)
    return Converted(values.take(cells.at), _marks(repairs, cells.at), _marks(faults, cells.at))


def _without_spelling(repairs: pa.Array) -> pa.Array:
    """Repairs of the meaning; a spelling is said by how the column is written, if it is said there."""
    spelling = pc.is_in(repairs, pa.array(["date_format", "number_format"]))
    return pc.if_else(spelling, None, repairs)


def _each(
    words: pa.Array, column: Column, settings: IngestSettings, factor: Decimal
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """(values, repairs, faults) of distinct cells; repair and fault are null where there is none."""
    none = pa.nulls(len(words), pa.string())
    if column.kind is Kind.ID and _all_floats(words):
        repairs = pc.if_else(pc.is_valid(words), "number_to_text", none)
        return pc.replace_substring_regex(words, r"\.0$", ""), repairs, none
    quick, values = _quickly(words, column, settings, factor)
    repairs = none if factor in (1, -1) else pc.if_else(quick, "unit_in_header", none)
    rest = pc.and_(pc.invert(quick), pc.is_valid(words))
    if not pc.any(rest, min_count=0).as_py():
        return values, repairs, none
    parse = parser(column, settings, factor)
    read = [_attempt(parse, word) for word in words.filter(rest).to_pylist()]
    parsed = pa.array([value for value, _, _ in read], column.kind.arrow)
    return (
        pc.replace_with_mask(values, rest, parsed),
        pc.replace_with_mask(repairs, rest, pa.array([r for _, r, _ in read], pa.string())),
        pc.replace_with_mask(none, rest, pa.array([f for _, _, f in read], pa.string())),
    )


def _attempt(parse: Parser, word: str) -> tuple[Any, str | None, str | None]:
    """(value, repair, fault) of one cell."""
    try:
        return (*parse(word), None)
    except reading.BadCell as bad:
        return None, None, str(bad.args[0])


def _marks(words: pa.Array, at: pa.Array) -> Marks:
    """The rows whose distinct cell bears a word."""
    if words.null_count == len(words):
        return Marks(np.zeros(0, dtype=np.int64), pa.array([], pa.string()))
    each = words.take(at)
    there = pc.is_valid(each)
    return Marks(np.flatnonzero(there.to_numpy(zero_copy_only=False)), each.filter(there))


def _all_floats(cell: pa.Array) -> bool:
    """A column of identifiers that some program took for numbers: every one ends in .0.

    A patent's application number may end in .0 as well; then .0 is its check digit.
    """
    first = cell.drop_null().slice(0, 1).to_pylist()
    if not first or not first[0].endswith(".0"):
        return False
    if not pc.all(pc.match_substring_regex(cell, r"^[0-9]+\.0$")).as_py():
        return False
    return not all(identifiers.patent_no_valid(w) for w in pc.unique(cell).drop_null().to_pylist())


def _quickly(
    cell: pa.Array, column: Column, settings: IngestSettings, factor: Decimal
) -> tuple[pa.Array, pa.Array]:
    """What needs no parser: (mask of cells done, values with the others null)."""
    kind, target = column.kind, column.kind.arrow
    if kind is Kind.MONEY and factor != 1:
        return _in_units(cell, factor)
    if kind in _PLAIN and factor == 1:
        return _cast(cell, _PLAIN[kind], target)
    if kind is Kind.INSTANT:
        return _instants(cell, settings)
    return _words(cell, column)


def _words(cell: pa.Array, column: Column) -> tuple[pa.Array, pa.Array]:
    kind = column.kind
    if kind is Kind.ID:
        odd = pc.or_(pc.match_substring_regex(cell, _ODD_ID), identifiers.suspicious(cell))
        plain = _DIGITS if column.name in (*PHONES, *ACCOUNTS) else _ID
        done = _true(pc.and_(_matches(cell, plain), pc.invert(odd)))
        return done, pc.if_else(done, cell, None)
    if kind is Kind.TEXT and column.name != "qualifications":
        done = _true(pc.invert(pc.match_substring_regex(cell, _ODD_TEXT)))
        return done, pc.if_else(done, pc.utf8_trim_whitespace(cell), None)
    return _none(cell, column.kind.arrow)


def _none(cell: pa.Array, target: pa.DataType) -> tuple[pa.Array, pa.Array]:
    return pa.repeat(False, len(cell)), pa.nulls(len(cell), target)


def _matches(cell: pa.Array, pattern: str) -> pa.Array:
    return _true(pc.match_substring_regex(cell, pattern))


def _true(mask: pa.Array) -> pa.Array:
    return pc.fill_null(mask, False)


def _cast(cell: pa.Array, pattern: str, target: pa.DataType) -> tuple[pa.Array, pa.Array]:
    done = _matches(cell, pattern)
    return done, pc.if_else(done, cell, None).cast(target)


def _in_units(cell: pa.Array, factor: Decimal) -> tuple[pa.Array, pa.Array]:
    """Amounts in 万元 and the like, exact: only those that come out in whole fen."""
    if factor != factor.to_integral_value() or not 0 < abs(factor) <= 100_000_000:
        return _none(cell, MONEY)
    done = _matches(cell, _IN_UNITS)
    exact = pc.if_else(done, cell, None).cast(pa.decimal128(15, 6))
    yuan = pc.multiply(exact, pa.scalar(factor.quantize(Decimal(1)), pa.decimal128(9, 0)))
    fen = pc.round(yuan, ndigits=2)
    whole = _true(pc.equal(fen, yuan))
    return pc.and_(done, whole), pc.if_else(whole, fen, None).cast(MONEY)


def _instants(cell: pa.Array, settings: IngestSettings) -> tuple[pa.Array, pa.Array]:
    target = Kind.INSTANT.arrow
    zoned, local = (
        _matches(cell, _INSTANT + r"([+-][0-9]{2}:?[0-9]{2}|Z)$"),
        _matches(cell, _INSTANT + "$"),
    )
    try:
        with_zone = pc.if_else(zoned, cell, None).cast(target)
        naive = pc.if_else(local, cell, None).cast(pa.timestamp("us"))
        values = pc.coalesce(
            with_zone,
            pc.assume_timezone(naive, TIME_ZONE, ambiguous="earliest", nonexistent="earliest"),
        )
    except pa.ArrowInvalid:  # a 30th of February among them: the parser finds out which
        return _none(cell, target)
    days = pc.local_timestamp(values).cast(pa.date32(), safe=False)
    earliest, latest = (pa.scalar(day) for day in (settings.earliest_on, settings.latest_on))
    done = _true(pc.and_(pc.greater_equal(days, earliest), pc.less_equal(days, latest)))
    return done, pc.if_else(done, values, None)
