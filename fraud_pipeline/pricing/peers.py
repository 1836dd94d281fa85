"""Quantiles of what others paid, as of each claim's own day, leaving out its own side.

For each group of comparable claims a Fenwick tree (Fenwick 1994) over price ranks
holds the claims known on the day; a small one for each institution in the group
lets a query skip that institution's claims, and the few claims of the same
enterprise or ring from other institutions are skipped by a sorted list. Exact, with
O(log² n) steps a claim: no sampling, no blocks of time.

The k-th claim of an institution in a group weighs 1/√k, so that one busy price list
is not taken for the market: an institution's hundred claims weigh like twenty of as
many houses. Weights are whole numbers, so sums are exact in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

UNIT_WEIGHT = 1024  # of an institution's first claim in a group
QUANTILES = (0.1, 0.25, 0.5, 0.75)
MOST_LEFT_OUT = 4096  # claims of one enterprise or ring skipped in one group; later ones are not


@dataclass(frozen=True)
class Side:
    """Arrays over the claims that have a price, any order: who is on whose side, and when.

    ``ring`` is -1 for claims in no ring; ``leaves`` the first day on which a claim
    no longer speaks for the market (too old, or found against).
    """

    day: np.ndarray
    leaves: np.ndarray
    institution: np.ndarray
    enterprise: np.ndarray
    ring: np.ndarray


@dataclass(frozen=True)
class Peers:
    """For each claim: how many others, of how many institutions, and their quantiles.

    ``n_effective`` is Kish's: the equally weighted claims that would say as much.
    """

    n: np.ndarray
    n_institutions: np.ndarray
    n_effective: np.ndarray
    tenth: np.ndarray
    lower: np.ndarray
    middle: np.ndarray
    upper: np.ndarray


def leave_out_quantiles(cell: np.ndarray, value: np.ndarray, side: Side) -> Peers:
    """Weighted quantiles of ``value`` among each claim's peers; NaN where there are none.

    Peers: same ``cell``, submitted on or before the claim's day, not left yet, of
    another institution, another enterprise and another ring. A quantile on the edge
    between two values is their mean (definition 2 of Hyndman and Fan 1996).
    """
    n = len(value)
    order = np.lexsort((np.arange(n), side.day, cell))
    cell, value, day = cell[order], value[order], side.day[order]
    leaves = side.leaves[order]
    starts = _starts(cell)
    rank = _ranks(cell, value, starts)
    by_rank = np.empty(n)
    by_rank[np.repeat(starts[:-1], np.diff(starts)) + rank] = value
    house = _Grouping.of(cell, side.institution[order], rank)
    weight = _weights(cell, side.institution[order])
    firm = _Grouping.of(cell, side.enterprise[order], day)
    ring = _Grouping.of(cell, side.ring[order], day)
    found = _sweep(
        starts, day, leaves, np.lexsort((leaves, cell)), rank, by_rank, weight,
        house.group, house.starts, rank[house.members], house.place,
        firm.group, firm.starts, firm.members,
        ring.group, ring.starts, ring.members, side.ring[order], np.array(QUANTILES),
    )  # fmt: skip
    back = np.empty(n, dtype=np.int64)
    back[order] = np.arange(n)
    n_peers, n_houses, effective, quantiles = found
    return Peers(n_peers[back], n_houses[back], effective[back], *quantiles[:, back])


def _weights(cell: np.ndarray, institution: np.ndarray) -> np.ndarray:
    """Whole-number weight of each claim, rows being in order of day within their cell."""
    rows = np.arange(len(cell))
    turn = _Grouping.of(cell, institution, rows).place + 1
    return np.asarray(np.maximum(1, np.round(UNIT_WEIGHT / np.sqrt(turn))), dtype=np.int64)


@dataclass(frozen=True)
class _Grouping:
    """Rows of each (cell, key), contiguous in ``members`` and sorted within by ``by``."""

    group: np.ndarray
    starts: np.ndarray
    members: np.ndarray
    place: np.ndarray  # of a row within its group

    @staticmethod
    def of(cell: np.ndarray, key: np.ndarray, by: np.ndarray) -> _Grouping:
        members = np.lexsort((by, key, cell))
        fresh = np.ones(len(key), dtype=bool)
        fresh[1:] = (np.diff(cell[members]) != 0) | (np.diff(key[members]) != 0)
        starts = np.append(np.flatnonzero(fresh), len(key))
        group = np.empty(len(key), dtype=np.int64)
        group[members] = np.cumsum(fresh) - 1
        place = np.empty(len(key), dtype=np.int64)
        place[members] = np.arange(len(key))
        return _Grouping(group, starts, members, place - starts[group])


def _starts(cell: np.ndarray) -> np.ndarray:
    return np.asarray(np.append(np.flatnonzero(np.diff(cell, prepend=cell[:1] - 1)), len(cell)))


def _ranks(cell: np.ndarray, value: np.ndarray, starts: np.ndarray) -> np.ndarray:
    n = len(value)
    rank = np.empty(n, dtype=np.int64)
    rank[np.lexsort((np.arange(n), value, cell))] = np.arange(n)
    return np.asarray(rank - np.repeat(starts[:-1], np.diff(starts)))


@njit(cache=True)
def _add(tree, base, size, at, amount):  # type: ignore[no-untyped-def]
    at += 1
    while at <= size:
        tree[base + at - 1] += amount
        at += at & -at


@njit(cache=True)
def _prefix(tree, base, count):  # type: ignore[no-untyped-def]
    total = 0
    while count > 0:
        total += tree[base + count - 1]
        count -= count & -count
    return total


@njit(cache=True)
def _below(sorted_ranks, low, high, rank):  # type: ignore[no-untyped-def]
    """How many of ``sorted_ranks[low:high]`` are less than ``rank``."""
    first = low
    while low < high:
        middle = (low + high) // 2
        if sorted_ranks[middle] < rank:
            low = middle + 1
        else:
            high = middle
    return low - first


@njit(cache=True)
def _at(  # type: ignore[no-untyped-def]
    target, beyond_ties, tree, start, size, own, own_start, own_end, own_ranks, out, out_sum, n_out
):
    """First price rank at which the peers' weight reaches (or passes) ``target``."""
    step = 1
    while step * 2 <= size:
        step *= 2
    at, counted = 0, 0
    while step > 0:
        beyond = at + step
        if beyond <= size:
            known = counted + tree[start + beyond - 1]
            weight = known - _prefix(own, own_start, _below(own_ranks, own_start, own_end, beyond))
            weight -= out_sum[_below(out, 0, n_out, beyond)]
            if weight < target or (beyond_ties and weight == target):
                at, counted = beyond, known
        step //= 2
    return at


