"""A ring keeps its id from run to run; merges and splits are written down."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from fraud_pipeline.schema import RingSet

_SAME = 0.3  # Jaccard overlap from which a ring is the old one
_MOST = 0.5  # share of the smaller side that makes a part or a parent


def assign_ids(
    members: Sequence[frozenset[str]], previous: RingSet | None
) -> list[tuple[str, str]]:
    """(ring_id, lineage) for each set of ``kind:id`` members, in their order.

    Old ids go to the sets that overlap most (greedy by Jaccard, then id); the rest are named
    by a hash of their founding members. Lineage: new | kept | split from X | merged from X, Y.
    """
    old = _old_members(previous)
    overlaps = sorted(
        (-_jaccard(members[n], old[ring]), ring, n)
        for n in range(len(members))
        for ring in old
        if members[n] & old[ring]
    )
    ids: dict[int, str] = {}
    for negative, ring, n in overlaps:
        if -negative >= _SAME and n not in ids and ring not in ids.values():
            ids[n] = ring
    used = set(old)
    out = []
    for n, party in enumerate(members):
        parents = sorted(
            ring for ring in old if len(party & old[ring]) > _MOST * min(len(party), len(old[ring]))
        )
        if n in ids:
            others = [r for r in parents if r != ids[n] and r not in ids.values()]
            merged = f"merged from {', '.join(sorted([ids[n], *others]))}"
            out.append((ids[n], merged if others else "kept"))
        else:
            ring_id = _founding_id(party, used)
            used.add(ring_id)
            out.append((ring_id, f"split from {', '.join(parents)}" if parents else "new"))
    return out


def _founding_id(members: frozenset[str], used: set[str]) -> str:
    digest = hashlib.sha256("\n".join(sorted(members)).encode()).hexdigest().upper()
    length = 10
    while f"R-{digest[:length]}" in used:
        length += 1
    return f"R-{digest[:length]}"


def members_by_ring(ringset: RingSet | None) -> dict[str, frozenset[tuple[str, str]]]:
    """(kind, id) of the members of each ring, rings in the order of their ids."""
    if ringset is None:
        return {}
    members: dict[str, set[tuple[str, str]]] = {}
    columns = (ringset.members[c].to_pylist() for c in ("ring_id", "party_kind", "party_id"))
    for ring, kind, party in zip(*columns, strict=True):
        members.setdefault(ring, set()).add((kind, party))
    return {ring: frozenset(parties) for ring, parties in sorted(members.items())}


def _old_members(previous: RingSet | None) -> dict[str, frozenset[str]]:
    return {
        ring: frozenset(f"{kind}:{party}" for kind, party in members)
        for ring, members in members_by_ring(previous).items()
    }


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b)
