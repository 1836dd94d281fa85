"""The one compiled loop of the plan: probabilities for a given worth of one more audit."""

from __future__ import annotations

import math

import numba as nb
import numpy as np

Floats = np.ndarray


@nb.njit(cache=True)  # type: ignore[untyped-decorator]
def _spent(
    benefit: Floats, spread: Floats, floor: Floats, weight: Floats, cost: Floats,
    worth: float, pi: Floats,
) -> float:  # fmt: skip
    """Fills ``pi`` and returns what it costs: sum of weight x cost x pi."""
    total = 0.0
    for i in range(len(benefit)):
        gap = worth * cost[i] - benefit[i]
        probability = spread[i] / math.sqrt(gap) if gap > 1e-300 else 1.0
        probability = min(max(probability, floor[i]), 1.0)
        pi[i] = probability
        total += weight[i] * cost[i] * probability
    return total


@nb.njit(cache=True)  # type: ignore[untyped-decorator]
def solve(
    benefit: Floats, spread: Floats, floor: Floats, weight: Floats, cost: Floats,
    budget: float, low: float, high: float, pi: Floats,
) -> float:  # fmt: skip
    """Bisection on the worth of one more unit of budget; fills ``pi``, returns the worth.

    All arrays have shape (n,); ``spread`` already carries the square root of the price of
    variance. ``low`` must spend more than the budget and ``high`` less, or the floors rule.
    """
    worth = high
    for _ in range(200):
        worth = (low + high) / 2.0
        excess = _spent(benefit, spread, floor, weight, cost, worth, pi) - budget
        if abs(excess) < max(1e-7, 1e-10 * budget) or not low < worth < high:
            break
        if excess > 0.0:
            low = worth
        else:
            high = worth
    return worth
