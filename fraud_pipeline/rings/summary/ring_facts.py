"""What the tables say about each chosen ring: its claims, its ties, what lies outside it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.rings.evidence.selection import SelectedRing
from fraud_pipeline.rings.graph.parties import Parties
from fraud_pipeline.rings.graph.tie_kinds import IDENTITY
from fraud_pipeline.schema.outputs import TIES

_CLAIMS = """
    SELECT f.ring, c.claim_id, c.enterprise_id, c.institution_id, c.claimed_amount, c.submitted_on
      FROM claims c
      JOIN members f ON f.kind = 'enterprise' AND f.party = c.enterprise_id
      JOIN members i ON i.kind = 'institution' AND i.party = c.institution_id AND i.ring = f.ring
     ORDER BY f.ring, c.claim_id
"""
_TIES = """
    SELECT l.ring, t.* FROM ties t
      JOIN members l ON l.party = t.left_id AND l.kind = t.left_kind
      JOIN members r ON r.party = t.right_id AND r.kind = t.right_kind AND r.ring = l.ring
     ORDER BY l.ring, t.weight DESC, t.left_id, t.right_id, t.kind, t.left_kind, t.right_kind
"""


@dataclass(frozen=True)
class RingFacts:
    """A ring with all rows that speak about it; every number of the summary comes from here."""

    chosen: SelectedRing
    enterprises: tuple[str, ...]
    institutions: tuple[str, ...]
    claims: list[dict[str, Any]]
    ties: list[dict[str, Any]]  # TIES rows between members, heaviest first
    edges_inside: dict[str, int] = field(default_factory=dict)  # a party
    edges_total: dict[str, int] = field(default_factory=dict)
    marked: dict[str, tuple[str, ...]] = field(default_factory=dict)  # enterprises by kind of mark
    core: frozenset[str] = frozenset()  # party ids of the smallest significant core

    @property
    def amount(self) -> Decimal:
        return sum((c["claimed_amount"] for c in self.claims if c["claimed_amount"]), Decimal(0))

    @property
    def first_on(self) -> date:
        first: date = min(c["submitted_on"] for c in self.claims)
        return first

    @property
    def last_on(self) -> date:
        last: date = max(c["submitted_on"] for c in self.claims)
        return last

    def identity(self) -> list[dict[str, Any]]:
        """The ties of identity and text that count."""
        return [t for t in self.ties if t["kind"] in IDENTITY and t["weight"] > 0]

    def enterprises_tied_by(self, *kinds: str) -> set[str]:
        """Member enterprises that share such a thing with another member."""
        tied: set[str] = set()
        for t in self.ties:
            if t["kind"] in kinds and t["weight"] > 0:
                ends = ((t["left_kind"], t["left_id"]), (t["right_kind"], t["right_id"]))
                tied |= {party for kind, party in ends if kind == "enterprise"}
        return tied


def collect_facts(
    parties: Parties, chosen: list[SelectedRing], claims: pa.Table, ties: pa.Table | None
) -> list[RingFacts]:
    """One ring_facts a ring, in the order given."""
    members = _members(parties, chosen)
    their_claims = _by_ring(query(_CLAIMS, {"claims": claims, "members": members}))
    tie_rows = TIES.empty() if ties is None else ties
    their_ties = _by_ring(query(_TIES, {"ties": tie_rows, "members": members}))
    all_ring_facts = []
    for ring, one in enumerate(chosen):
        enterprises, institutions = _ids(parties, one)
        inside, everywhere = _edge_counts(parties, one)
        all_ring_facts.append(
            RingFacts(
                one,
                enterprises,
                institutions,
                their_claims[ring],
                their_ties[ring],
                inside,
                everywhere,
                _marked(parties, one),
                frozenset(parties.ids[n] for n in one.core or one.nodes),
            )
        )
    return all_ring_facts


def _marked(parties: Parties, one: SelectedRing) -> dict[str, tuple[str, ...]]:
    """The enterprises that carry marks of each kind that convinces; ties stand as ties.

    ``money_path`` are those money reached directly or over others: listed only where no tie says so.
    """
    marked = {
        kind: tuple(parties.ids[n] for n in evidence.enterprises)
        for kind, evidence in one.kinds.items()
        if evidence.convinces and kind != "related"
    }
    return {"money_path" if kind == "money_back" else kind: ids for kind, ids in marked.items()}


def _ids(parties: Parties, one: SelectedRing) -> tuple[tuple[str, ...], tuple[str, ...]]:
    n_enterprises = parties.graph.n_enterprises
    return (
        tuple(parties.ids[n] for n in one.nodes if n < n_enterprises),
        tuple(parties.ids[n] for n in one.nodes if n >= n_enterprises),
    )


def _members(parties: Parties, chosen: list[SelectedRing]) -> pa.Table:
    rows = [
        (ring, parties.ids[n], "enterprise" if n < parties.graph.n_enterprises else "institution")
        for ring, one in enumerate(chosen)
        for n in one.nodes
    ]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return pa.table(
        [pa.array(columns[0], pa.int64()), *(pa.array(c, pa.string()) for c in columns[1:])],
        names=["ring", "party", "kind"],
    )


def _edge_counts(parties: Parties, one: SelectedRing) -> tuple[dict[str, int], dict[str, int]]:
    graph, members = parties.graph, set(one.nodes)
    inside, everywhere = {}, {}
    for n in one.nodes:
        if n < graph.n_enterprises:
            others = (
                graph.enterprise_institution[graph.enterprise_ptr[n] : graph.enterprise_ptr[n + 1]]
                + graph.n_enterprises
            )
        else:
            k = n - graph.n_enterprises
            others = graph.institution_enterprise[
                graph.institution_ptr[k] : graph.institution_ptr[k + 1]
            ]
        key = f"{'enterprise' if n < graph.n_enterprises else 'institution'}:{parties.ids[n]}"
        inside[key] = sum(int(o) in members for o in others)
        everywhere[key] = len(others)
    return inside, everywhere


def _by_ring(rows: pa.Table) -> dict[int, list[dict[str, Any]]]:
    grouped: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.to_pylist():
        grouped[row.pop("ring")].append(row)
    return grouped
