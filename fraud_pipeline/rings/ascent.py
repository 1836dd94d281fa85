"""From a seed to the set of parties that surprises most: coordinate ascent, compiled."""

from __future__ import annotations

import numba as nb
import numpy as np

from fraud_pipeline.rings.surprise import set_cost, tail_surprise
from fraud_pipeline.rings.web import Web

MAX_MEMBERS = 300
_SEASON_COST = 1.0  # for adding up the tails of several seasons


class State:
    """Scratch of one ascent; made once a search and cleaned after each seed."""

    def __init__(self, web: Web):
        nodes = web.n_firms + web.n_insts
        self.arrays = (
            np.zeros(nodes, np.bool_),  # member
            np.zeros(nodes, np.int64),  # members tied to the node
            np.zeros(nodes, np.int64),  # stamp: visited in this step
            np.zeros((web.n_insts, web.n_seasons), np.int64),  # dealings of F by inst and season
            np.zeros((6, web.n_seasons), np.int64),  # m, K, c of the set; dm, dK, dc of a trial
            np.zeros(web.n_seasons, np.float64),  # surprise a season
            np.zeros(MAX_MEMBERS + 2, np.int64),  # members in order
            np.zeros(8, np.int64),  # size, firms, insts, lone firms, lone insts, border, q1, q2
        )


@nb.njit(cache=True)  # type: ignore[misc]
def _cheap_cost(web: Web, info: np.ndarray) -> float:
    groups = 1 if info[0] > info[3] + info[4] else 0
    return set_cost(
        web.log_factorial, web.n_firms, web.n_insts,
        info[1], info[2], info[3], info[4], groups, info[5],
    )  # fmt: skip


@nb.njit(cache=True)  # type: ignore[misc]
def _apply(web: Web, level: int, s: tuple, u: int, sign: int) -> None:  # type: ignore[type-arg]
    """Put node ``u`` in (sign 1) or take it out (-1), keeping every count."""
    member, tied, _, fk, season, _, order, info = s
    if u < web.n_firms:
        for p in range(web.firm_ptr[u], web.firm_ptr[u + 1]):
            k, q = web.firm_inst[p], web.firm_season[p]
            fk[k, q] += sign
            season[0, q] += sign
            if member[web.n_firms + k]:
                season[2, q] += sign
    else:
        k = u - web.n_firms
        for q in range(web.n_seasons):
            season[1, q] += sign * web.inst_count[k, q]
            season[2, q] += sign * fk[k, q]
    _count_border(web, level, s, u, sign)
    member[u] = sign > 0
    if sign > 0:
        order[info[0]] = u
    else:
        for i in range(info[0]):
            if order[i] == u:
                order[i : info[0] - 1] = order[i + 1 : info[0]].copy()
                break
    info[0] += sign
    info[1 if u < web.n_firms else 2] += sign


@nb.njit(cache=True)  # type: ignore[misc]
def _count_border(web: Web, level: int, s: tuple, u: int, sign: int) -> None:  # type: ignore[type-arg]
    member, tied, _, _, _, _, _, info = s
    if tied[u] == 0:
        info[3 if u < web.n_firms else 4] += sign
    for p in range(web.tie_ptr[level, u], web.tie_ptr[level, u + 1]):
        v = web.tie_to[p]
        before = tied[v]
        tied[v] += sign
        if (before == 0) != (tied[v] == 0):
            info[5] += sign
            if member[v]:
                info[3 if v < web.n_firms else 4] -= sign


@nb.njit(cache=True)  # type: ignore[misc]
def _trial(web: Web, level: int, s: tuple, u: int, sign: int) -> float:  # type: ignore[type-arg]
    """Change of the surprise by moving ``u``, the seasons as they stand."""
    member, tied, _, fk, season, surprise, _, info = s
    q1, q2 = info[6], info[7]
    delta = 0.0
    if u < web.n_firms:
        begin, end = web.firm_ptr[u], web.firm_ptr[u + 1]
        for p in range(begin, end):
            q = web.firm_season[p]
            season[3, q] += sign
            if member[web.n_firms + web.firm_inst[p]]:
                season[5, q] += sign
        for p in range(begin, end):
            q = web.firm_season[p]
            if season[3, q] != 0:
                if q1 <= q <= q2:
                    delta += _season_change(web, season, surprise, q)
                season[3, q] = 0
                season[5, q] = 0
    else:
        k = u - web.n_firms
        for q in range(q1, q2 + 1):
            if web.inst_count[k, q] > 0:
                season[4, q] = sign * web.inst_count[k, q]
                season[5, q] = sign * fk[k, q]
                delta += _season_change(web, season, surprise, q)
                season[4, q] = 0
                season[5, q] = 0
    return delta - _cost_change(web, level, s, u, sign)


@nb.njit(cache=True, inline="always")  # type: ignore[misc]
def _season_change(web: Web, season: np.ndarray, surprise: np.ndarray, q: int) -> float:
    after = tail_surprise(
        web.log_factorial, web.season_total[q],
        season[0, q] + season[3, q], season[1, q] + season[4, q], season[2, q] + season[5, q],
    )  # fmt: skip
    return after - surprise[q]


