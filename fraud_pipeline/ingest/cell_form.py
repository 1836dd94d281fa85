"""How the cells of one column are written: what the mapping says, else what the cells prove."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.time_zone import TIME_ZONE
from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import calendars
from fraud_pipeline.ingest.date_cells import DateForm, as_iso
from fraud_pipeline.ingest.date_order import (
    DAY_FIRST,
    EXCHANGED,
    MONTH_FIRST,
    STATED,
    exchanged_in,
    order_of,
)
from fraud_pipeline.ingest.mapping import TableMapping
from fraud_pipeline.ingest.number_cells import (
    POINT,
    NumberForm,
    bare,
    number_form,
    plain_numbers,
    proved_decimal,
)
from fraud_pipeline.schema import Column, Kind

_DATES = (Kind.DATE, Kind.INSTANT)
_NUMBERS = (Kind.MONEY, Kind.NUMBER, Kind.COUNT, Kind.SHARE)
_ISO = r"^\d{4}-\d{1,2}-\d{1,2}(?:[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$"
_ZONED_ISO = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([+-]\d{2}:?\d{2}|Z)$"
_ODD_DATE = r"[A-Za-z]|:\d{2}.*[+-]|^\s*\d{1,2}\s*[-/. ]\s*\d{1,4}\s*([-/. ]|$)|^\s*\d{4}\.\s*\d{1,2}\.\s*\d{1,2}\.\s*$"
_PLAIN_NUMBER = r"^\s*-?[0-9]+(\.[0-9]{1,2})?\s*$"


@dataclass(frozen=True)
class CellForm:
    """What a column's cells are multiplied by, and how its dates or numbers are written."""

    factor: Decimal = Decimal(1)
    dates: DateForm = field(default_factory=DateForm)
    numbers: NumberForm = field(default_factory=NumberForm)


class UnclearColumnError(ValueError):
    """A column with two readings; ``args``: what is unclear, and what to write in a mapping."""


def form_of(
    words: pa.Array, column: Column, mapping: TableMapping, factor: Decimal, currencies: Collection[str]
) -> CellForm:  # fmt: skip
    """The form of a column with these distinct cells (strings, null = blank).

    ``currencies``: what the programmes of the table count in. Raises UnclearColumnError where the
    cells have two readings and the mapping does not say which.
    """
    if column.kind in _DATES:
        return CellForm(factor, dates=_date_form(words, column, mapping))
    if column.kind in _NUMBERS:
        known_currencies = frozenset({mapping.currency} if mapping.currency else currencies)
        return CellForm(
            factor, numbers=_number_form(words, column, mapping, factor, known_currencies)
        )
    return CellForm(factor)


def _date_form(words: pa.Array, column: Column, mapping: TableMapping) -> DateForm:
    dates = mapping.dates_of(column.name)
    order = next((word for word in dates if word in STATED), None)
    formats = tuple(word for word in dates if word not in STATED)
    zone = mapping.time_zone or TIME_ZONE
    if order is None and not formats:
        odd = _matching(words, r"^\s*\d{1,2}\s*[-/. ]\s*\d{1,2}\s*[-/. ]\s*\d{2}")
        if len(odd):
            cells = [calendars.western(word.strip()) for word in words.drop_null().to_pylist()]
            order_found = order_of(cells)
            if order_found.unclear:
                cell, first, second = order_found.unclear
                raise UnclearColumnError(
                    f"{cell} can mean {first} or {second}",
                    f'dates = {{ {column.name} = "{DAY_FIRST}" }} (or "{MONTH_FIRST}")',
                )
            order = order_found.proved
            exchanged = exchanged_in(cells)
            if exchanged is not None:
                date, text = exchanged
                raise UnclearColumnError(
                    f"day and month of {date} may have been exchanged by a spreadsheet, which left {text} as text "
                    "(no date of the column has a day above 12)",
                    f'dates = {{ {column.name} = "{EXCHANGED}" }} (or "{order or DAY_FIRST}" where the dates are right)',
                )
    return DateForm(formats, order, zone)


