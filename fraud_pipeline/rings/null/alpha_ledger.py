"""The account of the nights: what each look cost, and what it certified.

One account a chain of runs. Each run carries the account of the run before it and adds its own
night, so nothing is ever rewritten, and a run repeated from its predecessor writes the same bytes.
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
from fraud_pipeline.rings.null.alpha_spending import Night, level_tonight
from fraud_pipeline.schema import RingSet
from fraud_pipeline.schema.outputs import RINGS

Account = dict[str, Any]
_SAME = 0.5  # of the parties certified that must still be in the ring
_DEALINGS = """
    WITH dealt AS (
        SELECT enterprise_id, institution_id, min(submitted_on) AS first_on FROM claims
         WHERE enterprise_id IS NOT NULL AND institution_id IS NOT NULL
           AND submitted_on IS NOT NULL
         GROUP BY 1, 2
    )
    SELECT count(*) AS n, count(*) FILTER (first_on > $year_ago) AS of_a_year FROM dealt
"""


def with_tonight(
    before: Mapping[str, Any] | None, found: RingSet, claims: pa.Table, today: date, budget: float
) -> Account:
    """The account with tonight's look: the level it was given and the rings it certified.

    New dealings are those the claims hold beyond the number of the night before (rows that come
    late count, rows that went are set off against those that came); the dealings foreseen for a
    year are those of the last 365 days. A ring that stands certified is not certified again.
    """
    dealings = query(
        _DEALINGS, {"claims": claims}, {"year_ago": today - timedelta(days=365)}
    ).to_pylist()[0]
    nights = list(before["nights"]) if before else []
    new = max(0, dealings["n"] - (nights[-1]["dealings"] if nights else 0))
    past = [Night(date.fromisoformat(n["as_of"]), n["new_dealings"], n["level"]) for n in nights]
    night = level_tonight(past, today, new, max(dealings["of_a_year"], 1), budget)
    members, standing = _parties(found), certified_before(before, found)
    fresh = [
        {"ring_id": ring, "p_value": p, "parties": sorted(members[ring])}
        for ring, p in sorted(_p_values(found).items())
        if p <= night.level and night.level > 0.0 and ring not in standing
    ]
    nights.append(
        {
            "as_of": today.isoformat(), "dealings": dealings["n"], "new_dealings": new,
            "dealings_a_year": dealings["of_a_year"], "level": night.level, "certified": fresh,
        }
    )  # fmt: skip
    return {"budget": budget, "nights": nights}


def certified_before(
    account: Mapping[str, Any] | None, found: RingSet
) -> dict[str, tuple[date, float]]:
    """Ring id to the day and level of its certification, for the rings of ``found`` it covers.

    A certificate stands for the parties it was given for: it covers the ring of the same id
    while at least half of them are still in it.
    """
    standing: dict[str, tuple[date, float]] = {}
    members = _parties(found)
    for night in (account or {}).get("nights", ()):
        for one in night["certified"]:
            ring, parties = one["ring_id"], set(one["parties"])
            if ring in members and len(parties & members[ring]) >= _SAME * len(parties):
                standing[ring] = (date.fromisoformat(night["as_of"]), night["level"])
    return standing


def stamped(found: RingSet, account: Mapping[str, Any]) -> RingSet:
    """``found`` with certified_on and certified_level filled for the rings that stand certified."""
    standing = certified_before(account, found)
    if not standing:
        return found
    given = [standing.get(ring, (None, None)) for ring in found.rings["ring_id"].to_pylist()]
    rings = found.rings
    for name, values in zip(
        ("certified_on", "certified_level"), zip(*given, strict=True), strict=True
    ):
        at = rings.schema.get_field_index(name)
        field = rings.schema.field(at)
        rings = rings.set_column(at, field, pa.array(values, field.type))
    return replace(found, rings=RINGS.conform(rings))


def _p_values(found: RingSet) -> dict[str, float]:
    columns = (found.rings[c].to_pylist() for c in ("ring_id", "p_value"))
    return dict(zip(*columns, strict=True))


def _parties(found: RingSet) -> dict[str, set[str]]:
    members: dict[str, set[str]] = {ring: set() for ring in found.rings["ring_id"].to_pylist()}
    columns = (found.members[c].to_pylist() for c in ("ring_id", "party_kind", "party_id"))
    for ring, kind, party in zip(*columns, strict=True):
        members[ring].add(f"{kind}:{party}")
    return members
