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

from typing import NamedTuple

import numba as nb
import numpy as np

from fraud_pipeline.rings.evidence.scan.pools import Pools

LEAST_MARKED = 2  # members that a price or a refund must mark: one alone is a chance of that one
LEAST_SHARE = 0.25  # of a group's members that a kind must mark to speak for the group


class Stars(NamedTuple):
    """Exclusive values by institution, strongest first, and the edges of their carriers there."""

    ptr: np.ndarray  # int64 (institutions + 1,)
    nats: np.ndarray  # float64 (values,)
    carrier_ptr: np.ndarray  # int64 (values + 1,)
    carrier: np.ndarray  # int64: edges

    def at(self, institution: int) -> list[tuple[float, np.ndarray]]:
        """(nats, edges) of the values at one institution."""
        return [
            (float(self.nats[v]), self.carrier[self.carrier_ptr[v] : self.carrier_ptr[v + 1]])
            for v in range(self.ptr[institution], self.ptr[institution + 1])
        ]


class MarkArrays(NamedTuple):
    """The marks of all edges as compiled code reads them; levels of kind i: level_ptr[i] to [i + 1].

    A kind of ``apart`` does not follow from a fact about the institution, as prices and payments of
    a new institution do.
    """

    marked: np.ndarray  # bool (levels, edges)
    usual: np.ndarray  # float64 (levels, edges): share of marked edges at like institutions
    alike: np.ndarray  # float64 (levels,): intraclass correlation
    level_ptr: np.ndarray  # int64 (kinds + 1,)
    apart: np.ndarray  # bool (kinds,)
    at_all: np.ndarray  # float64 (levels, institutions): marked edges, where its others count
    clients: np.ndarray  # int64 (institutions,): all edges


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
    rank: np.ndarray, n: int, institution: int, stars: Stars, gain: np.ndarray,
    carries_value: np.ndarray,
) -> None:  # fmt: skip
    """Writes the nats that values add at each length, and who carries one.

    A value counts that at least two clients of the pool and half of its carriers at the
    institution have, and of values with the same carriers only the strongest: one source.
    """
    carrier_ptr, carrier = stars.carrier_ptr, stars.carrier
    held = np.empty(n, np.int64)
    gain[:n] = 0.0
    carries_value[:n] = False
    for v in range(stars.ptr[institution], stars.ptr[institution + 1]):
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
            gain[ranks[max(2, (n_held + 1) // 2) - 1]] += stars.nats[v]
        for at in ranks:
            carries_value[at] = True


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _add_kind(
    edges: np.ndarray, marks: MarkArrays, kind: int, institution: int, convincing: float,
    total: np.ndarray, n_kinds: np.ndarray,
) -> None:  # fmt: skip
    """Adds the nats of one kind at each length, and counts it where it convinces.

    A kind that marks less than a quarter of the group is about some of its members and does not
    speak for the group, nor does one dear price or one refund; one verdict or one related party is
    a finding by itself. Where the marks at the whole institution count, what its other clients carry
    as often singles out nobody.
    """
    first, last = marks.level_ptr[kind], marks.level_ptr[kind + 1]
    all_hits, all_clients = marks.at_all[:, institution], marks.clients[institution]
    best, most = np.zeros(edges.size), np.zeros(edges.size)
    less = np.log(float(last - first))
    for level in range(first, last):
        hits = 0
        share = marks.usual[level, edges[0]]
        for i in range(edges.size):
            hits += marks.marked[level, edges[i]]
            if hits >= LEAST_MARKED or marks.apart[kind]:
                most[i] = max(most[i], hits / (i + 1.0))
            others = (all_hits[level] - hits + share) / (all_clients - i)
            nats = exceedance(float(hits), i + 1.0, max(share, min(others, 1.0 - 1e-9)))
            nats /= 1.0 + i * marks.alike[level]
            best[i] = max(best[i], nats - less)
    for i in range(edges.size):
        total[i] += best[i]
        n_kinds[i] += best[i] >= convincing and most[i] >= LEAST_SHARE


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def best_prefixes(
    pools: Pools, stars: Stars, marks: MarkArrays, log_factorial: np.ndarray, fewest: int,
    convincing: float,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Nats (pools,) and length (pools,) of the best beginning; -inf where two kinds never convince.

    A fact about an institution (all its clients alike) is a second kind only beside a value or a
    kind of ``marks.apart``.
    """
    n_pools, n_institutions = pools.institution.size, stars.ptr.size - 1
    nats, length = np.full(n_pools, -np.inf), np.zeros(n_pools, np.int64)
    rank = np.full(marks.marked.shape[1], -1, np.int64)
    most = 0
    for p in range(n_pools):
        most = max(most, pools.ptr[p + 1] - pools.ptr[p])
    gain, carries_value = np.empty(most), np.empty(most, np.bool_)
    for p in range(n_pools):
        edges = pools.edge[pools.ptr[p] : pools.ptr[p + 1]]
        n, k = edges.size, pools.institution[p]
        for i in range(n):
            rank[edges[i]] = i
        _add_values(rank, n, k, stars, gain, carries_value)
        total, unused = np.zeros(n), np.zeros(n)
        n_kinds, n_apart, facts = (
            np.zeros(n, np.int64),
            np.zeros(n, np.int64),
            np.zeros(n, np.int64),
        )
        for kind in range(marks.level_ptr.size - 1):
            levels = marks.alike[marks.level_ptr[kind] : marks.level_ptr[kind + 1]]
            counts = facts if levels.min() >= 1.0 else n_kinds
            _add_kind(edges, marks, kind, k, convincing, total, counts)
            if marks.apart[kind]:
                _add_kind(edges, marks, kind, k, convincing, unused, n_apart)
        values, n_named = 0.0, 0
        for i in range(n):
            values += gain[i]
            n_named += carries_value[i]
            rank[edges[i]] = -1
            free, chosen = n - n_named, i + 1 - n_named
            cost = np.log(2.0 * float(n_institutions))
            if not (pools.whole[p] and i + 1 == n):
                cost += log_factorial[free] - log_factorial[chosen] - log_factorial[free - chosen]
                cost += pools.cost[p] + np.log(float(n))
            left = total[i] + values - cost
            by_value = values >= convincing and n_named >= LEAST_SHARE * (i + 1)
            several = n_kinds[i] + by_value >= 2 or (facts[i] > 0 and n_apart[i] + by_value > 0)
            if i + 1 >= fewest and several and left > nats[p]:
                nats[p], length[p] = left, i + 1
    return nats, length