def _number_form(
    words: pa.Array,
    column: Column,
    mapping: TableMapping,
    factor: Decimal,
    known_currencies: frozenset[str],
) -> NumberForm:
    decimal, thousands = mapping.decimal_of(column.name), mapping.thousands_of(column.name)
    money = column.kind is Kind.MONEY
    marks = frozenset(mapping.marks)
    odd = _not_matching(words, _PLAIN_NUMBER)
    if not len(odd):
        return NumberForm(decimal or POINT, thousands)
    form = number_form(
        odd, decimal or POINT, thousands, known_currencies if money else frozenset(), marks
    )
    if decimal is not None:
        return form
    proved, unclear = proved_decimal(bare(words, form))
    if unclear is not None and money and factor == 1:
        raise UnclearColumnError(
            f"{unclear} can mean {unclear.replace('.', '')} or {unclear.replace('.', ',')}",
            f'decimal = {{ {column.name} = "," }} (or ".")',
        )
    return number_form(
        odd, proved or POINT, thousands, known_currencies if money else frozenset(), marks
    )


def written_plainly(
    words: pa.Array, column: Column, form: CellForm
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """(words, repairs, faults): each distinct cell in the one spelling that the parsers read.

    Repairs and faults are null where a cell stays as it stood.
    """
    none = pa.nulls(len(words), pa.string())
    if column.kind in _DATES:
        return _plain_dates(words, column, form.dates)
    if column.kind in _NUMBERS:
        text, faults = plain_numbers(words, form.numbers)
        changed = pc.fill_null(pc.not_equal(text, pc.utf8_trim_whitespace(words)), False)
        return text, pc.if_else(changed, "number_format", none), faults
    return words, none, none


def _plain_dates(
    words: pa.Array, column: Column, form: DateForm
) -> tuple[pa.Array, pa.Array, pa.Array]:
    none = pa.nulls(len(words), pa.string())
    if form.formats or form.zone != TIME_ZONE or form.order == EXCHANGED:
        odd = pc.is_valid(words)
    else:
        odd = pc.and_(
            pc.match_substring_regex(words, _ODD_DATE),
            pc.invert(pc.match_substring_regex(words, _ISO)),
        )
        odd = pc.or_(odd, pc.match_substring_regex(words, calendars.PATTERN))
        if column.kind is Kind.INSTANT:  # read without a parser
            odd = pc.and_(odd, pc.invert(pc.match_substring_regex(words, _ZONED_ISO)))
        odd = pc.fill_null(odd, False)
    if not pc.any(odd, min_count=0).as_py():
        return words, none, none
    read = [as_iso(word, column.kind, form) for word in words.filter(odd).to_pylist()]
    text, repairs, faults = (pa.array([cell[k] for cell in read], pa.string()) for k in range(3))
    return (
        pc.replace_with_mask(words, odd, text),
        pc.replace_with_mask(none, odd, repairs),
        pc.replace_with_mask(none, odd, faults),
    )


def _matching(words: pa.Array, pattern: str) -> pa.Array:
    return words.filter(pc.fill_null(pc.match_substring_regex(words, pattern), False))


def _not_matching(words: pa.Array, pattern: str) -> pa.Array:
    return words.filter(pc.fill_null(pc.invert(pc.match_substring_regex(words, pattern)), False))


def ask(
    problems: dict[str, UnclearColumnError], table: str, file: str, sheet: str | None
) -> InputError:
    """One line that names the file, every unclear column and what to write in the mapping.

    ``problems``: header of the source -> what is unclear in it.
    """
    first = next(iter(problems))
    unclear = "; ".join(f"{header}: {error.args[0]}" for header, error in problems.items())
    write = "; ".join(str(error.args[1]) for error in problems.values())
    return InputError(
        f"{unclear}. Write in the mapping, under [tables.{table}]: {write}",
        file=file, sheet=sheet, column=first,
    )  # fmt: skip