@njit(cache=True)
def _left_out(  # type: ignore[no-untyped-def]
    row,
    day,
    leaves,
    rank,
    weight,
    house,
    firm,
    firm_starts,
    firm_rows,
    ring,
    ring_starts,
    ring_rows,
    in_ring,
    out,
    out_sum,
):
    """Known claims of the same enterprise or ring at other institutions: ranks, summed weights."""
    n, today, squares = 0, day[row], 0
    rows = np.empty(2 * MOST_LEFT_OUT if in_ring[row] >= 0 else MOST_LEFT_OUT, np.int64)
    for k in range(firm_starts[firm[row]], firm_starts[firm[row] + 1]):
        other = firm_rows[k]
        if day[other] > today or n >= MOST_LEFT_OUT:
            break
        if leaves[other] > today and house[other] != house[row]:
            rows[n] = other
            n += 1
    if in_ring[row] >= 0:
        for k in range(ring_starts[ring[row]], ring_starts[ring[row] + 1]):
            other = ring_rows[k]
            if day[other] > today or n >= 2 * MOST_LEFT_OUT:
                break
            if leaves[other] > today and house[other] != house[row] and firm[other] != firm[row]:
                rows[n] = other
                n += 1
    in_order = np.argsort(rank[rows[:n]])
    out_sum[0] = 0
    for k in range(n):
        other = rows[in_order[k]]
        out[k] = rank[other]
        out_sum[k + 1] = out_sum[k] + weight[other]
        squares += weight[other] * weight[other]
    return n, squares


