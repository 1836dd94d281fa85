"""What a mapping file may say, checked before a source is opened; each error names the key."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from string import Formatter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.ingest.currency_marks import CURRENCY_CODES
from fraud_pipeline.ingest.date_order import STATED
from fraud_pipeline.schema import INPUT_TABLES, Kind

if TYPE_CHECKING:
    from fraud_pipeline.ingest.mapping import TableMapping

NEGATE, CREDITS = "payments_negative", "credits_negative"
SIGNS = (NEGATE, CREDITS)
_COLUMN_PARTS = ("columns", "constants", "factors", "fallback", "compose", "values", "fill_down")
_FORM_PARTS = {
    "dates": (Kind.DATE, Kind.INSTANT),
    "decimal": (Kind.MONEY, Kind.NUMBER, Kind.COUNT, Kind.SHARE),
    "thousands": (Kind.MONEY, Kind.NUMBER, Kind.COUNT, Kind.SHARE),
    "signs": (Kind.MONEY,),
}
_A_DAY = datetime(2016, 2, 13)  # noqa: DTZ001 - only its spelling counts


def check_table(table: str, mapping: TableMapping, origin: str) -> None:
    """Raises SettingsError naming the key of ``mapping`` that cannot be used for ``table``."""
    for part in _COLUMN_PARTS:
        for column in getattr(mapping, part):
            if column not in INPUT_TABLES[table].names:
                raise SettingsError(f"{origin}: tables.{table}.{part}: no column {column!r}")
    for part, kinds in _FORM_PARTS.items():
        for column in getattr(mapping, part):
            _check_kind(table, part, column, kinds, origin)
    _check_factors(table, mapping, origin)
    for part in ("fallback", "compose"):
        for column, template in getattr(mapping, part).items():
            _check_template(f"tables.{table}.{part}.{column}", template, origin)
    _check_forms(table, mapping, origin)


def _check_kind(table: str, part: str, column: str, kinds: tuple[Kind, ...], origin: str) -> None:
    if column == "*":
        return
    if column not in INPUT_TABLES[table].names:
        raise SettingsError(f"{origin}: tables.{table}.{part}: no column {column!r}")
    if INPUT_TABLES[table].column(column).kind not in kinds:
        what = "no date" if Kind.DATE in kinds else "no amount"
        raise SettingsError(f"{origin}: tables.{table}.{part}: {column} is {what}")


def _check_factors(table: str, mapping: TableMapping, origin: str) -> None:
    for column, factor in mapping.factors.items():
        if INPUT_TABLES[table].column(column).kind not in (Kind.MONEY, Kind.NUMBER, Kind.SHARE):
            raise SettingsError(f"{origin}: tables.{table}.factors: {column} is no amount")
        try:
            usable = Decimal(factor).is_finite() and Decimal(factor) != 0
        except InvalidOperation:
            usable = False
        if not usable:
            raise SettingsError(f"{origin}: factor of {column} is no number: {factor!r}")


def fits_template(header: str) -> bool:
    """Whether a template can name the column: braces, ``:`` and ``!`` have a meaning of their own there."""
    return not any(mark in header for mark in "{}:!")


def _check_template(key: str, template: str, origin: str) -> None:
    try:
        plain = all(not spec and conversion is None for _, name, spec, conversion in
                    Formatter().parse(template) if name is not None)  # fmt: skip
    except ValueError:
        plain = False
    if not plain:
        raise SettingsError(f"{origin}: {key}: {template!r} is not like '{{year}}-01-01'")


def _check_forms(table: str, mapping: TableMapping, origin: str) -> None:
    where = f"{origin}: tables.{table}"
    for fault in (_date_fault(mapping), _number_fault(mapping), _table_fault(mapping)):
        if fault is not None:
            raise SettingsError(f"{where}.{fault}")


def _date_fault(mapping: TableMapping) -> str | None:
    words = [word for column in mapping.dates for word in mapping.dates_of(column)]
    wrong = [word for word in words if word not in STATED and not _is_format(word)]
    if not wrong:
        return None
    return f"dates: {wrong[0]!r} is neither {', '.join(STATED)} nor like '%d/%m/%Y'"


def _number_fault(mapping: TableMapping) -> str | None:
    for column, mark in mapping.decimal.items():
        if mark not in (".", ","):
            return f"decimal: {column}: {mark!r} is neither '.' nor ','"
    for column, mark in mapping.thousands.items():
        if mark not in ("", ".", ",", " ", "'") or mark == mapping.decimal_of(column):
            return f"thousands: {column}: {mark!r} parts no thousands"
    for column, sign in mapping.signs.items():
        if sign not in SIGNS:
            return f"signs: {column}: {sign!r} is none of {', '.join(SIGNS)}"
    return None


def _table_fault(mapping: TableMapping) -> str | None:
    if mapping.currency is not None and mapping.currency not in CURRENCY_CODES:
        return f"currency: {mapping.currency!r} is none of {', '.join(sorted(CURRENCY_CODES))}"
    if any(not mark.strip() or any(c.isdigit() for c in mark) for mark in mapping.marks):
        return "marks: a mark is a word or a sign without digits"
    if mapping.time_zone is not None and not _is_zone(mapping.time_zone):
        return f"time_zone: {mapping.time_zone!r} is no zone like 'Europe/London'"
    return None


def _is_format(text: str) -> bool:
    """Whether the format writes a day that it reads again."""
    try:
        return datetime.strptime(_A_DAY.strftime(text), text) == _A_DAY  # noqa: DTZ007
    except ValueError:
        return False


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
