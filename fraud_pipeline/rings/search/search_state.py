"""The state of a local search: every count of a set that changes when a party comes or goes."""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np

from fraud_pipeline.rings.graph.bipartite import BipartiteGraph
from fraud_pipeline.rings.search.code_length import SetSize, set_code_length, tail_nats

MAX_MEMBERS = 300
SEASON_CODE_LENGTH = 1.0  # for adding up the tails of several seasons


# Places in ``SearchState.counts``.
SIZE, ENTERPRISES, INSTITUTIONS, LONE_ENTERPRISES, LONE_INSTITUTIONS, BORDER, FIRST, LAST = range(8)


class SearchState(NamedTuple):
    """Working memory of one local search; made once a task and left clean after each seed."""

    member: np.ndarray  # bool (nodes,)
    tied: np.ndarray  # int64 (nodes,): members tied to the node
    stamp: np.ndarray  # int64 (nodes,): the step in which the node was last tried
    edges: np.ndarray  # int64 (institutions, seasons): edges of the member enterprises
    season: (
        np.ndarray
    )  # int64 (6, seasons): draws, marked, hits of the set; their changes in a trial
    nats: np.ndarray  # float64 (seasons,): -ln of the tail of each season
    order: np.ndarray  # int64 (MAX_MEMBERS + 2,): members in the order of entry
    counts: np.ndarray  # int64 (8,): sizes, border, first and last season


def new_search_state(graph: BipartiteGraph) -> SearchState:
    """Empty working memory for searches on ``graph``."""
    nodes = graph.n_enterprises + graph.n_institutions
    return SearchState(
        np.zeros(nodes, np.bool_),
        np.zeros(nodes, np.int64),
        np.zeros(nodes, np.int64),
        np.zeros((graph.n_institutions, graph.n_seasons), np.int64),
        np.zeros((6, graph.n_seasons), np.int64),
        np.zeros(graph.n_seasons, np.float64),
        np.zeros(MAX_MEMBERS + 2, np.int64),
        np.zeros(8, np.int64),
    )


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def provisional_code_length(graph: BipartiteGraph, counts: np.ndarray) -> float:
    """Code length of the set during a search: its tied members count as one group."""
    lone = counts[LONE_ENTERPRISES] + counts[LONE_INSTITUTIONS]
    size = SetSize(
        counts[ENTERPRISES], counts[INSTITUTIONS], counts[LONE_ENTERPRISES],
        counts[LONE_INSTITUTIONS], 1 if counts[SIZE] > lone else 0, counts[BORDER],
    )  # fmt: skip
    cost: float = set_code_length(
        graph.log_factorial, graph.n_enterprises, graph.n_institutions, size
    )
    return cost


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def move(graph: BipartiteGraph, level: int, state: SearchState, u: int, sign: int) -> None:
    """Put node ``u`` in (sign 1) or take it out (-1), keeping every count."""
    member, edges, season, order = state.member, state.edges, state.season, state.order
    counts = state.counts
    if u < graph.n_enterprises:
        for p in range(graph.enterprise_ptr[u], graph.enterprise_ptr[u + 1]):
            k, q = graph.enterprise_institution[p], graph.enterprise_season[p]
            edges[k, q] += sign
            season[0, q] += sign
            if member[graph.n_enterprises + k]:
                season[2, q] += sign
    else:
        k = u - graph.n_enterprises
        for q in range(graph.n_seasons):
            season[1, q] += sign * graph.institution_count[k, q]
            season[2, q] += sign * edges[k, q]
    _count_border(graph, level, state, u, sign)
    member[u] = sign > 0
    if sign > 0:
        order[counts[SIZE]] = u
    else:
        for i in range(counts[SIZE]):
            if order[i] == u:
                order[i : counts[SIZE] - 1] = order[i + 1 : counts[SIZE]].copy()
                break
    counts[SIZE] += sign
    counts[ENTERPRISES if u < graph.n_enterprises else INSTITUTIONS] += sign


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _count_border(graph: BipartiteGraph, level: int, state: SearchState, u: int, sign: int) -> None:
    member, tied, counts = state.member, state.tied, state.counts
    if tied[u] == 0:
        counts[LONE_ENTERPRISES if u < graph.n_enterprises else LONE_INSTITUTIONS] += sign
    for p in range(graph.tie_ptr[level, u], graph.tie_ptr[level, u + 1]):
        v = graph.tie_to[p]
        before = tied[v]
        tied[v] += sign
        if (before == 0) != (tied[v] == 0):
            counts[BORDER] += sign
            if member[v]:
                counts[LONE_ENTERPRISES if v < graph.n_enterprises else LONE_INSTITUTIONS] -= sign


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def move_gain(
    graph: BipartiteGraph, level: int, state: SearchState, u: int, sign: int, cost: float,
) -> float:  # fmt: skip
    """Change of the score by moving ``u``, the seasons as they stand.

    ``cost`` is the code length of the set before (:func:`provisional_code_length`), the same for all trials.
    """
    member, edges, season, nats = state.member, state.edges, state.season, state.nats
    counts = state.counts
    q1, q2 = counts[FIRST], counts[LAST]
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
                    delta += _season_change(graph, season, nats, q)
                season[3, q] = 0
                season[5, q] = 0
    else:
        k = u - graph.n_enterprises
        for q in range(q1, q2 + 1):
            if graph.institution_count[k, q] > 0:
                season[4, q] = sign * graph.institution_count[k, q]
                season[5, q] = sign * edges[k, q]
                delta += _season_change(graph, season, nats, q)
                season[4, q] = 0
                season[5, q] = 0
    delta -= _cost_after(graph, level, state, u, sign) - cost
    return delta


@nb.njit(cache=True, inline="always")  # type: ignore[untyped-decorator]
def _season_change(graph: BipartiteGraph, season: np.ndarray, nats: np.ndarray, q: int) -> float:
    after: float = tail_nats(
        graph.log_factorial, graph.season_total[q],
        season[0, q] + season[3, q], season[1, q] + season[4, q], season[2, q] + season[5, q],
    )  # fmt: skip
    change: float = after - nats[q]
    return change


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _cost_after(graph: BipartiteGraph, level: int, state: SearchState, u: int, sign: int) -> float:
    member, tied, counts = state.member, state.tied, state.counts
    enterprises, institutions, lone_enterprises, lone_institutions, border = (
        counts[ENTERPRISES],
        counts[INSTITUTIONS],
        counts[LONE_ENTERPRISES],
        counts[LONE_INSTITUTIONS],
        counts[BORDER],
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
    size = SetSize(enterprises, institutions, lone_enterprises, lone_institutions, groups, border)
    cost: float = set_code_length(
        graph.log_factorial, graph.n_enterprises, graph.n_institutions, size
    )
    return cost


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def best_seasons(graph: BipartiteGraph, state: SearchState) -> float:
    """Refresh the nats of each season and choose the best run of them (Kadane's scan)."""
    season, nats, counts = state.season, state.nats, state.counts
    best, run, begin = -1e18, 0.0, 0
    for q in range(graph.n_seasons):
        nats[q] = tail_nats(
            graph.log_factorial, graph.season_total[q], season[0, q], season[1, q], season[2, q]
        )
        if run <= 0.0:
            run, begin = 0.0, q
        run += nats[q] - SEASON_CODE_LENGTH
        if run > best:
            best = run
            counts[FIRST], counts[LAST] = begin, q
    return best
