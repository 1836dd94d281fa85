"""The smallest significant core of a ring: weakest enterprises left out one after the other."""

from __future__ import annotations

import numpy as np

from fraud_pipeline.rings.graph.parties import Parties
from fraud_pipeline.rings.null.significance import p_values
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.seeds import concatenate_levels
from fraud_pipeline.rings.search.tasks import local_search

_SIZES = 16  # sizes tried a ring; all of them in rings of up to this many enterprises


def critical_score(maxima: np.ndarray, alpha: float) -> float:
    """The smallest score whose p-value is at most ``alpha``, by bisection, in nats."""
    low, high = -1000.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2.0
        if p_values(np.array([middle]), maxima)[0] <= alpha:
            high = middle
        else:
            low = middle
    return high


def smallest_core(
    parties: Parties, nodes: tuple[int, ...], needed: float, settings: RingParameters
) -> tuple[int, ...]:
    """The smallest of the nested parts of ``nodes`` whose score is ``needed`` nats or more.

    Enterprises leave by their number of edges and ties inside, the least first, and institutions
    with their last client, so the cost is linear in sizes tried and not in subsets; a
    still smaller part that is not nested may exist. All of ``nodes`` if no part convinces.
    """
    parts = _nested(parties, nodes, settings.min_enterprises)
    ptr = np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int64)
    flat = np.array([n for p in parts for n in p], np.int64)
    levels = range(len(parties.graph.tie_ptr))
    weighed = local_search(
        parties.graph,
        concatenate_levels([(ptr, flat, level) for level in levels]),
        settings,
        unchanged=True,
    )
    enough = [c.nodes for c in weighed if c.structure_nats >= needed]
    return min(enough, key=lambda part: (len(part), part)) if enough else nodes


def _nested(parties: Parties, nodes: tuple[int, ...], fewest: int) -> list[tuple[int, ...]]:
    graph, members = parties.graph, set(nodes)
    top = graph.tie_ptr.shape[0] - 1
    dealt = {
        n: {
            int(k) + graph.n_enterprises
            for k in graph.enterprise_institution[
                graph.enterprise_ptr[n] : graph.enterprise_ptr[n + 1]
            ]
        }
        & members
        for n in nodes
        if n < graph.n_enterprises
    }
    tied = {
        n: len(
            members & set(graph.tie_to[graph.tie_ptr[top, n] : graph.tie_ptr[top, n + 1]].tolist())
        )
        for n in dealt
    }
    enterprises = sorted(dealt, key=lambda n: (-len(dealt[n]), -tied[n], n))
    sizes = np.unique(
        np.linspace(min(fewest, len(enterprises)), len(enterprises), _SIZES).astype(int)
    )
    parts = []
    for size in sizes.tolist():
        weakest_out = enterprises[:size]
        parts.append(tuple(sorted([*weakest_out, *set().union(*(dealt[n] for n in weakest_out))])))
    return [part for part in parts if part[-1] >= graph.n_enterprises]
