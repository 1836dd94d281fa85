"""Collapses hubs of a graph: of the parties with one tie, to the same party, only the strongest
are drawn; one node stands for the rest and shows their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

MAX_LEAVES = 12  # leaves drawn per hub


@dataclass(frozen=True)
class CollapsedHub:
    """A hub and the number of its leaves that are not drawn."""

    hub: str
    label: str
    n: int


def collapse_hubs(
    members: Sequence[dict[str, Any]], edges: Sequence[dict[str, Any]],
    expanded: Collection[str] = (), max_leaves: int = MAX_LEAVES,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[CollapsedHub]]:  # fmt: skip
    """(members, edges, collapsed hubs) to draw; ``members`` and ``edges`` as ``svg_charts.ring`` takes them.

    A leaf is a member whose edges all go to one other member. Of a hub's leaves the
    ``max_leaves`` with the highest weight are drawn; of a hub in ``expanded`` all are.
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
    hidden: set[str] = set()
    collapsed = []
    for hub, hub_leaves in sorted(leaves.items()):
        if len(hub_leaves) > max_leaves and hub not in expanded and hub in label:
            rest = sorted(hub_leaves, key=lambda p: (-weight[p], p))[max_leaves:]
            hidden |= set(rest)
            collapsed.append(CollapsedHub(hub, label[hub], len(rest)))
    visible = [m for m in members if m["party_id"] not in hidden]
    visible += [
        {"party_id": f"+{f.hub}", "kind": "enterprise", "label": f"+{f.n}", "role": ""}
        for f in collapsed
    ]
    lines = [e for e in edges if not {e["left"], e["right"]} & hidden]
    lines += [
        {"left": f.hub, "right": f"+{f.hub}", "kind": "claim", "weight": 0.0} for f in collapsed
    ]
    return visible, lines, collapsed
