"""Rows of the data contract from JSON, strictly: nothing repeated, nothing that is no value.

Keys are the names of columns or the headers that a file may have, Chinese ones included.
"""

from __future__ import annotations

import json
import math
from typing import Any

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import headers
from fraud_pipeline.schema import INPUT_TABLES, Kind, TableSchema

_LONGEST = 60  # characters of a key or value that a message repeats
_SECONDS_DIGITS = 9  # a number of that many digits where a date belongs counts seconds


def parse_json(text: str | bytes, name: str, as_text: bool = True) -> Any:
    """The value of a JSON text, with or without a byte order mark; numbers as text unless
    ``as_text`` is false, so that money stays exact.

    Raises InputError in one line: no JSON, a key that stands there twice, NaN or infinity.
    """

    def pairs(entries: list[tuple[str, Any]]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in entries:
            if key in values:
                shown = f"{values[key]!r} and {value!r}"
                raise InputError(
                    f"the key stands there twice ({shown[:_LONGEST]}); which value is meant?",
                    file=name, column=key[:_LONGEST],
                )  # fmt: skip
            if isinstance(value, float) and not math.isfinite(value):
                raise InputError(f"{value} is no number", file=name, column=key[:_LONGEST])
            values[key] = value
        return values

    try:
        data = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        whole, real = (str, str) if as_text else (int, float)
        return json.loads(data, parse_float=real, parse_int=whole, parse_constant=float,
                          object_pairs_hook=pairs)  # fmt: skip
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", file=name) from error
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg}, line {error.lineno}", file=name) from error
    except ValueError as error:  # a number of more digits than Python turns into one
        raise InputError("not JSON: a number is too long", file=name) from error
    except RecursionError as error:
        raise InputError("not JSON that can be read: too deep", file=name) from error


def text_row(table: str, row: dict[str, Any], name: str) -> dict[str, str | None]:
    """The values of one row as text, by the contract's names of columns.

    Raises InputError naming column and value for an unknown or repeated column, and for a value
    that is no text, number or null.
    """
    schema = INPUT_TABLES[table]
    values: dict[str, str | None] = {}
    for key, value in row.items():
        column = _column(schema, key)
        if column is None:
            raise InputError(f"{table} has no column {key[:_LONGEST]}", file=name)
        if column in values:
            raise InputError(f"{table} has {column} twice, once as {key[:_LONGEST]!r}", file=name)
        values[column] = _as_text(schema, column, value, name)
    return values


def _column(schema: TableSchema, key: str) -> str | None:
    if key in schema.names:
        return key
    return next(iter(headers.place([key], schema)), None)


def _as_text(schema: TableSchema, column: str, value: Any, name: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        shown = json.dumps(value, ensure_ascii=False)[:_LONGEST]
        raise InputError(f"{shown}: must be text, a number or null", file=name, column=column)
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{value} is no number", file=name, column=column)
    text = str(value)
    is_date = schema.column(column).kind in (Kind.DATE, Kind.INSTANT)
    if is_date and text.isascii() and text.isdigit() and len(text) >= _SECONDS_DIGITS:
        reason = "a number of seconds or milliseconds, not a date; write it as 2016-07-01"
        raise InputError(f"{text[:_LONGEST]}: {reason}", file=name, column=column)
    return text