@njit(cache=True)
def _change(  # type: ignore[no-untyped-def]
    sign, row, start, size, rank, weight, house, house_starts, house_place, tree, own, alive, known
):
    """One claim comes in (sign 1) or goes (-1): trees and sums of its group and institution."""
    g, w = house[row], sign * weight[row]
    _add(tree, start, size, rank[row], w)
    _add(own, house_starts[g], house_starts[g + 1] - house_starts[g], house_place[row], w)
    before = alive[0, g] > 0
    alive[0, g] += sign
    alive[1, g] += w
    alive[2, g] += w * weight[row]
    known[0] += sign
    known[1] += w
    known[2] += w * weight[row]
    known[3] += (alive[0, g] > 0) - before


@njit(cache=True)
def _sweep(  # type: ignore[no-untyped-def]
    starts, day, leaves, leaving, rank, by_rank, weight, house, house_starts, house_ranks,
    house_place, firm, firm_starts, firm_rows, ring, ring_starts, ring_rows, in_ring, quantiles,
):  # fmt: skip
    n = len(day)
    counts, houses = np.zeros(n, np.int64), np.zeros(n, np.int64)
    effective, found = np.zeros(n), np.full((len(quantiles), n), np.nan)
    tree, own = np.zeros(n, np.int64), np.zeros(n, np.int64)
    alive = np.zeros((3, len(house_starts) - 1), np.int64)  # claims, weight, squares by institution
    out, out_sum = np.empty(2 * MOST_LEFT_OUT, np.int64), np.empty(2 * MOST_LEFT_OUT + 1, np.int64)
    for c in range(len(starts) - 1):
        start, end = starts[c], starts[c + 1]
        size, gone, first = end - start, start, start
        known = np.zeros(4, np.int64)  # claims, weight, squares, institutions
        while first < end:
            today, last = day[first], first
            while last < end and day[last] == today:
                _change(1, last, start, size, rank, weight, house, house_starts, house_place,
                        tree, own, alive, known)  # fmt: skip
                last += 1
            while gone < end and leaves[leaving[gone]] <= today:
                _change(-1, leaving[gone], start, size, rank, weight, house, house_starts,
                        house_place, tree, own, alive, known)  # fmt: skip
                gone += 1
            for row in range(first, last):
                g = house[row]
                n_out, out_squares = _left_out(
                    row, day, leaves, rank, weight, house, firm, firm_starts, firm_rows,
                    ring, ring_starts, ring_rows, in_ring, out, out_sum)  # fmt: skip
                counts[row] = known[0] - alive[0, g] - n_out
                houses[row] = known[3] - (alive[0, g] > 0)
                if counts[row] <= 0:
                    continue
                total = known[1] - alive[1, g] - out_sum[n_out]
                effective[row] = total * total / (known[2] - alive[2, g] - out_squares)
                for q in range(len(quantiles)):
                    target = quantiles[q] * total
                    low = by_rank[start + _at(
                        target, False, tree, start, size, own, house_starts[g],
                        house_starts[g + 1], house_ranks, out, out_sum, n_out)]  # fmt: skip
                    high = by_rank[start + _at(
                        target, True, tree, start, size, own, house_starts[g],
                        house_starts[g + 1], house_ranks, out, out_sum, n_out)]  # fmt: skip
                    found[q, row] = 0.5 * (low + high)
            first = last
    return counts, houses, effective, found
