"""Order statistics of a market without the claims that may not speak: the compiled part.

Each group's log prices lie sorted in one array. The r-th smallest of a group without
some positions is found by walking those positions only, so leaving out a claim's own
institution, its own enterprise and its ring-mates costs no second sort.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# The outer deciles, not the quartiles: where one busy seller with a fixed list fills the
# middle half, the quartiles coincide and would call every other seller an outlier. Up to a
# tenth of the prices may still be overpriced without moving them.
DECILES = np.array([0.1, 0.5, 0.9])


@njit(cache=True)  # type: ignore[untyped-decorator]
def _left_out(positions: np.ndarray, rank: int) -> int:
    """Position of the ``rank``-th remaining element when sorted ``positions`` are skipped."""
    at = rank
    for k in range(len(positions)):
        if positions[k] <= at:
            at += 1
        else:
            break
    return at


@njit(cache=True)  # type: ignore[untyped-decorator]
def _merged(order: np.ndarray, start: np.ndarray, owner: int, group: int, into: np.ndarray, n: int) -> int:
    """Appends the positions that ``owner`` holds inside ``group``; returns the new count.

    ``order`` lists (group, position) pairs by owner; ``start`` is where each owner begins.
    """
    if owner < 0:
        return n
    low, high = start[owner], start[owner + 1]
    while low < high:  # first entry of this owner in this group
        middle = (low + high) // 2
        if order[middle, 0] < group:
            low = middle + 1
        else:
            high = middle
    while low < start[owner + 1] and order[low, 0] == group:
        into[n] = order[low, 1]
        n += 1
        low += 1
    return n


@njit(cache=True)  # type: ignore[untyped-decorator]
def deciles_without(
    price: np.ndarray, begin: np.ndarray, group: np.ndarray, owners: np.ndarray,
    order_0: np.ndarray, start_0: np.ndarray, order_1: np.ndarray, start_1: np.ndarray,
    order_2: np.ndarray, start_2: np.ndarray, levels: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Outer deciles and median of each claim's group without its own seller, buyer and ring.

    price   (n,) log prices sorted within groups; begin (g+1,) where each group starts
    group   (n,) the group of each claim; owners (n, 3) seller, buyer, ring (-1 = none)
    order_k, start_k: the positions of each owner, see ``_merged``
    Returns counts (n,) and deciles (n, 3), NaN where nothing remains.
    """
    n_claims = len(group)
    counts = np.zeros(n_claims, dtype=np.int64)
    found = np.full((n_claims, len(levels)), np.nan)
    scratch = np.empty(len(price) * 3 + 3, dtype=np.int64)
    for i in range(n_claims):
        g = group[i]
        n = _merged(order_0, start_0, owners[i, 0], g, scratch, 0)
        n = _merged(order_1, start_1, owners[i, 1], g, scratch, n)
        n = _merged(order_2, start_2, owners[i, 2], g, scratch, n)
        skipped = np.unique(scratch[:n])
        left = begin[g + 1] - begin[g] - len(skipped)
        counts[i] = left
        if left == 0:
            continue
        for q in range(len(levels)):
            exact = levels[q] * (left - 1)
            low = int(exact)
            a = price[begin[g] + _left_out(skipped, low)]
            b = price[begin[g] + _left_out(skipped, min(low + 1, left - 1))]
            found[i, q] = a + (exact - low) * (b - a)
    return counts, found


@njit(cache=True)  # type: ignore[untyped-decorator]
def nearest(
    rank: np.ndarray, cell: np.ndarray, closeness: np.ndarray, owners: np.ndarray, wanted: int, reach: int
) -> np.ndarray:
    """For each claim the ``wanted`` most alike others of its cell, as row numbers, -1 = none.

    ``rank`` orders claims by (cell, closeness); neighbours on either side are taken in
    turn by distance in ``closeness``, never of the same seller, buyer or ring, looking at
    most ``reach`` places away.
    """
    n = len(rank)
    chosen = np.full((n, wanted), -1, dtype=np.int64)
    for at in range(n):
        i = rank[at]
        left, right, k = at - 1, at + 1, 0
        while k < wanted:
            ok_left = left >= 0 and at - left <= reach and cell[rank[left]] == cell[i]
            ok_right = right < n and right - at <= reach and cell[rank[right]] == cell[i]
            if not ok_left and not ok_right:
                break
            take_left = ok_left
            if ok_left and ok_right:
                here = closeness[i]
                take_left = here - closeness[rank[left]] <= closeness[rank[right]] - here
            j = rank[left] if take_left else rank[right]
            if take_left:
                left -= 1
            else:
                right += 1
            same = False
            for o in range(owners.shape[1]):
                same = same or (owners[i, o] >= 0 and owners[i, o] == owners[j, o])
            if not same:
                chosen[i, k] = j
                k += 1
    return chosen
