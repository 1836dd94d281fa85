"""A set weighed region by region: a town that buys from its own suppliers is no wonder."""

from __future__ import annotations

import numba as nb
import numpy as np

from fraud_pipeline.rings.graph.bipartite import Web
from fraud_pipeline.rings.search.code_length import tail_surprise
from fraud_pipeline.rings.search.executor import Sets
from fraud_pipeline.rings.search.search_state import SEASON_COST


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _cells(web: Web, members: np.ndarray, q1: int, q2: int, draws: np.ndarray) -> None:
    """Fill ``draws`` (3, seasons, regions): dealings of the firms, at the institutions, both."""
    inside = np.zeros(web.n_insts, np.bool_)
    for u in members:
        if u >= web.n_firms:
            k = u - web.n_firms
            inside[k] = True
            for p in range(web.inst_ptr[k], web.inst_ptr[k + 1]):
                if q1 <= web.inst_season[p] <= q2:
                    draws[1, web.inst_season[p], web.firm_region[web.inst_firm[p]]] += 1
    for u in members:
        if u < web.n_firms:
            r = web.firm_region[u]
            for p in range(web.firm_ptr[u], web.firm_ptr[u + 1]):
                q = web.firm_season[p]
                if q1 <= q <= q2:
                    draws[0, q, r] += 1
                    draws[2, q, r] += inside[web.firm_inst[p]]


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _gain(web: Web, draws: np.ndarray, q1: int, q2: int, by_region: bool) -> float:
    """Surprise of seasons q1 to q2; each tail added costs as much as a season."""
    total = 0.0
    for q in range(q1, q2 + 1):
        if by_region:
            season = 0.0
            for r in range(web.region_total.shape[1]):
                nats = tail_surprise(
                    web.log_factorial, web.region_total[q, r],
                    draws[0, q, r], draws[1, q, r], draws[2, q, r],
                )  # fmt: skip
                season += max(0.0, nats - SEASON_COST)
            total += season if season > 0.0 else -SEASON_COST
        else:
            m, k, c = draws[0, q].sum(), draws[1, q].sum(), draws[2, q].sum()
            total += tail_surprise(web.log_factorial, web.season_total[q], m, k, c) - SEASON_COST
    return total


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _weighed(
    web: Web, net: np.ndarray, first: np.ndarray, last: np.ndarray, ptr: np.ndarray,
    nodes: np.ndarray, floor: float,
) -> np.ndarray:  # fmt: skip
    weighed = net.copy()
    draws = np.zeros((3, web.n_seasons, web.region_total.shape[1]), np.int64)
    for i in range(net.size):
        if net[i] > floor:
            q1, q2 = first[i], last[i]
            draws[:] = 0
            _cells(web, nodes[ptr[i] : ptr[i + 1]], q1, q2, draws)
            weighed[i] += _gain(web, draws, q1, q2, True) - _gain(web, draws, q1, q2, False)
    return weighed


def given_regions(web: Web, sets: Sets, floor: float) -> Sets:
    """``sets`` with the gain of every one above ``floor`` weighed region by region.

    The whole country's tail is replaced by one for each region its firms sit in, in the seasons
    already chosen. Nothing changes where all firms are of one region.
    """
    if web.region_total.shape[1] == 1:
        return sets
    net = _weighed(web, sets.net, sets.first, sets.last, sets.ptr, sets.nodes, floor)
    return sets._replace(net=net)
