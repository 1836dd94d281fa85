"""Any table of two parties, amount and date as the claims that the search reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.errors import SettingsError

_NAMES = ("enterprise_id", "institution_id", "claimed_amount", "submitted_on")
_KINDS = (pa.string(), pa.string(), pa.decimal128(18, 2), pa.date32())


def bipartite(data: Any) -> pa.Table:
    """A table of two parties, amount and date under the names the search reads.

    By name where the names are ours; else by type, whatever the order: the first two columns of text
    are the parties (of whole numbers where there are not two of text), the first decimal or floating
    column (else the next of whole numbers) the amount, the first date or timestamp the day.
    SettingsError when one is missing.
    """
    table = as_arrow(data)
    _reject_repeated_names(table)
    if set(_NAMES) <= set(table.column_names):
        return as_claims(table, *_NAMES)

    def of(*tests: Callable[[pa.DataType], bool]) -> list[str]:
        return [f.name for test in tests for f in table.schema if test(f.type)]

    t = pa.types
    texts, whole = of(_is_text), of(t.is_integer)
    parties = texts[:2] + whole[: max(0, 2 - len(texts))]
    parties.sort(key=table.column_names.index)
    amounts = of(t.is_decimal, t.is_floating) + [name for name in whole if name not in parties]
    days = of(t.is_date, t.is_timestamp)
    if len(parties) < 2 or not amounts or not days:
        raise SettingsError(
            "rings.find: needs two columns of text or whole numbers (the parties), an amount and a date; "
            f"given {', '.join(f'{f.name} {f.type}' for f in table.schema) or 'no column'}"
        )
    return as_claims(table, parties[0], parties[1], amounts[0], days[0])


def as_claims(data: Any, left: str, right: str, amount: str, day: str) -> pa.Table:
    """Any table of two parties, amount and date under the names :func:`rings.find` reads.

    ``data``: an Arrow table, a pandas frame, a DuckDB relation or anything with the Arrow C
    stream. Rows without a party or a day are left out; an amount that is not a number is none.
    SettingsError for a column that is not there or does not hold what it should.
    """
    table = as_arrow(data)
    _reject_repeated_names(table)
    columns = []
    for name, kind in zip((left, right, amount, day), _KINDS, strict=True):
        if name not in table.column_names:
            raise SettingsError(
                f"rings.find: no column {name}; given {', '.join(table.column_names)}"
            )
        try:
            columns.append(_cast(table[name], kind))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
            raise SettingsError(
                f"rings.find: column {name}: {str(error).splitlines()[0]}"
            ) from error
    claims = pa.table(columns, names=list(_NAMES))
    valid = [
        pc.is_valid(claims[name]) for name in ("enterprise_id", "institution_id", "submitted_on")
    ]
    return claims.filter(pc.and_(pc.and_(valid[0], valid[1]), valid[2]))


def as_arrow(data: Any) -> pa.Table:
    """An Arrow table from whatever holds one; SettingsError for what does not."""
    if isinstance(data, pa.Table):
        return data
    try:
        if hasattr(data, "to_arrow_table"):  # a DuckDB relation
            table: pa.Table = data.to_arrow_table()
            return table
        if hasattr(data, "__arrow_c_stream__"):
            return pa.table(data)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise SettingsError(f"rings.find: {str(error).splitlines()[0]}") from error
    raise SettingsError(
        "rings.find: a table is needed (Arrow, pandas or a DuckDB relation) of two parties, amount "
        f"and date; given {type(data).__name__}"
    )


def _reject_repeated_names(table: pa.Table) -> None:
    repeated = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if repeated:
        raise SettingsError(f"rings.find: column {', '.join(repeated)} is there more than once")


def _is_text(kind: pa.DataType) -> bool:
    t = pa.types
    return bool(
        t.is_string(kind) or t.is_large_string(kind) or t.is_string_view(kind)
        or t.is_dictionary(kind)
    )  # fmt: skip


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_null(column.type):
        return pa.chunked_array([pa.nulls(len(column), kind)])
    if pa.types.is_decimal(kind) and pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
        column = pc.round(column, 2)  # a float of yuan is seldom a whole number of fen
    elif pa.types.is_decimal(kind) and pa.types.is_integer(column.type):
        column = column.cast(pa.decimal128(38, 2))
    if pa.types.is_timestamp(column.type):
        return column.cast(kind, safe=False)  # the time of day does not count
    return column.cast(kind)