@nb.njit(cache=True)  # type: ignore[misc]
def _cost_change(web: Web, level: int, s: tuple, u: int, sign: int) -> float:  # type: ignore[type-arg]
    member, tied, _, _, _, _, _, info = s
    before = _cheap_cost(web, info)
    saved = info.copy()
    if tied[u] == 0:
        info[3 if u < web.n_firms else 4] += sign
    edge = 0 if sign > 0 else 1  # ties of v that decide: none before an entry, one before an exit
    for p in range(web.tie_ptr[level, u], web.tie_ptr[level, u + 1]):
        v = web.tie_to[p]
        if tied[v] == edge:
            info[5] += sign
            if member[v]:
                info[3 if v < web.n_firms else 4] -= sign
    info[0] += sign
    info[1 if u < web.n_firms else 2] += sign
    after = _cheap_cost(web, info)
    info[:] = saved
    return after - before


@nb.njit(cache=True)  # type: ignore[misc]
def _best_seasons(web: Web, s: tuple) -> float:  # type: ignore[type-arg]
    """Refresh the surprise of each season and choose the best run of them (Kadane's scan)."""
    _, _, _, _, season, surprise, _, info = s
    best, run, begin = -1e18, 0.0, 0
    for q in range(web.n_seasons):
        surprise[q] = tail_surprise(
            web.log_factorial, web.season_total[q], season[0, q], season[1, q], season[2, q]
        )
        if run <= 0.0:
            run, begin = 0.0, q
        run += surprise[q] - _SEASON_COST
        if run > best:
            best = run
            info[6], info[7] = begin, q
    return best


@nb.njit(cache=True)  # type: ignore[misc]
def _best_move(web: Web, level: int, s: tuple, step: int) -> tuple[float, int, int]:  # type: ignore[type-arg]
    member, tied, stamp, _, _, _, order, info = s
    best, node, way = 1e-9, -1, 0
    for i in range(info[0]):
        u = order[i]
        if info[1 if u < web.n_firms else 2] > 1:
            d = _trial(web, level, s, u, -1)
            if d > best:
                best, node, way = d, u, -1
    if info[0] >= MAX_MEMBERS:
        return best, node, way
    for i in range(info[0]):
        u = order[i]
        for p in range(web.tie_ptr[level, u], web.tie_ptr[level, u + 1]):
            v = web.tie_to[p]
            if v < web.n_firms and not member[v] and stamp[v] != step:
                stamp[v] = step
                d = _trial(web, level, s, v, 1)
                if d > best:
                    best, node, way = d, v, 1
        if u < web.n_firms:
            for p in range(web.firm_ptr[u], web.firm_ptr[u + 1]):
                v = web.n_firms + web.firm_inst[p]
                q = web.firm_season[p]
                if info[6] <= q <= info[7] and not member[v] and stamp[v] != step:
                    stamp[v] = step
                    d = _trial(web, level, s, v, 1)
                    if d > best:
                        best, node, way = d, v, 1
        else:
            k = u - web.n_firms
            for p in range(web.inst_ptr[k], web.inst_ptr[k + 1]):
                v = web.inst_firm[p]
                q = web.inst_season[p]
                if info[6] <= q <= info[7] and not member[v] and stamp[v] != step:
                    stamp[v] = step
                    d = _trial(web, level, s, v, 1)
                    if d > best:
                        best, node, way = d, v, 1
    return best, node, way


@nb.njit(cache=True)  # type: ignore[misc]
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


@nb.njit(cache=True)  # type: ignore[misc]
def ascend(
    web: Web, level: int, s: tuple, seed: np.ndarray, step: int, max_steps: int,  # type: ignore[type-arg]
) -> tuple[float, np.ndarray, int, int, int]:  # fmt: skip
    """Best surprise reached from ``seed``: (nats, members sorted, first and last season, step).

    ``step`` is the last stamp used and is handed on to the next call.
    """
    member, tied, _, fk, season, _, order, info = s
    for u in seed[:MAX_MEMBERS]:
        _apply(web, level, s, u, 1)
    gain = _best_seasons(web, s)
    for _ in range(max_steps):
        step += 1
        _, node, way = _best_move(web, level, s, step)
        if node < 0:
            break
        _apply(web, level, s, node, way)
        gain = _best_seasons(web, s)
    step += 1
    groups = _groups(web, level, s, step)
    cost = set_cost(
        web.log_factorial, web.n_firms, web.n_insts,
        info[1], info[2], info[3], info[4], groups, info[5],
    )  # fmt: skip
    cost += np.log(web.n_seasons * (web.n_seasons + 1) / 2.0) + np.log(web.tie_ptr.shape[0] * 1.0)
    members = np.sort(order[: info[0]].copy())
    q1, q2 = info[6], info[7]
    net = gain - cost if info[1] >= 2 and info[2] >= 1 else -1e18
    for u in members:
        _apply(web, level, s, u, -1)
    return net, members, q1, q2, step
