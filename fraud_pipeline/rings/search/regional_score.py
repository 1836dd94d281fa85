"""The score of a set with the tail of each region in place of the tail of the whole programme.

A town that buys from its own suppliers has no score.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from fraud_pipeline.rings.graph.bipartite import BipartiteGraph
from fraud_pipeline.rings.search.code_length import tail_nats
from fraud_pipeline.rings.search.executor import CandidateSets
from fraud_pipeline.rings.search.search_state import SEASON_CODE_LENGTH


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _cells(graph: BipartiteGraph, members: np.ndarray, q1: int, q2: int, draws: np.ndarray) -> None:
    """Fill ``draws`` (3, seasons, regions): edges of the enterprises, at the institutions, both."""
    inside = np.zeros(graph.n_institutions, np.bool_)
    for u in members:
        if u >= graph.n_enterprises:
            k = u - graph.n_enterprises
            inside[k] = True
            for p in range(graph.institution_ptr[k], graph.institution_ptr[k + 1]):
                if q1 <= graph.institution_season[p] <= q2:
                    draws[
                        1,
                        graph.institution_season[p],
                        graph.enterprise_region[graph.institution_enterprise[p]],
                    ] += 1
    for u in members:
        if u < graph.n_enterprises:
            r = graph.enterprise_region[u]
            for p in range(graph.enterprise_ptr[u], graph.enterprise_ptr[u + 1]):
                q = graph.enterprise_season[p]
                if q1 <= q <= q2:
                    draws[0, q, r] += 1
                    draws[2, q, r] += inside[graph.enterprise_institution[p]]


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _gain(graph: BipartiteGraph, draws: np.ndarray, q1: int, q2: int, by_region: bool) -> float:
    """Surprise of seasons q1 to q2; each tail added costs as much as a season."""
    total = 0.0
    for q in range(q1, q2 + 1):
        if by_region:
            season = 0.0
            for r in range(graph.region_total.shape[1]):
                nats = tail_nats(
                    graph.log_factorial, graph.region_total[q, r],
                    draws[0, q, r], draws[1, q, r], draws[2, q, r],
                )  # fmt: skip
                season += max(0.0, nats - SEASON_CODE_LENGTH)
            total += season if season > 0.0 else -SEASON_CODE_LENGTH
        else:
            m, k, c = draws[0, q].sum(), draws[1, q].sum(), draws[2, q].sum()
            total += (
                tail_nats(graph.log_factorial, graph.season_total[q], m, k, c) - SEASON_CODE_LENGTH
            )
    return total


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _weighed(
    graph: BipartiteGraph, net: np.ndarray, first: np.ndarray, last: np.ndarray, ptr: np.ndarray,
    nodes: np.ndarray, floor: float,
) -> np.ndarray:  # fmt: skip
    weighed = net.copy()
    draws = np.zeros((3, graph.n_seasons, graph.region_total.shape[1]), np.int64)
    for i in range(net.size):
        if net[i] > floor:
            q1, q2 = first[i], last[i]
            draws[:] = 0
            _cells(graph, nodes[ptr[i] : ptr[i + 1]], q1, q2, draws)
            weighed[i] += _gain(graph, draws, q1, q2, True) - _gain(graph, draws, q1, q2, False)
    return weighed


def score_by_region(graph: BipartiteGraph, sets: CandidateSets, floor: float) -> CandidateSets:
    """``sets`` with the gain of every one above ``floor`` weighed region by region.

    The whole country's tail is replaced by one for each region its enterprises sit in, in the seasons
    already chosen. Nothing changes where all enterprises are of one region.
    """
    if graph.region_total.shape[1] == 1:
        return sets
    net = _weighed(graph, sets.net, sets.first, sets.last, sets.ptr, sets.nodes, floor)
    return sets._replace(net=net)
