"""How rare a price is among an item's: what to rank by where both ends are suspicious.

Where inspectors looked at sales, neither the distance from the median nor its p-value
ranked best but the density of prices around a price, with a heavy-tailed kernel (Cauchy)
as wide as a factor of e: a price with company is less strange than a lonely one equally
far out. Taken off first: what a larger quantity makes cheaper, and a seller's own level,
because an institution that is dear all through has a level, and one odd price is an event.
Added is half of how rare the price is among the seller's own prices of the item: where an item is
many things, what the seller charged for it otherwise says more than what others take.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from fraud_pipeline.pricing.peers import Side, leave_out_quantiles

WIDTH = 1.0  # of the kernel, in log price
BORROWED = 5.0  # a bump around the item's median weighs like this many prices
MOST_COMPARED = 4096  # latest known prices of the item a price is compared with
SLOPE_SHARE = 0.5  # of the quantity discount taken off: what it explains it also hides
SLOPE_CLAIMS = 100.0  # the discount over all items weighs like this many rows of variance 1
CUT = 1.5  # log distances that count towards a seller's level
LEVEL_ROWS = 5.0  # rows a seller needs before half of his level is believed
OWN_SHARE = 0.5  # of the rarity among the seller's own prices of the item
GAP_ROWS = 5.0  # the share of all rows with a gap weighs like so many rows of the item


@dataclass(frozen=True)
class Rarity:
    """``rarity``: -ln of the density of prices around, 0 = everybody's price; ``seller_level``
    how far the seller's other prices lie from their items' medians, in log price."""

    rarity: np.ndarray
    seller_level: np.ndarray


def rarity_of(
    item: np.ndarray, value: np.ndarray, side: Side, log_quantity: np.ndarray | None
) -> Rarity:
    """Rarity of each log price ``value`` among those of its ``item``; all arrays (n,).

    A row is compared with every other row of the item known on its day, its seller's own
    too: the question is what is odd, not who sets the market. NaN for an only row.
    """
    lone = Side(side.day, side.leaves, np.arange(len(value)), np.arange(len(value)), side.ring)
    middle = leave_out_quantiles(item, value, lone).middle
    apart = value - middle
    if log_quantity is not None:
        apart = apart - SLOPE_SHARE * _discount(item, apart, log_quantity)
    level = _seller_level(side.institution, np.nan_to_num(apart), side.day)
    apart = apart - level
    order = np.lexsort((np.arange(len(value)), side.day, item))
    rarity = np.full(len(value), np.nan)
    rarity[order] = _density(item[order], apart[order], side.day[order], side.leaves[order])
    return Rarity(rarity, level)


def with_own_history(
    rarity: np.ndarray, item: np.ndarray, value: np.ndarray, side: Side, log_quantity: np.ndarray | None
) -> np.ndarray:  # fmt: skip
    """``rarity`` and half of the rarity among the prices of the row's own seller for the item.

    A first price of a seller has no history and adds nothing. Arguments as those of ``rarity_of``.
    """
    pair = np.unique(item * (1 + int(side.institution.max(initial=0))) + side.institution,
                     return_inverse=True)[1]  # fmt: skip
    alone = Side(side.day, side.leaves, np.arange(len(value)), side.enterprise, side.ring)
    own = rarity_of(pair, value, alone, log_quantity).rarity
    return np.asarray(rarity + OWN_SHARE * np.nan_to_num(own))


def rarity_of_gaps(item: np.ndarray, gap: np.ndarray, rarity: np.ndarray) -> np.ndarray:
    """Rarity of rows without a price: that of a price which as few rows surpass as have the gap.

    ``item`` and ``gap`` are integer codes (n,), gap 0 for a row with a price; ``rarity`` (n,) of the
    rows with a price. A gap that one row in a thousand of the item has is as odd as its rarest
    thousandth of prices; one that every other row has is no oddity. NaN for rows with a price.

    >>> rarity_of_gaps(np.zeros(5, int), np.array([0, 0, 0, 0, 1]), np.arange(5.0)).tolist()[4]
    3.0
    """
    overall = np.bincount(gap)[gap] / max(len(gap), 1)
    both = np.unique(item * (1 + int(gap.max(initial=0))) + gap, return_inverse=True)[1]
    alike, rows = np.bincount(both)[both] - 1, np.bincount(item)[item] - 1
    share = (alike + GAP_ROWS * overall) / (rows + GAP_ROWS)
    known = np.sort(rarity[(gap == 0) & np.isfinite(rarity)])
    if not len(known):
        return np.full(len(gap), np.nan)
    place = np.clip(((1.0 - share) * len(known)).astype(np.int64), 0, len(known) - 1)
    return np.where(gap > 0, known[place], np.nan)


def _discount(item: np.ndarray, apart: np.ndarray, log_quantity: np.ndarray) -> np.ndarray:
    """Log price that a row's quantity explains, from a slope for each item, shrunk to all."""
    known = np.isfinite(apart) & np.isfinite(log_quantity)
    x = np.where(known, log_quantity, 0.0)
    n = np.bincount(item, known)
    x = np.where(known, x - (np.bincount(item, x) / np.maximum(n, 1.0))[item], 0.0)
    y = np.clip(np.where(known, apart, 0.0), -1.0, 1.0)
    both, square = np.bincount(item, x * y), np.bincount(item, x * x)
    overall = both.sum() / max(square.sum(), 1.0)
    slope = (both + SLOPE_CLAIMS * overall) / (square + SLOPE_CLAIMS)
    return np.asarray(slope[item] * x)


def _seller_level(seller: np.ndarray, apart: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Mean of the cut distances of the seller's other rows up to the day, shrunk to 0."""
    order = np.lexsort((np.arange(len(day)), day, seller))
    cut = np.clip(apart[order], -CUT, CUT)
    starts = np.flatnonzero(np.diff(seller[order], prepend=-1))
    first = np.repeat(starts, np.diff(np.append(starts, len(order))))
    same = (np.diff(seller[order], append=-1) == 0) & (np.diff(day[order], append=-1) == 0)
    ends = np.flatnonzero(~same)
    last = ends[np.searchsorted(ends, np.arange(len(order)))] + 1
    running = np.append(0.0, np.cumsum(cut))
    level = np.empty(len(order))
    level[order] = (running[last] - running[first] - cut) / (last - first - 1 + LEVEL_ROWS)
    return level


@njit(cache=True)
def _density(item, apart, day, leaves):  # type: ignore[no-untyped-def]
    n = len(item)
    rarity = np.full(n, np.nan)
    start = 0
    for row in range(n):
        if item[row] != item[start]:
            start = row
        if not np.isfinite(apart[row]):
            continue
        end = row + 1
        while end < n and item[end] == item[row] and day[end] == day[row]:
            end += 1
        stride = 1 + (end - start) // MOST_COMPARED if day[start] == day[row] else 1
        near = BORROWED / (1.0 + (apart[row] / WIDTH) ** 2)
        count = BORROWED
        other = end - 1
        compared = 0
        while other >= start and compared < MOST_COMPARED:
            if other != row and leaves[other] > day[row] and np.isfinite(apart[other]):
                near += 1.0 / (1.0 + ((apart[row] - apart[other]) / WIDTH) ** 2)
                count += 1.0
            compared += 1
            other -= stride
        rarity[row] = -np.log(near / count)
    return rarity
