"""The one compiled loop of the plan: probabilities for a given worth of one more audit."""

from __future__ import annotations

import math
from typing import NamedTuple

import numba as nb
import numpy as np

Floats = np.ndarray


class Terms(NamedTuple):
    """One entry a row of the problem; all arrays float64 of shape (n,)."""

    benefit: Floats  # expected loss found by an audit, in units of its mean
    spread: Floats  # times the square root of the price of variance
    floor: Floats  # least probability
    weight: Floats  # how many claims the row stands for
    cost: Floats  # of one audit, in the unit of the budget


@nb.njit(cache=True)  # type: ignore[untyped-decorator]
def _fill(terms: Terms, worth: float, pi: Floats) -> float:
    """Fills ``pi`` for a given worth and returns what it costs: sum of weight x cost x pi."""
    total = 0.0
    for i in range(len(terms.benefit)):
        gap = worth * terms.cost[i] - terms.benefit[i]
        probability = terms.spread[i] / math.sqrt(gap) if gap > 1e-300 else 1.0
        probability = min(max(probability, terms.floor[i]), 1.0)
        pi[i] = probability
        total += terms.weight[i] * terms.cost[i] * probability
    return total


@nb.njit(cache=True)  # type: ignore[untyped-decorator]
def solve(terms: Terms, budget: float, low: float, high: float, pi: Floats) -> float:
    """Bisection on the worth of one more unit of budget; fills ``pi``, returns the worth.

    ``low`` must spend more than the budget and ``high`` less, or the floors rule.
    """
    worth = high
    for _ in range(200):
        worth = (low + high) / 2.0
        excess = _fill(terms, worth, pi) - budget
        if abs(excess) < max(1e-7, 1e-10 * budget) or not low < worth < high:
            break
        if excess > 0.0:
            low = worth
        else:
            high = worth
    return worth
