"""A whole country as one world a province: each bureau knows its own parties and claims.

Nothing is published about the country as a whole; the sizes are assumptions. A part fits
in memory whatever the whole is, so ten million claims are made part by part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.random_streams import stream

LEAST_CLAIMS = 300
# A bureau's own numbering. Codes of a register (parties, accounts, invoices) need no tag.
_OWN = ("claim_id", "voucher_id", "contract_id", "payment_id", "deliverable_id", "outcome_id",
        "person_id", "device_id", "agent_id", "reviewer_id", "ring_id")  # fmt: skip


def provinces(
    margins: Margins, n_claims: int, seed: int
) -> Iterator[tuple[Margins, int, int, str]]:
    """Each province's margins, number of claims, seed and tag; the numbers add up."""
    # a small country has fewer provinces: a bureau without a market would have no peers
    largest = sorted(margins.places, key=lambda place: -place.weight)
    chosen = largest[: max(1, n_claims // LEAST_CLAIMS)]
    weight = np.array([place.weight for place in chosen])
    edges = np.round(np.cumsum(weight) / weight.sum() * n_claims).astype(int)
    for place, n in zip(chosen, np.diff(edges, prepend=0), strict=True):
        if n:
            own = int(stream(seed, f"province {place.division}").integers(2**31))
            part = replace(margins, places=(place,), zh=place.zh)
            yield part, int(n), own, f"{place.division[:2]}-"


def tagged(table: pa.Table, tag: str) -> pa.Table:
    """The table with the bureau's own numbers made unlike those of other provinces."""
    for column in (c for c in _OWN if c in table.column_names):
        at = table.column_names.index(column)
        marked = pc.binary_join_element_wise(pa.scalar(tag), table[column], "")
        table = table.set_column(at, table.schema.field(at), marked)
    return table


def tagged_roles(roles: pa.Table, tag: str) -> pa.Table:
    """Roles whose agents and reviewers are named as in the tagged claims."""
    own = pc.is_in(roles["party_kind"], value_set=pa.array(["agent", "reviewer"]))
    marked = pc.binary_join_element_wise(pa.scalar(tag), roles["party_id"], "")
    party = pc.if_else(own, marked, roles["party_id"])
    at = roles.column_names.index("party_id")
    return tagged(roles.set_column(at, roles.schema.field(at), party), tag)


def tables_of(parts: list[dict[str, pa.Table]]) -> dict[str, pa.Table]:
    """All parts' tables under one another."""
    return {name: pa.concat_tables([part[name] for part in parts]) for name in INPUT_TABLES}


def margins_of(parts: list[dict[str, tuple[float, float]]]) -> dict[str, tuple[float, float]]:
    """Counts and amounts of all parts added up; shares are left to the parts."""
    names = [name for name in parts[0] if "share" not in name]
    return {
        name: (sum(p[name][0] for p in parts), sum(p[name][1] for p in parts)) for name in names
    }
