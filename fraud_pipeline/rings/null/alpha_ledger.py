"""The alpha ledger: what each look cost, and what it certified.

One ledger a chain of runs. Each run carries the ledger of the run before it and adds its own
run, so nothing is ever rewritten, and a run repeated from its predecessor writes the same bytes.
Plain values only, because it is published as JSON:

    {"budget": 0.05, "nights": [{"as_of": "2016-07-01", "dealings": 900, "new_dealings": 7,
     "dealings_a_year": 310, "level": 0.00056, "certified": [{"ring_id", "p_value", "parties"}]}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.rings.null.alpha_spending import Look, spend_alpha
from fraud_pipeline.schema import RingSet
from fraud_pipeline.schema.outputs import RINGS

AlphaLedger = dict[str, Any]
_SAME = 0.5  # of the parties certified that must still be in the ring
_EDGES = """
    WITH dealt AS (
        SELECT enterprise_id, institution_id, min(submitted_on) AS first_on FROM claims
         WHERE enterprise_id IS NOT NULL AND institution_id IS NOT NULL
           AND submitted_on IS NOT NULL
         GROUP BY 1, 2
    )
    SELECT count(*) AS n, count(*) FILTER (first_on > $year_ago) AS of_a_year FROM dealt
"""


def extend_ledger(
    before: Mapping[str, Any] | None,
    ring_set: RingSet,
    claims: pa.Table,
    today: date,
    budget: float,
) -> AlphaLedger:
    """The ledger with this look: the level it was given and the rings it certified.

    New edges are those the claims hold beyond the number of the previous run (rows that come
    late count, rows that went are set off against those that came); the edges foreseen for a
    year are those of the last 365 days. A ring that stands certified is not certified again.
    """
    edges = query(
        _EDGES, {"claims": claims}, {"year_ago": today - timedelta(days=365)}
    ).to_pylist()[0]
    looks = list(before["nights"]) if before else []
    new = max(0, edges["n"] - (looks[-1]["dealings"] if looks else 0))
    past = [Look(date.fromisoformat(n["as_of"]), n["new_dealings"], n["level"]) for n in looks]
    look = spend_alpha(past, today, new, max(edges["of_a_year"], 1), budget)
    members, certified = _parties(ring_set), certificates(before, ring_set)
    fresh = [
        {"ring_id": ring, "p_value": p, "parties": sorted(members[ring])}
        for ring, p in sorted(_p_values(ring_set).items())
        if p <= look.level and look.level > 0.0 and ring not in certified
    ]
    looks.append(
        {
            "as_of": today.isoformat(), "dealings": edges["n"], "new_dealings": new,
            "dealings_a_year": edges["of_a_year"], "level": look.level, "certified": fresh,
        }
    )  # fmt: skip
    return {"budget": budget, "nights": looks}


def certificates(
    account: Mapping[str, Any] | None, ring_set: RingSet
) -> dict[str, tuple[date, float]]:
    """Ring id to the day and level of its certification, for the rings of ``found`` it covers.

    A certificate stands for the parties it was given for: it covers the ring of the same id
    while at least half of them are still in it.
    """
    certified: dict[str, tuple[date, float]] = {}
    members = _parties(ring_set)
    for look in (account or {}).get("nights", ()):
        for one in look["certified"]:
            ring, parties = one["ring_id"], set(one["parties"])
            if ring in members and len(parties & members[ring]) >= _SAME * len(parties):
                certified[ring] = (date.fromisoformat(look["as_of"]), look["level"])
    return certified


def add_certificates(ring_set: RingSet, account: Mapping[str, Any]) -> RingSet:
    """``found`` with certified_on and certified_level filled for the rings that stand certified."""
    certified = certificates(account, ring_set)
    if not certified:
        return ring_set
    columns = [certified.get(ring, (None, None)) for ring in ring_set.rings["ring_id"].to_pylist()]
    rings = ring_set.rings
    for name, values in zip(
        ("certified_on", "certified_level"), zip(*columns, strict=True), strict=True
    ):
        at = rings.schema.get_field_index(name)
        field = rings.schema.field(at)
        rings = rings.set_column(at, field, pa.array(values, field.type))
    return replace(ring_set, rings=RINGS.conform(rings))


def _p_values(ring_set: RingSet) -> dict[str, float]:
    columns = (ring_set.rings[c].to_pylist() for c in ("ring_id", "p_value"))
    return dict(zip(*columns, strict=True))


def _parties(ring_set: RingSet) -> dict[str, set[str]]:
    members: dict[str, set[str]] = {ring: set() for ring in ring_set.rings["ring_id"].to_pylist()}
    columns = (ring_set.members[c].to_pylist() for c in ("ring_id", "party_kind", "party_id"))
    for ring, kind, party in zip(*columns, strict=True):
        members[ring].add(f"{kind}:{party}")
    return members
