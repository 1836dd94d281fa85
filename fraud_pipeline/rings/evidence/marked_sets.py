"""What prices and verdicts say of a set that was found without looking at them.

The search by structure and the stars of shared values know neither prices nor verdicts. How many marked
edges such a set has is therefore a test that nobody chose; it costs ln of the number of candidates.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fraud_pipeline.rings.evidence.scan.edge_marks import EdgeMarks
from fraud_pipeline.rings.evidence.scan.groups import Group, OtherEvidence
from fraud_pipeline.rings.evidence.scan.kinds import CONVINCING
from fraud_pipeline.rings.evidence.scan.prefixes import LEAST_MARKED, LEAST_SHARE
from fraud_pipeline.rings.evidence.supporting import binomial_ratios, list_edges_inside
from fraud_pipeline.rings.graph.parties import Parties

_UNSEEN = ("price", "verdict")  # kinds of marks that no search for candidates looks at


def marked_nats(
    parties: Parties, other: OtherEvidence, sets: Sequence[tuple[int, ...]], exclusive: np.ndarray,
    groups: Sequence[Group],
) -> np.ndarray:  # fmt: skip
    """(n,) nats of each set's prices, verdicts and exclusive values, less ln of the number of sets.

    ``exclusive`` (n,): nats of the strongest exclusive value, ln of the number of values taken off. The kinds
    besides the strongest must convince together, or it is -inf. So it is for parts of ``groups``, which
    were chosen by their marks.
    """
    if not sets:
        return np.zeros(0)
    different = sorted(set(sets))
    place = {nodes: i for i, nodes in enumerate(different)}
    of = np.array([place[nodes] for nodes in sets])
    values = np.full(len(different), -np.inf)
    np.maximum.at(values, of, exclusive)
    candidate, edge = _edges_inside(parties, different)
    n_edges = np.bincount(candidate, minlength=len(different)).astype(float)
    kinds = [np.maximum(values, 0.0)]
    for kind in _UNSEEN:
        if kind in other.marks.kinds:
            kinds.append(_kind_nats(other.marks, kind, candidate, edge, n_edges))
    total = np.sum(kinds, axis=0)
    several = total - np.max(kinds, axis=0) >= CONVINCING
    part = _parts_of(different, groups)
    nats: np.ndarray = np.where(several & ~part, total - np.log(len(different)), -np.inf)
    return nats[of]


def _parts_of(sets: Sequence[tuple[int, ...]], groups: Sequence[Group]) -> np.ndarray:
    """(sets,) whether a set is a part of a group; only groups with its first member are looked at."""
    holders: dict[int, list[frozenset[int]]] = {}
    for group in groups:
        members = frozenset(group.nodes)
        for node in members:
            holders.setdefault(node, []).append(members)
    return np.array(
        [any(group.issuperset(nodes) for group in holders.get(nodes[0], ())) for nodes in sets],
        bool,
    )


def _edges_inside(parties: Parties, sets: list[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """(set, edge) of all edges between members of a set."""
    graph = parties.graph
    _, rows = list_edges_inside(parties, sets)
    candidate, enterprise, institution = (
        column.to_numpy().astype(np.int64) for column in rows.columns
    )
    width = np.int64(len(parties.ids))
    owner = np.repeat(np.arange(graph.n_enterprises), np.diff(graph.enterprise_ptr))
    keys = owner * width + graph.enterprise_institution + graph.n_enterprises
    return candidate, np.searchsorted(keys, enterprise * width + institution)


def _kind_nats(
    marks: EdgeMarks, kind: str, candidate: np.ndarray, edge: np.ndarray, n_edges: np.ndarray
) -> np.ndarray:
    """(sets,) nats of one kind, of its best level; 0 where it marks a quarter of the edges at most."""
    i = marks.kinds.index(kind)
    first, last = int(marks.level_ptr[i]), int(marks.level_ptr[i + 1])
    n = np.maximum(n_edges, 1.0)
    best = np.zeros(n_edges.size)
    for row in range(first, last):
        hits = np.bincount(candidate, weights=marks.marked[row, edge], minlength=n.size)
        usual = np.bincount(candidate, weights=marks.usual[row, edge], minlength=n.size) / n
        nats = binomial_ratios(hits, n, np.clip(usual, 1e-9, 1.0 - 1e-9))
        nats /= 1.0 + np.maximum(n - 1.0, 0.0) * marks.alike[row]
        speaks = hits >= np.maximum(LEAST_MARKED, LEAST_SHARE * n)
        best = np.maximum(best, np.where(speaks, nats - np.log(last - first), 0.0))
    return best
