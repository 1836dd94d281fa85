"""Tiny inputs written by hand: rows with only what matters, the rest filled in."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa

from fraud_pipeline.schema import INPUT_TABLES, Kind, Tables

AS_OF = dt.date(2018, 12, 31)
DEFAULTS = {
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


def tables(**given: list[dict]) -> Tables:
    """Tables of the named rows; a table that is not named was not supplied."""
    return Tables({name: table(name, rows) for name, rows in given.items()})


def table(name: str, rows: list[dict]) -> pa.Table:
    schema = INPUT_TABLES[name]
    columns = []
    for column in schema.columns:
        cells = [{**DEFAULTS[name], **row}.get(column.name) for row in rows]
        if column.kind is Kind.MONEY:
            cells = [None if cell is None else Decimal(str(cell)) for cell in cells]
        columns.append(pa.array(cells, column.kind.arrow))
    return pa.table(columns, schema=schema.arrow)
