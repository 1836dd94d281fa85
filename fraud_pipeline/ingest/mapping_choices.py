"""A mapping of claims as a few choices that a form can show and change, and back as TOML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fraud_pipeline.ingest.date_order import STATED
from fraud_pipeline.ingest.mapping import EVERY, SourceMapping, TableMapping, fields_of
from fraud_pipeline.ingest.mapping_checks import CREDITS

# A key of the row alone; the mark before a header joined with the row.
ROW_ALONE, WITH_ROW = "", "+"
# part of the form -> the columns of claims that it fills
PARTS: dict[str, tuple[str, ...]] = {
    "payer": ("enterprise_id",), "payee": ("institution_id",), "amount": ("contract_amount",),
    "claimed": ("claimed_amount",), "day": ("submitted_on",), "kind": ("service_type",),
    "document": ("contract_id",), "title": ("service_title",),
}  # fmt: skip
# and of payments, which hold the credits of the same list
_OF_PAYMENTS = {"payer": "payer_id", "payee": "payee_id", "amount": "amount", "day": "paid_on"}


@dataclass(frozen=True)
class Choices:
    """What a person says about a list of claims.

    ``headers``: part of :data:`PARTS` -> header of the source, "" = no column says it. ``key``: a
    header, a header after :data:`WITH_ROW`, or :data:`ROW_ALONE`.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    key: str = ROW_ALONE
    programme: str = "payments"
    order: str = ""
    decimal: str = ""
    credits: bool = False


def choices_of(mapping: SourceMapping) -> Choices:
    """The choices that a mapping makes for claims; what a form does not show is left out."""
    table = mapping.tables.get("claims", TableMapping())
    key = table.columns.get("claim_id", ROW_ALONE)
    composed = [
        name
        for name in fields_of(table.compose.get("claim_id", ""))
        if name not in ("row", "sheet", "file")
    ]
    if not key and composed:
        key = WITH_ROW + composed[0]
    orders = [word for word in table.dates_of("submitted_on") if word in STATED]
    return Choices(
        {part: table.columns.get(columns[0], "") for part, columns in PARTS.items()}, key,
        table.constants.get("programme", ""), orders[0] if orders else "",
        table.decimal_of("contract_amount") or "", CREDITS in table.signs.values(),
    )  # fmt: skip


def with_choices(mapping: SourceMapping, choices: Choices, payer: str) -> SourceMapping:
    """The mapping with the choices made; what they do not speak of stays.

    ``payer``: who paid, where no column says it.
    """
    tables = dict(mapping.tables)
    tables["claims"] = _claims(tables.get("claims", TableMapping()), choices, payer)
    if "payments" in tables:
        tables["payments"] = _payments(tables["payments"], choices, payer)
    return SourceMapping(tables=tables)


def _claims(table: TableMapping, choices: Choices, payer: str) -> TableMapping:
    columns = {n: h for n, h in table.columns.items() if n not in {"claim_id", *_own_columns()}}
    for part, names in PARTS.items():
        if choices.headers.get(part):
            columns |= dict.fromkeys(names, choices.headers[part])
    compose = {n: text for n, text in table.compose.items() if n != "claim_id"}
    row = "{sheet}-{row}" if "{sheet}" in table.compose.get("claim_id", "") else "{row}"
    if choices.key.startswith(WITH_ROW):
        compose["claim_id"] = f"{{{choices.key.removeprefix(WITH_ROW)}}}-{row}"
    elif choices.key:
        columns["claim_id"] = choices.key
    else:
        compose["claim_id"] = row
    constants = {
        n: v for n, v in table.constants.items() if n not in {"programme", *_own_columns()}
    }
    if choices.programme and "programme" not in columns:
        constants["programme"] = choices.programme
    constants |= {name: value for name, value in (("enterprise_id", payer), ("service_type", "other"))
                  if name not in columns}  # fmt: skip
    values = {
        n: words for n, words in table.values.items() if columns.get(n) == table.columns.get(n)
    }
    if "service_type" in columns and "service_type" not in values:
        values["service_type"] = {EVERY: "other"}
    return table.model_copy(update={
        "columns": columns, "compose": compose, "constants": constants, "values": values,
        "dates": _changed(table.dates, "submitted_on", choices.order),
        "decimal": _changed(table.decimal, EVERY, choices.decimal),
        "signs": {EVERY: CREDITS} if choices.credits else {n: s for n, s in table.signs.items() if s != CREDITS},
        "fallback": {n: text for n, text in table.fallback.items() if n != "submitted_on" or "submitted_on" not in columns},
    })  # fmt: skip


def _payments(table: TableMapping, choices: Choices, payer: str) -> TableMapping:
    columns = {n: h for n, h in table.columns.items() if n not in _OF_PAYMENTS.values()}
    columns |= {
        name: choices.headers[part]
        for part, name in _OF_PAYMENTS.items()
        if choices.headers.get(part)
    }
    constants = {n: v for n, v in table.constants.items() if n != "payer_id"}
    if "payer_id" not in columns:
        constants["payer_id"] = payer
    return table.model_copy(update={
        "columns": columns, "constants": constants, "dates": _changed(table.dates, "paid_on", choices.order),
        "decimal": _changed(table.decimal, EVERY, choices.decimal),
    })  # fmt: skip


def _own_columns() -> set[str]:
    return {name for names in PARTS.values() for name in names}


def _changed(stated: Mapping[str, Any], name: str, value: str) -> dict[str, Any]:
    """What is stated of the columns, with ``value`` for one of them; an empty one takes it back."""
    rest = {n: v for n, v in stated.items() if n != name}
    return {**rest, name: value} if value else rest


def as_toml(mapping: SourceMapping) -> str:
    """The mapping as a file that :func:`parse_mapping` reads back as the same."""
    return "\n".join(_section(name, table) for name, table in mapping.tables.items())


def _section(name: str, table: TableMapping) -> str:
    stated = {key: value for key, value in table.model_dump().items() if value}
    own = [
        f"{key} = {_value(value)}" for key, value in stated.items() if not isinstance(value, dict)
    ]
    lines = [f"[tables.{name}]", *own]
    for key, value in stated.items():
        if not isinstance(value, dict):
            continue
        if key == "values":
            for column, words in value.items():
                lines += ["", f"[tables.{name}.values.{_value(column)}]", *_entries(words)]
        else:
            lines += ["", f"[tables.{name}.{key}]", *_entries(value)]
    return "\n".join(lines) + "\n"


def _entries(values: Mapping[str, Any]) -> list[str]:
    return [f"{_value(name)} = {_value(value)}" for name, value in values.items()]


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
