"""A rate from an unequal-probability sample, with an interval that holds at small counts.

The normal interval fails where money is chased: the errors that carry most weight are
the ones a sample most easily misses, so it covers 65 to 90 % instead of 95 % in small
audits. The gamma interval (Fay and Feuer 1997, for weighted sums of Poisson counts)
takes one more, unseen, error into its upper end. Fay and Feuer give it the largest
weight there is, which is wide; Tiwari, Clegg and Zou 2006 the mean weight, which proved
too short for heavy-tailed amounts. Here it lies where the population's money lies: the
mean weight, weighted by what each drawn claim stands for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

Floats = np.ndarray


@dataclass(frozen=True)
class Interval:
    """Estimate with lower and upper end."""

    estimate: float
    low: float
    high: float

    def times(self, factor: float) -> Interval:
        return Interval(self.estimate * factor, self.low * factor, self.high * factor)


def gamma_bounds(
    total: float, variance: float, unseen: float, confidence: float
) -> tuple[float, float]:
    """Bounds of a non-negative total with this variance; ``unseen`` weighs one more error."""
    tail = (1.0 - confidence) / 2.0
    low = total
    if variance > 0.0:
        low = variance / total * gammaincinv(total**2 / variance, tail) if total > 0.0 else 0.0
    more, spread = total + unseen, variance + unseen**2
    high = spread / more * gammaincinv(more**2 / spread, 1.0 - tail) if spread > 0.0 else total
    return float(low), float(high)


def hajek_variance(value: Floats, pi: Floats) -> float:
    """Variance of sum(value / pi) under a high-entropy design of fixed size (Hajek 1964)."""
    m = len(pi)
    if m < 2:
        return 0.0
    c = (1.0 - pi) * m / (m - 1)
    x = value / pi
    return float(c @ (x - (c @ x) / c.sum()) ** 2)


def rate_interval(improper: Floats, size: Floats, pi: Floats, confidence: float) -> Interval:
    """Share of ``size`` that is improper in the population, from the drawn claims.

    Shapes (m,): ``improper`` between 0 and ``size``; ``pi`` first-order inclusion
    probabilities. The ratio of two Horvitz-Thompson totals; certain claims count in
    both and carry no variance. The variance is the larger of the fixed-size one of
    the residuals and the Poisson one, which does not vanish with the residuals.
    """
    open_ = pi < 1.0
    known, whole = float(improper[~open_].sum()), float(size[~open_].sum())
    y, a, p = improper[open_], size[open_], pi[open_]
    improper_weight, total_weight = float((y / p).sum()), float((a / p).sum())
    total = whole + total_weight
    if total <= 0.0:
        return Interval(0.0, 0.0, 1.0)
    rate = (known + improper_weight) / total
    poisson = float(((1.0 - p) * (y / p) ** 2).sum())
    variance = max(hajek_variance(y - rate * a, p), poisson)
    unseen = float(((a / p) ** 2).sum()) / total_weight if total_weight > 0.0 else 0.0
    low, high = gamma_bounds(improper_weight, variance, unseen, confidence)
    return Interval(rate, (known + low) / total, min((known + high) / total, 1.0))
