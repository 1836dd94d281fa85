"""The rows a token bound to regions may send and receive.

The region of a row is that of its enterprise. A row is outside when its enterprise is outside or
of unknown region, or when it would replace a row from outside under the same key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.db.database import Database
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.db.tables import RECEIVED
from fraud_pipeline.workbench.exchange.intake import RowsRejectedError

# table -> (column, table) it belongs to; an enterprise belongs to itself
_OWNER = {
    "vouchers": ("enterprise_id", "enterprises"), "claims": ("enterprise_id", "enterprises"),
    "contracts": ("enterprise_id", "enterprises"), "payments": ("contract_id", "contracts"),
    "invoices": ("contract_id", "contracts"), "deliverables": ("claim_id", "claims"),
}  # fmt: skip
_INDEXED = ("claims", "enterprises", "institutions", "vouchers", "contracts")
_SHOWN = 50
Row = dict[str, Any]


def outcomes_in_scope(outcomes: pa.Table, leads: Leads, person: Person) -> pa.Table:
    """The outcomes of claims in this person's regions."""
    if not person.regions:
        return outcomes
    inside = claims_in_scope(outcomes["claim_id"].to_pylist(), leads, person)
    return outcomes.filter(pa.array(inside, pa.bool_()))


def claims_in_scope(ids: list[str], leads: Leads, person: Person) -> list[bool]:
    """For each claim id whether it is in this person's regions; list of the same length."""
    columns = "claim_id, enterprise_id"
    enterprise = {
        c["claim_id"]: c["enterprise_id"] for c in leads.lookup("claims", "claim_id", ids, columns)
    }
    region = {
        e["enterprise_id"]: e["region"]
        for e in leads.lookup(
            "enterprises", "enterprise_id", [*enterprise.values()], "enterprise_id, region"
        )
    }
    return [person.sees_region(region.get(enterprise.get(one, ""))) for one in ids]


def reject_outside(db: Database, leads: Leads, tables: Tables, person: Person) -> None:
    """Raises NotTakenError naming each row that is outside this person's regions."""
    if not person.regions:
        return
    with db.reading() as connection:
        known = _RowVersions(connection, leads, tables)
        outside = [
            _problem(name, row)
            for name in ("enterprises", *_OWNER, "institutions")
            for row in tables[name].to_pylist()
            if not all(person.sees_region(region) for region in known.regions_of_all(name, row))
        ]
    if outside:
        raise RowsRejectedError("rows outside the regions of this token", outside[:_SHOWN])


def _problem(table: str, row: Row) -> Row:
    column = _OWNER[table][0] if table in _OWNER else INPUT_TABLES[table].key[0]
    number = row["source_row"]
    return {
        "table": table, "row": None if number is None else max(0, int(number) - 1),
        "column": column, "value": row[column], "reason_code": "outside_region",
        "detail": "not of an enterprise in the regions of this token",
    }  # fmt: skip


class _RowVersions:
    """Every version of a row: in this request, in the run, received before and not yet in a run."""

    def __init__(self, connection: sa.Connection, leads: Leads, tables: Tables):
        self._connection, self._leads = connection, leads
        self._incoming: dict[str, dict[str, list[Row]]] = {}
        for name in ("enterprises", "contracts", "claims"):
            rows = self._incoming.setdefault(name, {})
            for row in tables[name].to_pylist():
                rows.setdefault(row[INPUT_TABLES[name].key[0]], []).append(row)

    def regions_of_all(self, table: str, row: Row) -> set[str | None]:
        """The regions of this row and of the rows it would replace."""
        if table == "institutions":
            # an institution serves every region: a new one may be named, a known one is its own's
            return {v["region"] for v in self._earlier(table, row["institution_id"])}
        key = INPUT_TABLES[table].key
        earlier = self._earlier(table, row[key[0]]) if key else ()
        return {region for one in (row, *earlier) for region in self._regions(table, one)}

    def _regions(self, table: str, row: Row) -> set[str | None]:
        if table == "enterprises":
            return {row.get("region")}
        column, owners = _OWNER[table]
        key = row.get(column)
        if key is None:
            return {None}
        versions = [*self._incoming[owners].get(key, ()), *self._earlier(owners, key)]
        return {r for one in versions for r in self._regions(owners, one)} or {None}

    def _earlier(self, table: str, value: str) -> Iterator[Row]:
        key = INPUT_TABLES[table].key[0]
        if table in _INDEXED:
            yield from self._leads.lookup(table, key, [value])
        else:
            yield from self._leads.query(f"SELECT * FROM {table} WHERE {key} = ?", [value])  # noqa: S608
        r = RECEIVED
        last = self._connection.execute(
            sa.select(r.c.body).where(r.c.table_name == table, r.c.key == value)
            .order_by(r.c.id.desc()).limit(1)
        ).scalar()  # fmt: skip
        if last is not None:
            yield {INPUT_TABLES[table].key[0]: value, **json.loads(last)}
