"""The compiled sweep through time behind ``peers``: Fenwick trees over price ranks.

Claims come in and go as days pass; each is asked for its quantiles on its own day. Plain
arrays in and out, see ``peers.leave_out_quantiles`` for what they mean.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from fraud_pipeline.pricing.shares import side_by_side

MOST_LEFT_OUT = 4096  # claims of one enterprise or ring skipped in one group; later ones are not


class Claims(NamedTuple):
    """Claims in the order of cell and day, (n,): ``rank`` of the price within the cell, ``ties``
    (2, n) where equal prices begin and end, ``by_rank`` the prices in order, ``leaving`` the rows in
    the order in which they leave."""

    day: np.ndarray
    leaves: np.ndarray
    leaving: np.ndarray
    rank: np.ndarray
    ties: np.ndarray
    by_rank: np.ndarray
    weight: np.ndarray


class Grouping(NamedTuple):
    """Rows of each (cell, key), contiguous in ``members``; group k has the members
    ``starts[k]`` to ``starts[k + 1]``. ``ranks``: of the members' prices; ``place``: of a row
    within its group."""

    group: np.ndarray
    starts: np.ndarray
    members: np.ndarray
    ranks: np.ndarray
    place: np.ndarray


class Sides(NamedTuple):
    """The groups a claim is compared with none of; ``ring_code`` is -1 for no ring."""

    institution: Grouping
    enterprise: Grouping
    ring: Grouping
    ring_code: np.ndarray


class Trees(NamedTuple):
    """Fenwick trees of the weights by cell and by institution, and ``alive`` (3, institutions):
    claims, weight and squared weight of each institution that are known and have not left."""

    tree: np.ndarray
    own: np.ndarray
    alive: np.ndarray


class Own(NamedTuple):
    """The price ranks of the claim's own institution: ``ranks[first:last]``."""

    ranks: np.ndarray
    first: int
    last: int


class LeftOut(NamedTuple):
    """Sorted price ranks of ``n`` further claims that are left out, and the sums of their weights."""

    ranks: np.ndarray
    sums: np.ndarray
    n: int


class Answers(NamedTuple):
    """What is known of each claim's peers, (n,): ``quantiles`` (levels, n) at the shares ``levels``,
    ``shares`` (2, n) of the peers' weight that are as high or higher, as low or lower."""

    levels: np.ndarray
    counts: np.ndarray
    institutions: np.ndarray
    effective: np.ndarray
    quantiles: np.ndarray
    shares: np.ndarray


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
def _at(target, beyond_ties, start, size, trees, own, left_out):  # type: ignore[no-untyped-def]
    """First price rank at which the peers' weight reaches (or passes) ``target``."""
    step = 1
    while step * 2 <= size:
        step *= 2
    at, counted = 0, 0
    while step > 0:
        beyond = at + step
        if beyond <= size:
            known = counted + trees.tree[start + beyond - 1]
            below = _below(own.ranks, own.first, own.last, beyond)
            weight = known - _prefix(trees.own, own.first, below)
            weight -= left_out.sums[_below(left_out.ranks, 0, left_out.n, beyond)]
            if weight < target or (beyond_ties and weight == target):
                at, counted = beyond, known
        step //= 2
    return at


@njit(cache=True)
def _leave_out(row, claims, sides, ranks, sums):  # type: ignore[no-untyped-def]
    """Known claims of the same enterprise or ring at other institutions: ranks, summed weights."""
    day, institution = claims.day, sides.institution.group
    n, today, squares = 0, day[row], 0
    in_ring = sides.ring_code[row] >= 0
    rows = np.empty(2 * MOST_LEFT_OUT if in_ring else MOST_LEFT_OUT, np.int64)
    enterprise, ring = sides.enterprise, sides.ring
    own = enterprise.group[row]
    for k in range(enterprise.starts[own], enterprise.starts[own + 1]):
        other = enterprise.members[k]
        if day[other] > today or n >= MOST_LEFT_OUT:
            break
        if claims.leaves[other] > today and institution[other] != institution[row]:
            rows[n] = other
            n += 1
    if in_ring:
        for k in range(ring.starts[ring.group[row]], ring.starts[ring.group[row] + 1]):
            other = ring.members[k]
            if day[other] > today or n >= 2 * MOST_LEFT_OUT:
                break
            if (
                claims.leaves[other] > today
                and institution[other] != institution[row]
                and enterprise.group[other] != own
            ):
                rows[n] = other
                n += 1
    in_order = np.argsort(claims.rank[rows[:n]])
    sums[0] = 0
    for k in range(n):
        other = rows[in_order[k]]
        ranks[k] = claims.rank[other]
        sums[k + 1] = sums[k] + claims.weight[other]
        squares += claims.weight[other] * claims.weight[other]
    return LeftOut(ranks, sums, n), squares


