"""Hubs folded: of the many that hang on one party by a single tie a few are drawn, the rest
is a node that says how many; opened, all of them are drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

KEPT = 12  # leaves of one hub that are drawn


@dataclass(frozen=True)
class CollapsedHub:
    """One hub's folded leaves."""

    hub: str
    label: str
    n: int


def collapse_hubs(
    members: Sequence[dict[str, Any]], edges: Sequence[dict[str, Any]],
    opened: Collection[str] = (), kept: int = KEPT,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[CollapsedHub]]:  # fmt: skip
    """(members, edges, folds) to draw; ``members`` and ``edges`` as the ring's picture takes them.

    A leaf is a member all of whose drawn edges go to one other member. The heaviest stay.
    """
    neighbours: dict[str, set[str]] = defaultdict(set)
    weight: dict[str, float] = defaultdict(float)
    for edge in edges:
        neighbours[edge["left"]].add(edge["right"])
        neighbours[edge["right"]].add(edge["left"])
        for side in ("left", "right"):
            weight[edge[side]] = max(weight[edge[side]], float(edge["weight"] or 0))
    leaves: dict[str, list[str]] = defaultdict(list)
    for member in members:
        tied = neighbours[member["party_id"]]
        if len(tied) == 1 and len(neighbours[next(iter(tied))]) > 1:
            leaves[next(iter(tied))].append(member["party_id"])
    label = {m["party_id"]: m["label"] for m in members}
    gone: set[str] = set()
    folds = []
    for hub, hanging in sorted(leaves.items()):
        if len(hanging) > kept and hub not in opened and hub in label:
            rest = sorted(hanging, key=lambda p: (-weight[p], p))[kept:]
            gone |= set(rest)
            folds.append(CollapsedHub(hub, label[hub], len(rest)))
    drawn = [m for m in members if m["party_id"] not in gone]
    drawn += [
        {"party_id": f"+{f.hub}", "kind": "enterprise", "label": f"+{f.n}", "role": ""}
        for f in folds
    ]
    lines = [e for e in edges if not {e["left"], e["right"]} & gone]
    lines += [{"left": f.hub, "right": f"+{f.hub}", "kind": "claim", "weight": 0.0} for f in folds]
    return drawn, lines, folds
