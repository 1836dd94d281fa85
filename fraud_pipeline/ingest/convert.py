"""One column of text to one typed column, with every repair and every fault noted.

Each distinct cell is read once: identifiers, amounts and instants that are already
plain take a compiled path, only the odd ones go through the parsers in `cells`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.ingest import cells, identifiers
from fraud_pipeline.ingest.parsers import parser
from fraud_pipeline.records import Column, Kind
from fraud_pipeline.records.schema import MONEY, TIME_ZONE
from fraud_pipeline.settings import IngestSettings

_NUMBER = r"^-?[0-9]{1,14}(\.[0-9]{1,12})?$"
_YUAN = r"^-?[0-9]{1,14}(\.[0-9]{1,2})?$"
_IN_UNITS = r"^-?[0-9]{1,9}(\.[0-9]{1,6})?$"  # small enough to be multiplied by 10^8
_ID = r"^[A-Za-z0-9_./:\-]*[A-Za-z0-9_\-]$"
_ODD_ID = r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]+$|^[0-9]+\.0$"
_INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
_ODD_TEXT = (
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\x{fffd}\\x{200b}\\x{feff}]|^\\s*#[A-Z/0#]+[!?]?\\s*$"
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


def convert(text: pa.Array, column: Column, settings: IngestSettings, factor: Decimal) -> Converted:
    """``text`` as a column of its kind; an empty cell is null, never zero.

    ``factor`` turns the source's unit into yuan (or into a share).
    """
    blank = pc.is_in(pc.utf8_trim_whitespace(text), _EMPTY)
    cell = pc.if_else(blank, None, text)
    quick, values = _quickly(cell, column, settings, factor)
    repaired = no_marks()
    if factor != 1:
        rows = np.flatnonzero(quick.to_numpy(zero_copy_only=False))
        repaired = Marks(rows, pa.repeat("unit_in_header", len(rows)))
    rest = pc.and_(pc.invert(quick), pc.is_valid(cell))
    if not pc.any(rest, min_count=0).as_py():
        return Converted(values, repaired, no_marks())
    slow = _carefully(cell, values, rest, column, settings, factor)
    return Converted(slow.values, _together(repaired, slow.repaired), slow.faulty)


def no_marks() -> Marks:
    return Marks(np.zeros(0, dtype=np.int64), pa.array([], pa.string()))


def _quickly(
    cell: pa.Array, column: Column, settings: IngestSettings, factor: Decimal
) -> tuple[pa.Array, pa.Array]:
    """What needs no parser: (mask of cells done, values with the others null)."""
    kind, target = column.kind, column.kind.arrow
    if kind is Kind.MONEY and factor != 1:
        return _in_units(cell, factor)
    if kind in (Kind.MONEY, Kind.NUMBER) and factor == 1:
        return _cast(cell, _YUAN if kind is Kind.MONEY else _NUMBER, target)
    if kind is Kind.COUNT:
        return _cast(cell, r"^[0-9]{1,15}$", target)
    if kind is Kind.ID:
        odd = pc.or_(pc.match_substring_regex(cell, _ODD_ID), identifiers.suspicious(cell))
        done = _true(pc.and_(_matches(cell, _ID), pc.invert(odd)))
        return done, pc.if_else(done, cell, None)
    if kind is Kind.TEXT and column.name != "qualifications":
        done = _true(pc.invert(pc.match_substring_regex(cell, _ODD_TEXT)))
        return done, pc.if_else(done, pc.utf8_trim_whitespace(cell), None)
    if kind is Kind.INSTANT:
        return _instants(cell, settings)
    return pa.array(np.zeros(len(cell), dtype=bool)), pa.nulls(len(cell), target)


def _matches(cell: pa.Array, pattern: str) -> pa.Array:
    return _true(pc.match_substring_regex(cell, pattern))


def _true(mask: pa.Array) -> pa.Array:
    return pc.fill_null(mask, False)


def _cast(cell: pa.Array, pattern: str, target: pa.DataType) -> tuple[pa.Array, pa.Array]:
    done = _matches(cell, pattern)
    return done, pc.if_else(done, cell, None).cast(target)


def _in_units(cell: pa.Array, factor: Decimal) -> tuple[pa.Array, pa.Array]:
    """Amounts in 万元 and the like, exact: only those that come out in whole fen."""
    if factor != factor.to_integral_value() or not 0 < factor <= 100_000_000:
        return pa.array(np.zeros(len(cell), dtype=bool)), pa.nulls(len(cell), MONEY)
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
        return pa.array(np.zeros(len(cell), dtype=bool)), pa.nulls(len(cell), target)
    days = pc.local_timestamp(values).cast(pa.date32(), safe=False)
    earliest, latest = (
        pa.scalar(date.fromisoformat(d)) for d in (settings.earliest_on, settings.latest_on)
    )
    done = _true(pc.and_(pc.greater_equal(days, earliest), pc.less_equal(days, latest)))
    return done, pc.if_else(done, values, None)


def _carefully(
    cell: pa.Array,
    values: pa.Array,
    rest: pa.Array,
    column: Column,
    settings: IngestSettings,
    factor: Decimal,
) -> Converted:
    rows = np.flatnonzero(rest.to_numpy(zero_copy_only=False))
    words = cell.filter(rest).dictionary_encode()
    parse = parser(column, settings, factor)
    parsed, repairs, faults = [], [], []
    for word in words.dictionary.to_pylist():
        try:
            value, repair = parse(word)
            parsed.append(value), repairs.append(repair), faults.append(None)
        except cells.BadCell as fault:
            parsed.append(None), repairs.append(None), faults.append(str(fault.args[0]))
    values = pc.replace_with_mask(
        values, rest, pa.array(parsed, column.kind.arrow).take(words.indices)
    )
    return Converted(
        values, _marks(rows, words.indices, repairs), _marks(rows, words.indices, faults)
    )


def _marks(rows: np.ndarray, indices: pa.Array, names: list[str | None]) -> Marks:
    each = pa.array(names, pa.string()).take(indices)
    there = pc.is_valid(each)
    return Marks(rows[there.to_numpy(zero_copy_only=False)], each.filter(there))


def _together(one: Marks, other: Marks) -> Marks:
    if not len(one):
        return other
    rows = np.concatenate([one.rows, other.rows])
    order = np.argsort(rows, kind="stable")
    words = pa.concat_arrays([one.words, other.words])
    return Marks(rows[order], words.take(pa.array(order)))
