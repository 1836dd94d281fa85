"""Small input tables written by hand: rows with only what matters, the rest filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from fraud_pipeline.schema import INPUT_TABLES, Kind, Tables

AS_OF = dt.date(2018, 12, 31)

Row = Mapping[str, Any]  # column name -> value; what is left out is filled in or null

DEFAULTS: dict[str, dict[str, Any]] = {
    "claims": {
        "programme": "wuhan", "enterprise_id": "E1", "institution_id": "I1",
        "service_type": "testing", "contract_amount": 10000, "claimed_amount": 5500,
        "submitted_on": dt.date(2016, 5, 10),
    },
    "vouchers": {
        "enterprise_id": "E1", "programme": "wuhan", "face_value": 50000,
        "issued_on": dt.date(2016, 1, 5),
    },
    "enterprises": {"name": "某企业"},
    "institutions": {"name": "某机构", "category": "statutory_testing"},
    "contracts": {
        "enterprise_id": "E1", "institution_id": "I1", "service_type": "testing",
        "amount": 10000, "signed_on": dt.date(2016, 1, 10),
    },
    "payments": {"amount": 5000, "paid_on": dt.date(2016, 3, 1)},
    "invoices": {"amount": 10000, "issued_on": dt.date(2016, 3, 1)},
    "deliverables": {"kind": "report"},
    "relations": {"role": "shareholder"},
    "market_prices": {"unit": "项"},
    "sanctions": {},
    "outcomes": {},
}  # fmt: skip


def tables(**rows: Sequence[Row]) -> Tables:
    """Input tables of the given rows; a table that is not named was not supplied.

    ``tables(claims=[{"claim_id": "C1"}])`` is one claim with the defaults of this module.
    Raises KeyError for a table that is no input table, ValueError for an unknown column.
    """
    return Tables({name: table(name, some) for name, some in rows.items()})


def table(name: str, rows: Sequence[Row]) -> pa.Table:
    """One input table in its schema's types; money may be written as a number or a text."""
    schema = INPUT_TABLES[name]
    unknown = {column for row in rows for column in row} - {c.name for c in schema.columns}
    if unknown:
        raise ValueError(f"table {name} has no column {sorted(unknown)[0]!r}")
    columns = []
    for column in schema.columns:
        cells = [{**DEFAULTS.get(name, {}), **row}.get(column.name) for row in rows]
        if column.kind is Kind.MONEY:
            cells = [None if cell is None else Decimal(str(cell)) for cell in cells]
        columns.append(pa.array(cells, column.kind.arrow))
    return pa.table(columns, schema=schema.arrow)
