"""The total of an improper amount over one or many rounds, with an interval that holds.

Rounds are independent draws whose probabilities were fixed before the draw, so their
totals and variances add, although each plan was made with what earlier rounds taught.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fraud_pipeline.audit.interval import Interval, gamma_bounds, hajek_variance

Floats = np.ndarray


@dataclass(frozen=True)
class AuditSample:
    """One round: arrays of shape (drawn,), and sums over all claims of its frame.

    ``expected`` and ``planned_variance`` are of the claims that are not certain:
    the sum of expected losses, and sum of (1 / pi - 1) x expected loss x amount, the
    variance to be foreseen if improper claims are wholly so.
    """

    pi: Floats
    amount: Floats  # yuan, or ones when claims are counted
    loss: Floats  # expected before the draw
    expected: float
    planned_variance: float


@dataclass(frozen=True)
class Parts:
    """Sums over rounds that bounds are made of."""

    known: float  # found among certain claims
    estimated: float  # estimated among the others
    low_variance: float
    high_variance: float
    unseen: float  # what one more improper claim among the others would weigh


def ht_parts(rounds: list[AuditSample], improper: list[Floats]) -> Parts:
    """Horvitz-Thompson: every drawn claim represents 1 / pi claims.

    The variance of the lower end may fall to three quarters of what the sample shows,
    that of the upper end is never below it: see ``_variances``.
    """
    known = estimated = poisson = fixed = planned = 0.0
    for sample, y in zip(rounds, improper, strict=True):
        open_ = sample.pi < 1.0
        x, p = y[open_] / sample.pi[open_], sample.pi[open_]
        known += float(y[~open_].sum())
        estimated += float(x.sum())
        poisson += float(((1.0 - p) * x**2).sum())
        fixed += hajek_variance(y[open_], p)
        planned += sample.planned_variance
    sampling_variance = max(poisson, fixed)
    return Parts(known, estimated, *_variances(sampling_variance, planned), _unseen(rounds))


def difference_parts(rounds: list[AuditSample], improper: list[Floats]) -> Parts:
    """Difference estimator: expected losses of all, corrected by what the drawn reveal.

    Unbiased for any model, like prediction-powered inference with known probabilities.
    """
    base = ht_parts(rounds, improper)
    known = estimated = fixed = 0.0
    for sample, y in zip(rounds, improper, strict=True):
        open_ = sample.pi < 1.0
        error, p = (y - sample.loss)[open_], sample.pi[open_]
        known += float(y[~open_].sum())
        estimated += sample.expected + float((error / p).sum())
        fixed += hajek_variance(error, p)
    planned = sum(sample.planned_variance for sample in rounds)
    return Parts(known, max(estimated, 0.0), *_variances(fixed, planned), base.unseen)


# Tuned over made-up worlds (docs/audit.md), reported on others.
_LEAST = 0.75  # of the estimated variance is kept at the lower end even when less was planned
_BLIND = 0.02  # an improper claim may lie where nothing is expected: this share of the amount
_UNSEEN = 0.75  # of the unseen error's weight


def _variances(sampling_variance: float, planned: float) -> tuple[float, float]:
    """Of the lower and the upper end: few findings say little about their own spread.

    A sample that missed the heavy errors shows too little variance together with too
    small a total, and one that hit them too much of both; the mean with the variance
    planned before the draw, which knows neither, pulls both back.
    """
    mean = (sampling_variance + planned) / 2.0
    return max(_LEAST * sampling_variance, mean), max(sampling_variance, mean)


def _unseen(rounds: list[AuditSample]) -> float:
    """The mean weight amount / pi, taken where improper money is expected."""
    above = below = 0.0
    for sample in rounds:
        open_ = sample.pi < 1.0
        a, p = sample.amount[open_], sample.pi[open_]
        expected_loss_share = (sample.loss[open_] + _BLIND * a) / p
        above += float((expected_loss_share * a / p).sum())
        below += float(expected_loss_share.sum())
    return _UNSEEN * above / below if below > 0.0 else 0.0


def bounded(parts: Parts, ceiling: float, confidence: float) -> Interval:
    """The total with its gamma interval, within [0, ceiling]."""
    low, _ = gamma_bounds(parts.estimated, parts.low_variance, parts.unseen, confidence)
    _, high = gamma_bounds(parts.estimated, parts.high_variance, parts.unseen, confidence)
    total = min(parts.known + parts.estimated, ceiling)
    low, high = (
        min(parts.known + low, total),
        min(parts.known + max(high, parts.estimated), ceiling),
    )
    return Interval(total, low, high)
