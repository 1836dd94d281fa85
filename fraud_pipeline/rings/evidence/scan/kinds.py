"""What each kind of marks says of a group as it stands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fraud_pipeline.rings.evidence.scan.edge_marks import EdgeMarks
from fraud_pipeline.rings.evidence.scan.prefixes import exceedance
from fraud_pipeline.rings.graph.parties import Parties

# Nats from which evidence counts: chance gives that once in twenty groups, or programmes.
CONVINCING = math.log(20.0)


@dataclass(frozen=True)
class KindEvidence:
    """Of ``n`` edges inside, those of ``enterprises`` (nodes) carry the mark; ``nats`` against chance."""

    nats: float
    n: int
    enterprises: tuple[int, ...]

    @property
    def convinces(self) -> bool:
        return self.nats >= CONVINCING


def by_kind(
    parties: Parties, marks: EdgeMarks, nodes: tuple[int, ...]
) -> Mapping[str, KindEvidence]:
    """Every kind of marks, of all edges inside a set of nodes; nothing is taken off for a search."""
    enterprise, edges = edges_inside(parties, nodes)
    if edges.size == 0:
        return {}
    evidence = {}
    for i, kind in enumerate(marks.kinds):
        rows = np.arange(marks.level_ptr[i], marks.level_ptr[i + 1])
        nats = [
            exceedance(float(marks.marked[r, edges].sum()), float(edges.size),
                       float(marks.usual[r, edges].mean()))
            / (1.0 + (edges.size - 1) * marks.alike[r])
            for r in rows
        ]  # fmt: skip
        best = int(np.argmax(nats))
        of = np.unique(enterprise[marks.marked[rows[best], edges]])
        left = max(0.0, nats[best] - math.log(rows.size))
        evidence[kind] = KindEvidence(left, int(edges.size), tuple(of.tolist()))
    return evidence


def edges_inside(parties: Parties, nodes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """(enterprise, edge) of the edges between members."""
    graph = parties.graph
    buyers = [n for n in nodes if n < graph.n_enterprises]
    sellers = np.array(
        [n - graph.n_enterprises for n in nodes if n >= graph.n_enterprises], np.int64
    )
    spans = [np.arange(graph.enterprise_ptr[n], graph.enterprise_ptr[n + 1]) for n in buyers]
    edges = np.concatenate([np.zeros(0, np.int64), *spans])
    enterprise = np.repeat(np.array(buyers, np.int64), [span.size for span in spans])
    inside = np.isin(graph.enterprise_institution[edges], sellers)
    return enterprise[inside], edges[inside]
