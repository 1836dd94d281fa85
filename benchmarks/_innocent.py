"""Honest look-alikes of collusion added to a world without fraud, for the null of the rings.

Heavy firms that buy everywhere; campaigns (one institution fills a fortnight, some buyers take
a partner's service along; half of the campaigns among the tenants of one incubator); towns whose
firms buy from the two suppliers there are; groups of companies held by one company that share
phone, address and representative and mostly follow the group's supplier.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from fraud_pipeline.schema import INPUT_TABLES, Tables

Rows = list[dict[str, Any]]


class _Additions:
    """Rows to add to a world, and its parties and days to draw from."""

    def __init__(self, tables: Tables, rng: np.random.Generator):
        self.rng = rng
        self.rows: dict[str, Rows] = {
            name: [] for name in ("claims", "enterprises", "institutions", "relations")
        }
        claims, firms = tables["claims"], tables["enterprises"]
        self.sellers = claims["institution_id"].to_pylist()  # one entry a claim: by popularity
        self.firms = sorted(firms["enterprise_id"].to_pylist())
        self.houses = sorted(tables["institutions"]["institution_id"].to_pylist())
        days = claims["submitted_on"].to_pylist()
        self.first, self.span = min(days), (max(days) - min(days)).days
        self.tenants: dict[str, list[str]] = {}
        for firm, host in zip(
            firms["enterprise_id"].to_pylist(), firms["incubator_id"].to_pylist(), strict=True
        ):
            if host:
                self.tenants.setdefault(host, []).append(firm)

    def day(self) -> int:
        return int(self.rng.integers(0, self.span + 1))

    def buy(self, firm: str, house: str, day: int) -> None:
        n = len(self.rows["claims"])
        amount = Decimal(int(self.rng.integers(20, 300)) * 100)
        self.rows["claims"].append(
            {
                "claim_id": f"X{n:06d}", "programme": "wuhan", "enterprise_id": firm,
                "institution_id": house, "service_type": "testing", "contract_amount": 2 * amount,
                "claimed_amount": amount,
                "submitted_on": self.first + timedelta(min(max(day, 0), self.span)),
            }
        )  # fmt: skip

    def firm(self, name: str, **more: Any) -> str:
        self.rows["enterprises"].append({"enterprise_id": name, "name": name, **more})
        return name

    def seller(self) -> str:
        return str(self.rng.choice(self.sellers))


def with_innocents(tables: Tables, seed: int, recorded: bool = True) -> Tables:
    """``tables`` with heavy firms, campaigns, towns and groups; the same seed gives the same.

    ``recorded``: whether the holdings of the groups stand in ``relations``.
    """
    add = _Additions(tables, np.random.default_rng([seed, 6]))
    for n in range(2):
        _heavy_firm(add, n)
        _campaign(add, among_tenants=n == 1)
        _town(add, n)
        _group(add, n, recorded)
    return tables.replaced(
        **{name: _appended(tables[name], name, rows) for name, rows in add.rows.items() if rows}
    )


def _heavy_firm(add: _Additions, n: int) -> None:
    firm = add.firm(f"HEAVY{n}", region="武汉")
    for _ in range(int(add.rng.integers(20, 40))):
        add.buy(firm, add.seller(), add.day())


def _campaign(add: _Additions, among_tenants: bool) -> None:
    """12 to 30 firms in a fortnight; one in five takes a partner's service along."""
    crowds = [crowd for crowd in add.tenants.values() if len(crowd) >= 8]
    pool = add.firms
    if among_tenants and crowds:
        pool = crowds[int(add.rng.integers(len(crowds)))]
    size = min(len(pool), int(add.rng.integers(12, 31)))
    house, partner = add.rng.choice(add.houses, 2, replace=False)
    day = add.day()
    for firm in add.rng.choice(pool, size, replace=False):
        add.buy(str(firm), str(house), day + int(add.rng.integers(0, 15)))
        if add.rng.random() < 0.2:
            add.buy(str(firm), str(partner), day + int(add.rng.integers(0, 15)))


def _town(add: _Additions, n: int) -> None:
    """Its firms buy from its two suppliers, some elsewhere; a third have one bookkeeper."""
    name = f"县{n}"
    houses = [f"TOWN{n}-I{k}" for k in range(2)]
    add.rows["institutions"] += [
        {"institution_id": h, "name": h, "category": "other", "region": name} for h in houses
    ]
    for k in range(int(add.rng.integers(8, 21))):
        phone = f"139{n}0000000" if add.rng.random() < 0.33 else None
        firm = add.firm(f"TOWN{n}-E{k}", region=name, phone=phone)
        for _ in range(int(add.rng.integers(1, 4))):
            local = add.rng.random() < 0.85
            house = str(add.rng.choice(houses)) if local else add.seller()
            add.buy(firm, house, add.day())


def _group(add: _Additions, n: int, recorded: bool) -> None:
    """4 to 8 subsidiaries; six in ten purchases at the group's supplier, half in one season."""
    holder = f"91420100MA{n}GRUPHX{n}"
    supplier, season = str(add.rng.choice(add.houses)), add.day()
    for k in range(int(add.rng.integers(4, 9))):
        firm = add.firm(
            f"GROUP{n}-E{k}", region="武汉", phone=f"138{n}0000000", address=f"集团路{n}号",
            legal_representative=f"总经理{n}",
        )  # fmt: skip
        if recorded:
            add.rows["relations"].append(
                {"party_id": firm, "person_id": holder, "role": "shareholder",
                 "share": float(add.rng.uniform(0.51, 1.0)), "since_on": date(2012, 1, 1)}
            )  # fmt: skip
        for _ in range(int(add.rng.integers(1, 4))):
            follows = add.rng.random() < 0.6
            day = season + int(add.rng.integers(0, 60)) if add.rng.random() < 0.5 else add.day()
            add.buy(firm, supplier if follows else add.seller(), day)


def _appended(table: pa.Table, name: str, rows: Rows) -> pa.Table:
    schema = INPUT_TABLES[name].arrow
    more = [{field.name: row.get(field.name) for field in schema} for row in rows]
    return pa.concat_tables([table.cast(schema), pa.Table.from_pylist(more, schema=schema)])
