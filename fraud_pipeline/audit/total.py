"""The total of an improper amount over one or many rounds, with an interval that holds.

Rounds are independent draws whose probabilities were fixed before the draw, so their
totals and variances add, although each plan was made with what earlier rounds taught.

What the model expected enters the draw and nothing else: an interval that leans on the
expected losses is a few per cent narrower while they are right and stops holding when they
are not (docs/audit.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fraud_pipeline.audit.interval import Interval, gamma_bounds, hajek_variance

Floats = np.ndarray


@dataclass(frozen=True)
class AuditSample:
    """The drawn claims of one round, arrays of shape (drawn,)."""

    pi: Floats
    size: Floats  # yuan claimed, or ones when claims are counted


def total_interval(
    rounds: Sequence[AuditSample], improper: Sequence[Floats], ceiling: float, confidence: float
) -> Interval:
    """The improper total of the rounds' lists, within [0, ``ceiling``].

    Horvitz-Thompson: a drawn claim represents 1 / pi claims. ``improper`` holds the improper
    size of each drawn claim, one array a round. The variance is the larger of that of a draw of
    fixed size and that of independent draws; the upper end takes one more improper claim
    for possible, of the mean weight that the size of the list lies at.
    """
    known = estimated = independent = fixed = weight = weight_squares = 0.0
    for sample, y in zip(rounds, improper, strict=True):
        uncertain = sample.pi < 1.0
        p = sample.pi[uncertain]
        x, stands_for = y[uncertain] / p, sample.size[uncertain] / p
        known += float(y[~uncertain].sum())
        estimated += float(x.sum())
        independent += float(((1.0 - p) * x**2).sum())
        fixed += hajek_variance(y[uncertain], p)
        weight += float(stands_for.sum())
        weight_squares += float((stands_for**2).sum())
    unseen = weight_squares / weight if weight > 0.0 else 0.0
    low, high = gamma_bounds(estimated, max(independent, fixed), unseen, confidence)
    total = min(known + estimated, ceiling)
    return Interval(total, min(known + low, total), min(known + high, ceiling))
