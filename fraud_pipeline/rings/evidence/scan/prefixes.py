"""The beginning of each pool that chance explains least, in closed form.

For the first m of n clients in the order of their evidence, each kind of marks has c marked ones
where the share s is usual: c ln(c / (m s)) + (m - c) ln((1 - c / m) / (1 - s)) nats, the exponent of
Chernoff's bound on chance giving so many, over 1 + (m - 1) r where marks of one institution's clients
go together with correlation r (Kish's design effect: an institution that is dear to all is one source).
Of several levels of a kind the best, less ln of how many. An exclusive value adds its nats from the client on with which half of its carriers are in.
Kinds are independent sources, so their nats add up. Taken off is what the choice cost: ln of the
number of institutions, of pools, of lengths and of the ways to take m of n clients, of whom those
that carry an exclusive value need no choosing: the value names them.
"""

from __future__ import annotations

import numba as nb
import numpy as np

LEAST_SHARE = 0.25  # of a group's members that a kind must mark to speak for the group


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def exceedance(hits: float, n: float, share: float) -> float:
    """Nats of ``hits`` of ``n`` against ``share``: 0 where they are not more."""
    if hits <= n * share:
        return 0.0
    nats = hits * np.log(hits / (n * share))
    if hits < n:
        nats += (n - hits) * np.log((1.0 - hits / n) / (1.0 - share))
    return nats


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _add_values(
    rank: np.ndarray, n: int, first: int, last: int, carrier_ptr: np.ndarray, carrier: np.ndarray,
    nats: np.ndarray, gain: np.ndarray, carries_value: np.ndarray,
) -> None:  # fmt: skip
    """Writes the nats that values add at each length, and who carries one.

    A value counts that at least two clients of the pool and half of its carriers at the
    institution have, and of values with the same carriers only the strongest: one source.
    """
    held = np.empty(n, np.int64)
    gain[:n] = 0.0
    carries_value[:n] = False
    for v in range(first, last):
        n_held, fresh = 0, 0
        for j in range(carrier_ptr[v], carrier_ptr[v + 1]):
            at = rank[carrier[j]]
            if at >= 0:
                held[n_held] = at
                n_held += 1
                fresh += not carries_value[at]
        if n_held < 2 or 2 * n_held < carrier_ptr[v + 1] - carrier_ptr[v]:
            continue
        ranks = np.sort(held[:n_held])
        if fresh > 0:
            gain[ranks[max(2, (n_held + 1) // 2) - 1]] += nats[v]
        for at in ranks:
            carries_value[at] = True


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _add_kind(
    edges: np.ndarray, marked: np.ndarray, usual: np.ndarray, alike: np.ndarray, first: int, last: int,
    convincing: float, total: np.ndarray, n_kinds: np.ndarray, all_hits: np.ndarray, all_clients: int,
) -> None:  # fmt: skip
    """Adds the nats of one kind at each length, and counts it where it convinces.

    A kind that marks less than a quarter of the group is about some of its members and does not
    speak for the group. ``all_hits`` (levels,) of ``all_clients``: the marks at the whole institution, where
    they count; what its other clients carry as often singles out nobody.
    """
    best, most = np.zeros(edges.size), np.zeros(edges.size)
    less = np.log(float(last - first))
    for level in range(first, last):
        hits = 0
        share = usual[level, edges[0]]
        for i in range(edges.size):
            hits += marked[level, edges[i]]
            most[i] = max(most[i], hits / (i + 1.0))
            others = (all_hits[level] - hits + share) / (all_clients - i)
            nats = exceedance(float(hits), i + 1.0, max(share, min(others, 1.0 - 1e-9)))
            nats /= 1.0 + i * alike[level]
            best[i] = max(best[i], nats - less)
    for i in range(edges.size):
        total[i] += best[i]
        n_kinds[i] += best[i] >= convincing and most[i] >= LEAST_SHARE


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def best_prefixes(
    pool_ptr: np.ndarray, pool_edge: np.ndarray, pool_institution: np.ndarray,
    pool_cost: np.ndarray, pool_whole: np.ndarray, star_ptr: np.ndarray, carrier_ptr: np.ndarray, carrier: np.ndarray,
    star_nats: np.ndarray, marked: np.ndarray, usual: np.ndarray, alike: np.ndarray, level_ptr: np.ndarray, apart: np.ndarray,
    at_all: np.ndarray, clients: np.ndarray, log_factorial: np.ndarray, fewest: int, convincing: float,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Nats (pools,) and length (pools,) of the best beginning; -inf where two kinds never convince.

    ``star_ptr`` (institutions + 1,): the exclusive values at each institution, strongest first,
    with ``carrier[carrier_ptr[v]:carrier_ptr[v + 1]]`` the edges of their carriers there.
    ``at_all`` (levels, institutions): marked edges of each institution where its others count, ``clients`` all its edges.
    A fact about an institution (all its clients alike) is a second kind only beside a value or a kind of
    ``apart`` (kinds,): those that do not follow from it, as prices and payments of a new institution do.
    """
    n_pools, n_institutions = pool_institution.size, star_ptr.size - 1
    nats, length = np.full(n_pools, -np.inf), np.zeros(n_pools, np.int64)
    rank = np.full(marked.shape[1], -1, np.int64)
    most = 0
    for p in range(n_pools):
        most = max(most, pool_ptr[p + 1] - pool_ptr[p])
    gain, carries_value = np.empty(most), np.empty(most, np.bool_)
    for p in range(n_pools):
        edges = pool_edge[pool_ptr[p] : pool_ptr[p + 1]]
        n, k = edges.size, pool_institution[p]
        for i in range(n):
            rank[edges[i]] = i
        _add_values(
            rank,
            n,
            star_ptr[k],
            star_ptr[k + 1],
            carrier_ptr,
            carrier,
            star_nats,
            gain,
            carries_value,
        )
        total, unused = np.zeros(n), np.zeros(n)
        n_kinds, n_apart, facts = (
            np.zeros(n, np.int64),
            np.zeros(n, np.int64),
            np.zeros(n, np.int64),
        )
        for kind in range(level_ptr.size - 1):
            first, last = level_ptr[kind], level_ptr[kind + 1]
            counts = facts if alike[first:last].min() >= 1.0 else n_kinds
            _add_kind(edges, marked, usual, alike, first, last, convincing, total, counts,
                      at_all[:, k], clients[k])  # fmt: skip
            if apart[kind]:
                _add_kind(edges, marked, usual, alike, first, last, convincing, unused, n_apart,
                          at_all[:, k], clients[k])  # fmt: skip
        values, n_named = 0.0, 0
        for i in range(n):
            values += gain[i]
            n_named += carries_value[i]
            rank[edges[i]] = -1
            free, chosen = n - n_named, i + 1 - n_named
            cost = np.log(2.0 * float(n_institutions))
            if not (pool_whole[p] and i + 1 == n):
                cost += log_factorial[free] - log_factorial[chosen] - log_factorial[free - chosen]
                cost += pool_cost[p] + np.log(float(n))
            left = total[i] + values - cost
            by_value = values >= convincing and n_named >= LEAST_SHARE * (i + 1)
            several = n_kinds[i] + by_value >= 2 or (facts[i] > 0 and n_apart[i] + by_value > 0)
            if i + 1 >= fewest and several and left > nats[p]:
                nats[p], length[p] = left, i + 1
    return nats, length
