"""From a seed to the set of parties that surprises most: coordinate ascent, compiled."""

from __future__ import annotations

import numba as nb
import numpy as np

from fraud_pipeline.rings.graph.bipartite import BipartiteGraph
from fraud_pipeline.rings.search.code_length import set_code_length
from fraud_pipeline.rings.search.search_state import (
    MAX_MEMBERS,
    apply,
    best_seasons,
    provisional_code_length,
    trial,
)


@nb.njit(cache=True, inline="always")  # type: ignore[untyped-decorator]
def _new(s: tuple, v: int, step: int) -> bool:  # type: ignore[type-arg]
    """Whether ``v`` lies outside the set and was not tried in this step; stamps it."""
    if s[0][v] or s[2][v] == step:
        return False
    s[2][v] = step
    return True


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best_exit(
    graph: BipartiteGraph, level: int, s: tuple, fewest: int, cost: float,  # type: ignore[type-arg]
) -> tuple[float, int]:  # fmt: skip
    order, info = s[6], s[7]
    best, node = 1e-9, -1
    for i in range(info[0]):
        u = order[i]
        if (info[1] > fewest) if u < graph.n_enterprises else (info[2] > 1):
            d = trial(graph, level, s, u, -1, cost)
            if d > best:
                best, node = d, u
    return best, node


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best_tied(
    graph: BipartiteGraph, level: int, s: tuple, step: int, best: float, node: int, cost: float,  # type: ignore[type-arg]
) -> tuple[float, int]:  # fmt: skip
    """The best entry among enterprises tied to a member, if better than ``best``."""
    order, info = s[6], s[7]
    for i in range(info[0]):
        u = order[i]
        for p in range(graph.tie_ptr[level, u], graph.tie_ptr[level, u + 1]):
            v = graph.tie_to[p]
            if v < graph.n_enterprises and _new(s, v, step):
                d = trial(graph, level, s, v, 1, cost)
                if d > best:
                    best, node = d, v
    return best, node


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best_adjacent(
    graph: BipartiteGraph, level: int, s: tuple, step: int, best: float, node: int, widest: int,  # type: ignore[type-arg]
    cost: float,
) -> tuple[float, int]:  # fmt: skip
    """The best entry among those who deal with a member in the seasons, if better than ``best``.

    The clients of an institution with more than ``widest`` dealings are not tried: to have
    bought there says too little to pay for naming an untied enterprise.
    """
    order, info = s[6], s[7]
    for i in range(info[0]):
        u = order[i]
        enterprise = u < graph.n_enterprises
        k = u - graph.n_enterprises
        begin = graph.enterprise_ptr[u] if enterprise else graph.institution_ptr[k]
        end = graph.enterprise_ptr[u + 1] if enterprise else graph.institution_ptr[k + 1]
        if not enterprise and end - begin > widest:
            continue
        for p in range(begin, end):
            v = (
                graph.n_enterprises + graph.enterprise_institution[p]
                if enterprise
                else graph.institution_enterprise[p]
            )
            q = graph.enterprise_season[p] if enterprise else graph.institution_season[p]
            if info[6] <= q <= info[7] and _new(s, v, step):
                d = trial(graph, level, s, v, 1, cost)
                if d > best:
                    best, node = d, v
    return best, node


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best_move(
    graph: BipartiteGraph, level: int, s: tuple, step: int, fewest: int, widest: int,  # type: ignore[type-arg]
) -> tuple[int, int]:  # fmt: skip
    """(node, 1 in or -1 out) of the single step that pays most; node -1 when none pays."""
    cost = provisional_code_length(graph, s[7])
    best, leaving = _best_exit(graph, level, s, fewest, cost)
    if s[7][0] >= MAX_MEMBERS:
        return leaving, -1
    best, node = _best_tied(graph, level, s, step, best, leaving, cost)
    best, node = _best_adjacent(graph, level, s, step, best, node, widest, cost)
    return node, -1 if node == leaving else 1


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _groups(graph: BipartiteGraph, level: int, s: tuple, step: int) -> int:  # type: ignore[type-arg]
    """Tied groups of two or more among the members."""
    member, tied, stamp, _, _, _, order, info = s
    stack = np.empty(info[0] + 1, np.int64)
    groups = 0
    for i in range(info[0]):
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
    graph: BipartiteGraph, level: int, s: tuple, seed: np.ndarray, step: int, limits: tuple[int, int, int],  # type: ignore[type-arg]
) -> tuple[float, np.ndarray, int, int, int]:  # fmt: skip
    """Best surprise reached from ``seed``: (nats, members sorted, first and last season, step).

    ``step`` is the last stamp used and is handed on to the next call; ``limits`` are the steps
    allowed, the fewest enterprises that make a ring and the most dealings of an institution whose
    clients are tried.
    """
    _, _, _, _, _, _, order, info = s
    for u in seed[:MAX_MEMBERS]:
        apply(graph, level, s, u, 1)
    gain = best_seasons(graph, s)
    max_steps, fewest, widest = limits
    for _ in range(max_steps):
        step += 1
        node, way = _best_move(graph, level, s, step, fewest, widest)
        if node < 0:
            break
        apply(graph, level, s, node, way)
        gain = best_seasons(graph, s)
    step += 1
    groups = _groups(graph, level, s, step)
    cost = set_code_length(
        graph.log_factorial, graph.n_enterprises, graph.n_institutions,
        info[1], info[2], info[3], info[4], groups, info[5],
    )  # fmt: skip
    cost += np.log(graph.n_seasons * (graph.n_seasons + 1) / 2.0) + np.log(
        graph.tie_ptr.shape[0] * 1.0
    )
    members = np.sort(order[: info[0]].copy())
    q1, q2 = info[6], info[7]
    net = gain - cost if info[1] >= fewest and info[2] >= 1 else -1e18
    for u in members:
        apply(graph, level, s, u, -1)
    return net, members, q1, q2, step
