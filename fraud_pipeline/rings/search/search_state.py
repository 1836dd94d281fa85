"""The books of one set of parties: every count that changes when a party comes or goes."""

from __future__ import annotations

import numba as nb
import numpy as np

from fraud_pipeline.rings.graph.bipartite import Web
from fraud_pipeline.rings.search.code_length import set_cost, tail_surprise

MAX_MEMBERS = 300
SEASON_COST = 1.0  # for adding up the tails of several seasons


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


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def cheap_cost(web: Web, info: np.ndarray) -> float:
    """Cost of naming the set while it climbs: its tied members count as one group."""
    groups = 1 if info[0] > info[3] + info[4] else 0
    cost: float = set_cost(
        web.log_factorial, web.n_firms, web.n_insts,
        info[1], info[2], info[3], info[4], groups, info[5],
    )  # fmt: skip
    return cost


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def apply(web: Web, level: int, s: tuple, u: int, sign: int) -> None:  # type: ignore[type-arg]
    """Put node ``u`` in (sign 1) or take it out (-1), keeping every count."""
    member, _, _, fk, season, _, order, info = s
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


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def trial(
    web: Web, level: int, s: tuple, u: int, sign: int, cost: float,  # type: ignore[type-arg]
) -> float:  # fmt: skip
    """Change of the surprise by moving ``u``, the seasons as they stand.

    ``cost`` is what naming the set costs before (:func:`cheap_cost`), the same for all trials.
    """
    member, _, _, fk, season, surprise, _, info = s
    q1, q2 = info[6], info[7]
    delta: float = 0.0
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
    delta -= _cost_after(web, level, s, u, sign) - cost
    return delta


@nb.njit(cache=True, inline="always")  # type: ignore[untyped-decorator]
def _season_change(web: Web, season: np.ndarray, surprise: np.ndarray, q: int) -> float:
    after: float = tail_surprise(
        web.log_factorial, web.season_total[q],
        season[0, q] + season[3, q], season[1, q] + season[4, q], season[2, q] + season[5, q],
    )  # fmt: skip
    change: float = after - surprise[q]
    return change


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _cost_after(web: Web, level: int, s: tuple, u: int, sign: int) -> float:  # type: ignore[type-arg]
    member, tied, _, _, _, _, _, info = s
    firms, insts, lone_firms, lone_insts, border = info[1], info[2], info[3], info[4], info[5]
    firm = u < web.n_firms
    if tied[u] == 0:
        if firm:
            lone_firms += sign
        else:
            lone_insts += sign
    edge = 0 if sign > 0 else 1  # ties of v that decide: none before an entry, one before an exit
    for p in range(web.tie_ptr[level, u], web.tie_ptr[level, u + 1]):
        v = web.tie_to[p]
        if tied[v] == edge:
            border += sign
            if member[v]:
                if v < web.n_firms:
                    lone_firms -= sign
                else:
                    lone_insts -= sign
    if firm:
        firms += sign
    else:
        insts += sign
    groups = 1 if firms + insts > lone_firms + lone_insts else 0
    cost: float = set_cost(
        web.log_factorial, web.n_firms, web.n_insts,
        firms, insts, lone_firms, lone_insts, groups, border,
    )  # fmt: skip
    return cost


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def best_seasons(web: Web, s: tuple) -> float:  # type: ignore[type-arg]
    """Refresh the surprise of each season and choose the best run of them (Kadane's scan)."""
    _, _, _, _, season, surprise, _, info = s
    best, run, begin = -1e18, 0.0, 0
    for q in range(web.n_seasons):
        surprise[q] = tail_surprise(
            web.log_factorial, web.season_total[q], season[0, q], season[1, q], season[2, q]
        )
        if run <= 0.0:
            run, begin = 0.0, q
        run += surprise[q] - SEASON_COST
        if run > best:
            best = run
            info[6], info[7] = begin, q
    return best
