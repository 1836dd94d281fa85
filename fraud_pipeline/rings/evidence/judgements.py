"""What people judged about the members of a ring, applied in every later run.

The last judgement about a ring and a party holds. One taken out stays out of that ring id until
something newer than the judgement ties it to a member who is left: a claim submitted, or a tie
that became known, on a later day. One put in stays in, whether the search finds it or not, as
long as it has a claim at all. A ring of which fewer than two dealing enterprises are left is shown no
more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.rings.graph.parties import Parties
from fraud_pipeline.rings.search.candidates import count_active_enterprises

_FEWEST_ENTERPRISES = 2  # that deal with an institution of the ring
Row = dict[str, Any]


@dataclass(frozen=True)
class Judgement:
    """A member taken out (``remove``) or put in (``add``) on a day."""

    ring_id: str
    party_id: str
    action: str
    decided_on: date

    def as_row(self) -> list[str]:
        """Plain values, for a manifest."""
        return [self.ring_id, self.party_id, self.action, self.decided_on.isoformat()]

    @classmethod
    def of_row(cls, row: Sequence[str]) -> Judgement:
        ring, party, action, day = row
        return cls(ring, party, action, date.fromisoformat(day))


def known_by(rows: Iterable[Judgement], day: date) -> tuple[Judgement, ...]:
    """The judgements that hold on ``day``: of each ring and party the last, given in order."""
    last = {(j.ring_id, j.party_id): j for j in rows if j.decided_on <= day}
    return tuple(last[key] for key in sorted(last))


def apply_judgements(
    parties: Parties, nodes: tuple[int, ...], judgements: Sequence[Judgement],
    claims: pa.Table, ties: pa.Table | None,
) -> tuple[tuple[int, ...], list[Row]]:  # fmt: skip
    """The members of one ring after ``judgements`` about it, and facts that tell of each.

    No members when too few are left. A fact has left_id, action and day, of a return also since.
    """
    if not judgements:
        return nodes, []
    members, facts = set(nodes), []
    numbers = _numbers(parties, {j.party_id for j in judgements})
    removed = {n for j in judgements if j.action == "remove" for n in numbers[j.party_id]}
    rest = {parties.ids[n] for n in members - removed}
    for j in judgements:
        at = numbers[j.party_id]
        fact = {"left_id": j.party_id, "action": j.action, "day": j.decided_on, "since": None}
        if j.action == "add" and at:
            members |= set(at)
            facts.append(fact)
        elif j.action == "remove" and not members.isdisjoint(at):
            since = newer_evidence(j, rest, claims, ties)
            if since is None:
                members -= set(at)
            facts.append({**fact, "since": since})
    left = tuple(sorted(members))
    return (left if count_active_enterprises(parties, left) >= _FEWEST_ENTERPRISES else ()), facts


def newer_evidence(
    judgement: Judgement, rest: set[str], claims: pa.Table, ties: pa.Table | None
) -> date | None:
    """The first day after the judgement on which something tied the party to one of ``rest``."""
    tables = [(claims, "enterprise_id", "institution_id", "submitted_on")]
    if ties is not None:
        counted = pc.and_(pc.greater(ties["weight"], 0.0), pc.not_equal(ties["kind"], "claim"))
        tables.append((ties.filter(counted), "left_id", "right_id", "known_on"))
    days = []
    for table, left, right, day in tables:
        later = table.filter(pc.greater(table[day], pa.scalar(judgement.decided_on)))
        for own_side, other_side in ((left, right), (right, left)):
            own = later.filter(pc.equal(later[own_side], judgement.party_id))
            with_rest = pc.is_in(own[other_side], value_set=pa.array(sorted(rest), pa.string()))
            days += own.filter(with_rest)[day].to_pylist()
    return min(days) if days else None


def of_ring(judgements: Sequence[Judgement], ring_id: str) -> list[Judgement]:
    return sorted((j for j in judgements if j.ring_id == ring_id), key=Judgement.as_row)


def _numbers(parties: Parties, ids: set[str]) -> Mapping[str, list[int]]:
    """The numbers of the named parties; one may be an enterprise and an institution."""
    numbers: dict[str, list[int]] = {party: [] for party in ids}
    for n, party in enumerate(parties.ids):
        if party in numbers:
            numbers[party].append(n)
    return numbers
