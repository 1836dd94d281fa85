"""One column of text to one typed column, with every repair and every fault noted.

Each distinct cell is read once: identifiers and amounts that are already plain
take a compiled path, only the odd ones go through the parsers in `cells`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.ingest import cells
from fraud_pipeline.ingest.words import code_words, qualification_codes
from fraud_pipeline.records import Column, Kind
from fraud_pipeline.settings import IngestSettings

Parsed = tuple[Any, str | None]
_CENT = Decimal("0.01")
_MOST = Decimal(10) ** 15
_PLAIN_NUMBER = r"^-?[0-9]{1,14}(\.[0-9]{1,2})?$"
_PLAIN_ID = r"^[A-Za-z0-9_./:\-]*[A-Za-z0-9_\-]$"
_SCIENTIFIC = r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]+$"
_EMPTY = pa.array(["", "-", "--", "—", "/", "无", "null", "NULL", "None", "nan", "NaN", "N/A", "n/a", "#N/A"])


@dataclass(frozen=True)
class Converted:
    """A typed column; ``repaired`` and ``faulty`` map row positions to kind and reason."""

    values: pa.Array
    repaired: dict[int, str]
    faulty: dict[int, str]


def convert(text: pa.Array, column: Column, settings: IngestSettings, factor: Decimal) -> Converted:
    """``text`` as a column of its kind; an empty cell is null, never zero.

    A cell that cannot be read is null in ``values`` and named in ``faulty``.
    """
    blank = pc.utf8_trim_whitespace(text)
    cell = pc.if_else(pc.is_in(blank, _EMPTY), None, text)
    quick, values = _quickly(cell, column, factor)
    rest = pc.and_(pc.invert(quick), pc.is_valid(cell))
    if not pc.any(rest, min_count=0).as_py():
        return Converted(values, {}, {})
    return _carefully(cell, values, rest, column, settings, factor)


def _quickly(cell: pa.Array, column: Column, factor: Decimal) -> tuple[pa.Array, pa.Array]:
    """What needs no parser: (mask of cells done, values with the others null)."""
    kind, target = column.kind, column.kind.arrow
    none = pa.array(np.zeros(len(cell), dtype=bool)), pa.nulls(len(cell), target)
    if kind in (Kind.MONEY, Kind.NUMBER, Kind.SHARE) and factor == 1:
        pattern = _PLAIN_NUMBER if kind is Kind.MONEY else r"^-?[0-9]{1,14}(\.[0-9]{1,12})?$"
        done = pc.fill_null(pc.match_substring_regex(cell, pattern), False)
        return done, pc.if_else(done, cell, None).cast(target)
    if kind is Kind.COUNT:
        done = pc.fill_null(pc.match_substring_regex(cell, r"^[0-9]{1,15}$"), False)
        return done, pc.if_else(done, cell, None).cast(target)
    if kind is Kind.ID:
        plain = pc.match_substring_regex(cell, _PLAIN_ID)
        done = pc.fill_null(pc.and_(plain, pc.invert(pc.match_substring_regex(cell, _SCIENTIFIC))), False)
        return done, pc.if_else(done, cell, None)
    if kind is Kind.TEXT and column.name != "qualifications":
        return pc.is_valid(cell), pc.utf8_trim_whitespace(cell)
    return none


def _carefully(
    cell: pa.Array, values: pa.Array, rest: pa.Array, column: Column, settings: IngestSettings, factor: Decimal
) -> Converted:
    rows = np.flatnonzero(rest.to_numpy(zero_copy_only=False))
    words = pc.filter(cell, rest).dictionary_encode()
    parse = _parser(column, settings, factor)
    parsed, repairs, faults = [], [], []
    for word in words.dictionary.to_pylist():
        try:
            value, repair = parse(word)
            parsed.append(value), repairs.append(repair), faults.append(None)
        except cells.BadCell as fault:
            parsed.append(None), repairs.append(None), faults.append(str(fault.args[0]))
    index = words.indices.to_numpy()
    looked_up = pa.array(parsed, column.kind.arrow).take(words.indices)
    values = pc.replace_with_mask(values, rest, looked_up)
    return Converted(values, _where(rows, index, repairs), _where(rows, index, faults))


def _where(rows: np.ndarray, index: np.ndarray, names: list[str | None]) -> dict[int, str]:
    named = np.array([n is not None for n in names], dtype=bool)
    hits = np.flatnonzero(named[index])
    return {int(rows[k]): str(names[index[k]]) for k in hits}


def _parser(column: Column, settings: IngestSettings, factor: Decimal) -> Callable[[str], Parsed]:
    earliest, latest = date.fromisoformat(settings.earliest_on), date.fromisoformat(settings.latest_on)
    allowed = code_words(column.name, column.codes)

    def money(text: str) -> Parsed:
        value, repair = cells.number(text)
        value *= factor
        if abs(value) >= _MOST:
            raise cells.BadCell("number_too_large")
        rounded = value.quantize(_CENT, ROUND_HALF_EVEN)
        if rounded != value:
            repair = "rounded_to_fen"
        return rounded, "unit_in_header" if repair is None and factor != 1 else repair

    def real(text: str) -> Parsed:
        value, repair = cells.number(text)
        return float(value * factor), repair

    def share(text: str) -> Parsed:
        value, repair = cells.number(text)
        if not 0 <= value <= 1:
            raise cells.BadCell("share_out_of_range")
        return float(value), repair

    def count(text: str) -> Parsed:
        value, repair = cells.number(text)
        if value != int(value) or value < 0:
            raise cells.BadCell("not_a_count")
        return int(value), repair

    def on(text: str) -> Parsed:
        value, repair = cells.day(text)
        if not earliest <= value <= latest:
            raise cells.BadCell("date_out_of_range")
        return value, repair

    def at(text: str) -> Parsed:
        value, repair = cells.instant(text)
        if not earliest <= value.date() <= latest:
            raise cells.BadCell("date_out_of_range")
        return value, repair

    def code(text: str) -> Parsed:
        word = cells.plain(text).lower()
        if not column.codes:
            return word, "code_spelling" if word != text else None
        if word not in allowed:
            raise cells.BadCell("unknown_code")
        return allowed[word], "word_to_code" if allowed[word] != text else None

    def words(text: str) -> Parsed:
        named = qualification_codes(cells.plain(text))
        return named, "word_to_code" if named != text else None

    by_kind: dict[Kind, Callable[[str], Parsed]] = {
        Kind.ID: cells.identifier, Kind.MONEY: money, Kind.NUMBER: real, Kind.SHARE: share,
        Kind.COUNT: count, Kind.DATE: on, Kind.INSTANT: at, Kind.CODE: code, Kind.TEXT: words,
    }  # fmt: skip
    return by_kind[column.kind]
