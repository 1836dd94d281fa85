"""The compiled sweep through time behind ``peers``: Fenwick trees over price ranks.

Claims come in and go as days pass; each is asked for its quantiles on its own day. Plain
arrays in and out, see ``peers.leave_out_quantiles`` for what they mean.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from fraud_pipeline.pricing.shares import side_by_side

MOST_LEFT_OUT = 4096  # claims of one enterprise or ring skipped in one group; later ones are not


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


def sweep(
    starts: np.ndarray, day: np.ndarray, leaves: np.ndarray, leaving: np.ndarray,
    rank: np.ndarray, ties: np.ndarray, by_rank: np.ndarray, weight: np.ndarray,
    house: np.ndarray, house_starts: np.ndarray, *others: np.ndarray,
) -> tuple[np.ndarray, ...]:  # fmt: skip
    """The groups in order, two shares of them at a time: no group looks into another."""
    n, quantiles = len(day), others[-1]
    made = (
        np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n),
        np.full((len(quantiles), n), np.nan), np.zeros((2, n)),
    )  # fmt: skip
    trees = np.zeros(n, np.int64), np.zeros(n, np.int64)
    alive = np.zeros((3, len(house_starts) - 1), np.int64)  # claims, weight, squares by institution

    def share(cells: slice) -> None:
        _sweep(
            starts[cells.start : cells.stop + 1], day, leaves, leaving, rank, ties, by_rank, weight,
            house, house_starts, *others, *made, *trees, alive,
        )  # fmt: skip

    side_by_side(share, starts)
    return made


@njit(cache=True, nogil=True)
def _sweep(  # type: ignore[no-untyped-def]
    starts, day, leaves, leaving, rank, ties, by_rank, weight, house, house_starts, house_ranks,
    house_place, firm, firm_starts, firm_rows, ring, ring_starts, ring_rows, in_ring, quantiles,
    counts, houses, effective, found, shares, tree, own, alive,
):  # fmt: skip
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
                for end_of in range(2):
                    edge = ties[end_of, row]
                    lower = _prefix(tree, start, edge) - out_sum[_below(out, 0, n_out, edge)]
                    lower -= _prefix(own, house_starts[g], _below(
                        house_ranks, house_starts[g], house_starts[g + 1], edge))  # fmt: skip
                    shares[end_of, row] = (total - lower if end_of == 0 else lower) / total
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
