"""From a seed to the set of parties that surprises most: coordinate ascent, compiled."""

from __future__ import annotations

import numba as nb
import numpy as np

from fraud_pipeline.rings.graph.bipartite import Web
from fraud_pipeline.rings.search.code_length import set_cost
from fraud_pipeline.rings.search.search_state import (
    MAX_MEMBERS,
    apply,
    best_seasons,
    cheap_cost,
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
    web: Web, level: int, s: tuple, fewest: int, cost: float,  # type: ignore[type-arg]
) -> tuple[float, int]:  # fmt: skip
    order, info = s[6], s[7]
    best, node = 1e-9, -1
    for i in range(info[0]):
        u = order[i]
        if (info[1] > fewest) if u < web.n_firms else (info[2] > 1):
            d = trial(web, level, s, u, -1, cost)
            if d > best:
                best, node = d, u
    return best, node


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best_tied(
    web: Web, level: int, s: tuple, step: int, best: float, node: int, cost: float,  # type: ignore[type-arg]
) -> tuple[float, int]:  # fmt: skip
    """The best entry among firms tied to a member, if better than ``best``."""
    order, info = s[6], s[7]
    for i in range(info[0]):
        u = order[i]
        for p in range(web.tie_ptr[level, u], web.tie_ptr[level, u + 1]):
            v = web.tie_to[p]
            if v < web.n_firms and _new(s, v, step):
                d = trial(web, level, s, v, 1, cost)
                if d > best:
                    best, node = d, v
    return best, node


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best_dealing(
    web: Web, level: int, s: tuple, step: int, best: float, node: int, widest: int,  # type: ignore[type-arg]
    cost: float,
) -> tuple[float, int]:  # fmt: skip
    """The best entry among those who deal with a member in the seasons, if better than ``best``.

    The clients of an institution with more than ``widest`` dealings are not tried: to have
    bought there says too little to pay for naming an untied firm.
    """
    order, info = s[6], s[7]
    for i in range(info[0]):
        u = order[i]
        firm = u < web.n_firms
        k = u - web.n_firms
        begin = web.firm_ptr[u] if firm else web.inst_ptr[k]
        end = web.firm_ptr[u + 1] if firm else web.inst_ptr[k + 1]
        if not firm and end - begin > widest:
            continue
        for p in range(begin, end):
            v = web.n_firms + web.firm_inst[p] if firm else web.inst_firm[p]
            q = web.firm_season[p] if firm else web.inst_season[p]
            if info[6] <= q <= info[7] and _new(s, v, step):
                d = trial(web, level, s, v, 1, cost)
                if d > best:
                    best, node = d, v
    return best, node


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best_move(
    web: Web, level: int, s: tuple, step: int, fewest: int, widest: int,  # type: ignore[type-arg]
) -> tuple[int, int]:  # fmt: skip
    """(node, 1 in or -1 out) of the single step that pays most; node -1 when none pays."""
    cost = cheap_cost(web, s[7])
    best, leaving = _best_exit(web, level, s, fewest, cost)
    if s[7][0] >= MAX_MEMBERS:
        return leaving, -1
    best, node = _best_tied(web, level, s, step, best, leaving, cost)
    best, node = _best_dealing(web, level, s, step, best, node, widest, cost)
    return node, -1 if node == leaving else 1


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _groups(web: Web, level: int, s: tuple, step: int) -> int:  # type: ignore[type-arg]
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
            for p in range(web.tie_ptr[level, u], web.tie_ptr[level, u + 1]):
                v = web.tie_to[p]
                if member[v] and stamp[v] != step:
                    stamp[v] = step
                    stack[top] = v
                    top += 1
    return groups


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def ascend(
    web: Web, level: int, s: tuple, seed: np.ndarray, step: int, limits: tuple[int, int, int],  # type: ignore[type-arg]
) -> tuple[float, np.ndarray, int, int, int]:  # fmt: skip
    """Best surprise reached from ``seed``: (nats, members sorted, first and last season, step).

    ``step`` is the last stamp used and is handed on to the next call; ``limits`` are the steps
    allowed, the fewest firms that make a ring and the most dealings of an institution whose
    clients are tried.
    """
    _, _, _, _, _, _, order, info = s
    for u in seed[:MAX_MEMBERS]:
        apply(web, level, s, u, 1)
    gain = best_seasons(web, s)
    max_steps, fewest, widest = limits
    for _ in range(max_steps):
        step += 1
        node, way = _best_move(web, level, s, step, fewest, widest)
        if node < 0:
            break
        apply(web, level, s, node, way)
        gain = best_seasons(web, s)
    step += 1
    groups = _groups(web, level, s, step)
    cost = set_cost(
        web.log_factorial, web.n_firms, web.n_insts,
        info[1], info[2], info[3], info[4], groups, info[5],
    )  # fmt: skip
    cost += np.log(web.n_seasons * (web.n_seasons + 1) / 2.0) + np.log(web.tie_ptr.shape[0] * 1.0)
    members = np.sort(order[: info[0]].copy())
    q1, q2 = info[6], info[7]
    net = gain - cost if info[1] >= fewest and info[2] >= 1 else -1e18
    for u in members:
        apply(web, level, s, u, -1)
    return net, members, q1, q2, step
