"""The books of one set of parties: every count that changes when a party comes or goes."""

from __future__ import annotations

import numba as nb
import numpy as np

from fraud_pipeline.rings.graph.bipartite import BipartiteGraph
from fraud_pipeline.rings.search.code_length import set_code_length, tail_nats

MAX_MEMBERS = 300
SEASON_CODE_LENGTH = 1.0  # for adding up the tails of several seasons


class SearchState:
    """Scratch of one ascent; made once a search and cleaned after each seed."""

    def __init__(self, graph: BipartiteGraph):
        nodes = graph.n_enterprises + graph.n_institutions
        self.arrays = (
            np.zeros(nodes, np.bool_),  # member
            np.zeros(nodes, np.int64),  # members tied to the node
            np.zeros(nodes, np.int64),  # stamp: visited in this step
            np.zeros(
                (graph.n_institutions, graph.n_seasons), np.int64
            ),  # dealings of F by institution and season
            np.zeros((6, graph.n_seasons), np.int64),  # m, K, c of the set; dm, dK, dc of a trial
            np.zeros(graph.n_seasons, np.float64),  # surprise a season
            np.zeros(MAX_MEMBERS + 2, np.int64),  # members in order
            np.zeros(
                8, np.int64
            ),  # size, enterprises, institutions, lone enterprises, lone institutions, border, q1, q2
        )


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def provisional_code_length(graph: BipartiteGraph, info: np.ndarray) -> float:
    """Cost of naming the set while it climbs: its tied members count as one group."""
    groups = 1 if info[0] > info[3] + info[4] else 0
    cost: float = set_code_length(
        graph.log_factorial, graph.n_enterprises, graph.n_institutions,
        info[1], info[2], info[3], info[4], groups, info[5],
    )  # fmt: skip
    return cost


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def apply(graph: BipartiteGraph, level: int, s: tuple, u: int, sign: int) -> None:  # type: ignore[type-arg]
    """Put node ``u`` in (sign 1) or take it out (-1), keeping every count."""
    member, _, _, fk, season, _, order, info = s
    if u < graph.n_enterprises:
        for p in range(graph.enterprise_ptr[u], graph.enterprise_ptr[u + 1]):
            k, q = graph.enterprise_institution[p], graph.enterprise_season[p]
            fk[k, q] += sign
            season[0, q] += sign
            if member[graph.n_enterprises + k]:
                season[2, q] += sign
    else:
        k = u - graph.n_enterprises
        for q in range(graph.n_seasons):
            season[1, q] += sign * graph.institution_count[k, q]
            season[2, q] += sign * fk[k, q]
    _count_border(graph, level, s, u, sign)
    member[u] = sign > 0
    if sign > 0:
        order[info[0]] = u
    else:
        for i in range(info[0]):
            if order[i] == u:
                order[i : info[0] - 1] = order[i + 1 : info[0]].copy()
                break
    info[0] += sign
    info[1 if u < graph.n_enterprises else 2] += sign


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _count_border(graph: BipartiteGraph, level: int, s: tuple, u: int, sign: int) -> None:  # type: ignore[type-arg]
    member, tied, _, _, _, _, _, info = s
    if tied[u] == 0:
        info[3 if u < graph.n_enterprises else 4] += sign
    for p in range(graph.tie_ptr[level, u], graph.tie_ptr[level, u + 1]):
        v = graph.tie_to[p]
        before = tied[v]
        tied[v] += sign
        if (before == 0) != (tied[v] == 0):
            info[5] += sign
            if member[v]:
                info[3 if v < graph.n_enterprises else 4] -= sign


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def trial(
    graph: BipartiteGraph, level: int, s: tuple, u: int, sign: int, cost: float,  # type: ignore[type-arg]
) -> float:  # fmt: skip
    """Change of the surprise by moving ``u``, the seasons as they stand.

    ``cost`` is what naming the set costs before (:func:`provisional_code_length`), the same for all trials.
    """
    member, _, _, fk, season, structure_nats, _, info = s
    q1, q2 = info[6], info[7]
    delta: float = 0.0
    if u < graph.n_enterprises:
        begin, end = graph.enterprise_ptr[u], graph.enterprise_ptr[u + 1]
        for p in range(begin, end):
            q = graph.enterprise_season[p]
            season[3, q] += sign
            if member[graph.n_enterprises + graph.enterprise_institution[p]]:
                season[5, q] += sign
        for p in range(begin, end):
            q = graph.enterprise_season[p]
            if season[3, q] != 0:
                if q1 <= q <= q2:
                    delta += _season_change(graph, season, structure_nats, q)
                season[3, q] = 0
                season[5, q] = 0
    else:
        k = u - graph.n_enterprises
        for q in range(q1, q2 + 1):
            if graph.institution_count[k, q] > 0:
                season[4, q] = sign * graph.institution_count[k, q]
                season[5, q] = sign * fk[k, q]
                delta += _season_change(graph, season, structure_nats, q)
                season[4, q] = 0
                season[5, q] = 0
    delta -= _cost_after(graph, level, s, u, sign) - cost
    return delta


@nb.njit(cache=True, inline="always")  # type: ignore[untyped-decorator]
def _season_change(
    graph: BipartiteGraph, season: np.ndarray, structure_nats: np.ndarray, q: int
) -> float:
    after: float = tail_nats(
        graph.log_factorial, graph.season_total[q],
        season[0, q] + season[3, q], season[1, q] + season[4, q], season[2, q] + season[5, q],
    )  # fmt: skip
    change: float = after - structure_nats[q]
    return change


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _cost_after(graph: BipartiteGraph, level: int, s: tuple, u: int, sign: int) -> float:  # type: ignore[type-arg]
    member, tied, _, _, _, _, _, info = s
    enterprises, institutions, lone_enterprises, lone_institutions, border = (
        info[1],
        info[2],
        info[3],
        info[4],
        info[5],
    )
    enterprise = u < graph.n_enterprises
    if tied[u] == 0:
        if enterprise:
            lone_enterprises += sign
        else:
            lone_institutions += sign
    edge = 0 if sign > 0 else 1  # ties of v that decide: none before an entry, one before an exit
    for p in range(graph.tie_ptr[level, u], graph.tie_ptr[level, u + 1]):
        v = graph.tie_to[p]
        if tied[v] == edge:
            border += sign
            if member[v]:
                if v < graph.n_enterprises:
                    lone_enterprises -= sign
                else:
                    lone_institutions -= sign
    if enterprise:
        enterprises += sign
    else:
        institutions += sign
    groups = 1 if enterprises + institutions > lone_enterprises + lone_institutions else 0
    cost: float = set_code_length(
        graph.log_factorial, graph.n_enterprises, graph.n_institutions,
        enterprises, institutions, lone_enterprises, lone_institutions, groups, border,
    )  # fmt: skip
    return cost


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def best_seasons(graph: BipartiteGraph, s: tuple) -> float:  # type: ignore[type-arg]
    """Refresh the surprise of each season and choose the best run of them (Kadane's scan)."""
    _, _, _, _, season, structure_nats, _, info = s
    best, run, begin = -1e18, 0.0, 0
    for q in range(graph.n_seasons):
        structure_nats[q] = tail_nats(
            graph.log_factorial, graph.season_total[q], season[0, q], season[1, q], season[2, q]
        )
        if run <= 0.0:
            run, begin = 0.0, q
        run += structure_nats[q] - SEASON_CODE_LENGTH
        if run > best:
            best = run
            info[6], info[7] = begin, q
    return best