@njit(cache=True)
def _change(sign, row, cell, claims, institution, trees, known):  # type: ignore[no-untyped-def]
    """One claim comes in (sign 1) or goes (-1): trees and sums of its cell and institution.

    ``cell``: where the cell starts and its size.
    """
    start, size = cell
    weight = claims.weight[row]
    g, w = institution.group[row], sign * weight
    first, last = institution.starts[g], institution.starts[g + 1]
    _add(trees.tree, start, size, claims.rank[row], w)
    _add(trees.own, first, last - first, institution.place[row], w)
    before = trees.alive[0, g] > 0
    trees.alive[0, g] += sign
    trees.alive[1, g] += w
    trees.alive[2, g] += w * weight
    known[0] += sign
    known[1] += w
    known[2] += w * weight
    known[3] += (trees.alive[0, g] > 0) - before


def sweep(starts: np.ndarray, claims: Claims, sides: Sides, levels: np.ndarray) -> Answers:
    """The cells in order, two shares of them at a time: no cell looks into another.

    Cell c has the rows ``starts[c]`` to ``starts[c + 1]``.
    """
    n = len(claims.day)
    answers = Answers(
        levels, np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n),
        np.full((len(levels), n), np.nan), np.zeros((2, n)),
    )  # fmt: skip
    n_institutions = len(sides.institution.starts) - 1
    trees = Trees(np.zeros(n, np.int64), np.zeros(n, np.int64),
                  np.zeros((3, n_institutions), np.int64))  # fmt: skip

    def share(cells: slice) -> None:
        _sweep(starts[cells.start : cells.stop + 1], claims, sides, trees, answers)

    side_by_side(share, starts)
    return answers


@njit(cache=True, nogil=True)
def _answer(row, cell, known, claims, sides, trees, answers, left_out):  # type: ignore[no-untyped-def]
    """Counts, quantiles and shares of one claim's peers on its day."""
    start, size = cell
    institution = sides.institution
    g = institution.group[row]
    out, out_squares = _leave_out(row, claims, sides, left_out.ranks, left_out.sums)
    answers.counts[row] = known[0] - trees.alive[0, g] - out.n
    answers.institutions[row] = known[3] - (trees.alive[0, g] > 0)
    if answers.counts[row] <= 0:
        return
    own = Own(institution.ranks, institution.starts[g], institution.starts[g + 1])
    total = known[1] - trees.alive[1, g] - out.sums[out.n]
    answers.effective[row] = total * total / (known[2] - trees.alive[2, g] - out_squares)
    for end_of in range(2):
        edge = claims.ties[end_of, row]
        lower = _prefix(trees.tree, start, edge) - out.sums[_below(out.ranks, 0, out.n, edge)]
        lower -= _prefix(trees.own, own.first, _below(own.ranks, own.first, own.last, edge))
        answers.shares[end_of, row] = (total - lower if end_of == 0 else lower) / total
    for q in range(len(answers.levels)):
        target = answers.levels[q] * total
        low = claims.by_rank[start + _at(target, False, start, size, trees, own, out)]
        high = claims.by_rank[start + _at(target, True, start, size, trees, own, out)]
        answers.quantiles[q, row] = 0.5 * (low + high)


@njit(cache=True, nogil=True)
def _sweep(starts, claims, sides, trees, answers):  # type: ignore[no-untyped-def]
    ranks, sums = np.empty(2 * MOST_LEFT_OUT, np.int64), np.empty(2 * MOST_LEFT_OUT + 1, np.int64)
    scratch = LeftOut(ranks, sums, 0)
    for c in range(len(starts) - 1):
        start, end = starts[c], starts[c + 1]
        cell, gone, first = (start, end - start), start, start
        known = np.zeros(4, np.int64)  # claims, weight, squares, institutions
        while first < end:
            today, last = claims.day[first], first
            while last < end and claims.day[last] == today:
                _change(1, last, cell, claims, sides.institution, trees, known)
                last += 1
            while gone < end and claims.leaves[claims.leaving[gone]] <= today:
                _change(-1, claims.leaving[gone], cell, claims, sides.institution, trees, known)
                gone += 1
            for row in range(first, last):
                _answer(row, cell, known, claims, sides, trees, answers, scratch)
            first = last
