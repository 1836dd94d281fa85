"""From a seed to the set of parties with the best score: coordinate ascent, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np

from fraud_pipeline.rings.graph.bipartite import BipartiteGraph
from fraud_pipeline.rings.search.code_length import SetSize, set_code_length
from fraud_pipeline.rings.search.search_state import (
    BORDER,
    ENTERPRISES,
    FIRST,
    INSTITUTIONS,
    LAST,
    LONE_ENTERPRISES,
    LONE_INSTITUTIONS,
    MAX_MEMBERS,
    SIZE,
    SearchState,
    best_seasons,
    move,
    move_gain,
    provisional_code_length,
)


class SearchLimits(NamedTuple):
    """Bounds of a local search."""

    max_steps: int
    min_enterprises: int  # fewest that make a ring
    widest: int  # edges of a party whose counterparts are tried


@nb.njit(cache=True, inline="always")  # type: ignore[untyped-decorator]
def _new(state: SearchState, v: int, step: int) -> bool:
    """Whether ``v`` lies outside the set and was not tried in this step; stamps it."""
    if state.member[v] or state.stamp[v] == step:
        return False
    state.stamp[v] = step
    return True


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best_exit(
    graph: BipartiteGraph, level: int, state: SearchState, fewest: int, cost: float,
) -> tuple[float, int]:  # fmt: skip
    order, counts = state.order, state.counts
    best, node = 1e-9, -1
    for i in range(counts[SIZE]):
        u = order[i]
        if (
            (counts[ENTERPRISES] > fewest)
            if u < graph.n_enterprises
            else (counts[INSTITUTIONS] > 1)
        ):
            d = move_gain(graph, level, state, u, -1, cost)
            if d > best:
                best, node = d, u
    return best, node


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best_tied(
    graph: BipartiteGraph, level: int, state: SearchState, step: int, best: float, node: int, cost: float,
) -> tuple[float, int]:  # fmt: skip
    """The best entry among enterprises tied to a member, if better than ``best``."""
    order, counts = state.order, state.counts
    for i in range(counts[SIZE]):
        u = order[i]
        for p in range(graph.tie_ptr[level, u], graph.tie_ptr[level, u + 1]):
            v = graph.tie_to[p]
            if v < graph.n_enterprises and _new(state, v, step):
                d = move_gain(graph, level, state, v, 1, cost)
                if d > best:
                    best, node = d, v
    return best, node


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best_adjacent(
    graph: BipartiteGraph, level: int, state: SearchState, step: int, best: float, node: int, widest: int,
    cost: float,
) -> tuple[float, int]:  # fmt: skip
    """The best entry among those who deal with a member in the seasons, if better than ``best``.

    The clients of an institution with more than ``widest`` edges are not tried, nor are the institutions of
    such an enterprise: to deal with it says too little to pay for naming an untied party.
    """
    order, counts = state.order, state.counts
    for i in range(counts[SIZE]):
        u = order[i]
        enterprise = u < graph.n_enterprises
        k = u - graph.n_enterprises
        begin = graph.enterprise_ptr[u] if enterprise else graph.institution_ptr[k]
        end = graph.enterprise_ptr[u + 1] if enterprise else graph.institution_ptr[k + 1]
        if end - begin > widest:
            continue
        for p in range(begin, end):
            v = (
                graph.n_enterprises + graph.enterprise_institution[p]
                if enterprise
                else graph.institution_enterprise[p]
            )
            q = graph.enterprise_season[p] if enterprise else graph.institution_season[p]
            if counts[FIRST] <= q <= counts[LAST] and _new(state, v, step):
                d = move_gain(graph, level, state, v, 1, cost)
                if d > best:
                    best, node = d, v
    return best, node


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best_move(
    graph: BipartiteGraph, level: int, state: SearchState, step: int, fewest: int, widest: int,
) -> tuple[int, int]:  # fmt: skip
    """(node, 1 in or -1 out) of the single step that pays most; node -1 when none pays."""
    cost = provisional_code_length(graph, state.counts)
    best, leaving = _best_exit(graph, level, state, fewest, cost)
    if state.counts[SIZE] >= MAX_MEMBERS:
        return leaving, -1
    best, node = _best_tied(graph, level, state, step, best, leaving, cost)
    best, node = _best_adjacent(graph, level, state, step, best, node, widest, cost)
    return node, -1 if node == leaving else 1


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _groups(graph: BipartiteGraph, level: int, state: SearchState, step: int) -> int:
    """Tied groups of two or more among the members."""
    member, tied, stamp, order = state.member, state.tied, state.stamp, state.order
    counts = state.counts
    stack = np.empty(counts[SIZE] + 1, np.int64)
    groups = 0
    for i in range(counts[SIZE]):
        if stamp[order[i]] == step or tied[order[i]] == 0:
            continue
        groups += 1
        stack[0], top = order[i], 1
        stamp[order[i]] = step
        while top > 0:
            top -= 1
            u = stack[top]
            for p in range(graph.tie_ptr[level, u], graph.tie_ptr[level, u + 1]):
                v = graph.tie_to[p]
                if member[v] and stamp[v] != step:
                    stamp[v] = step
                    stack[top] = v
                    top += 1
    return groups


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def ascend(
    graph: BipartiteGraph, level: int, state: SearchState, seed: np.ndarray, step: int, limits: SearchLimits,
) -> tuple[float, np.ndarray, int, int, int]:  # fmt: skip
    """Best score reached from ``seed``: (nats, members sorted, first and last season, step).

    ``step`` is the last stamp used and is handed on to the next call.
    """
    order, counts = state.order, state.counts
    for u in seed[:MAX_MEMBERS]:
        move(graph, level, state, u, 1)
    gain = best_seasons(graph, state)
    fewest = limits.min_enterprises
    for _ in range(limits.max_steps):
        step += 1
        node, way = _best_move(graph, level, state, step, fewest, limits.widest)
        if node < 0:
            break
        move(graph, level, state, node, way)
        gain = best_seasons(graph, state)
    step += 1
    groups = _groups(graph, level, state, step)
    size = SetSize(
        counts[ENTERPRISES], counts[INSTITUTIONS], counts[LONE_ENTERPRISES],
        counts[LONE_INSTITUTIONS], groups, counts[BORDER],
    )  # fmt: skip
    cost = set_code_length(graph.log_factorial, graph.n_enterprises, graph.n_institutions, size)
    cost += np.log(graph.n_seasons * (graph.n_seasons + 1) / 2.0) + np.log(
        graph.tie_ptr.shape[0] * 1.0
    )
    members = np.sort(order[: counts[SIZE]].copy())
    q1, q2 = counts[FIRST], counts[LAST]
    net = gain - cost if counts[ENTERPRISES] >= fewest and counts[INSTITUTIONS] >= 1 else -1e18
    for u in members:
        move(graph, level, state, u, -1)
    return net, members, q1, q2, step
