"""The total of an improper amount over one or many rounds, with an interval that holds.

Rounds are independent draws whose probabilities were fixed before the draw, so their
totals and variances add, although each plan was made with what earlier rounds taught.

The estimate is a difference estimator (prediction-powered inference with known inclusion
probabilities): what the model expected of the whole list, times a slope, and what the drawn
claims differ from that, each standing for 1 / pi claims. The slope is fitted on other draws
than those it is used on, so a model that says nothing gets a slope near 0 and changes nothing.
The rule is fixed before any verdict is known.

The interval is a gamma interval (Fay and Feuer 1997). Its variance is taken from the draws,
and steadied by the list: an audit finds few improper claims in the part that chance draws, so the
weight of one of them is a mean of the weights found and of the mean weight of the list. One
more improper claim of that weight is taken for possible where nothing was found, half of one where
much was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from fraud_pipeline.audit.interval import Interval, hajek_variance

Floats = np.ndarray

# As many found claims the mean weight of the list counts for. Assumption; the coverage with a model as
# it is, shuffled and certain of everything is measured by `python -m benchmarks.audit_abroad`.
_PRIOR_FINDS = 6.0
_FOLDS = 5
_LEAST_DRAWS = 30  # below this no slope is fitted
_MOST_SLOPE = 2.0


@dataclass(frozen=True)
class AuditSample:
    """The drawn claims of one round, arrays of shape (drawn,), and the list they stand for.

    ``expected_total``, ``size_total`` and ``weight_total`` are sums over the claims of the list that
    are not certain: of the expected improper size, of the size, and of size^2 (1 / pi - 1).
    """

    pi: Floats
    size: Floats  # yuan claimed, or ones when claims are counted
    expected: Floats  # improper size, as the model expects
    expected_total: float
    size_total: float
    weight_total: float

    @staticmethod
    def of(pi: Floats, size: Floats, expected: Floats, rows: np.ndarray) -> AuditSample:
        """From arrays over all claims of a list, shape (n,), and the row numbers of the drawn (``rows``)."""
        open_ = pi < 1.0
        weight = size[open_] ** 2 * (1.0 / pi[open_] - 1.0)
        return AuditSample(
            pi[rows], size[rows], expected[rows], float(expected[open_].sum()),
            float(size[open_].sum()), float(weight.sum()),
        )  # fmt: skip

    @property
    def open(self) -> np.ndarray:
        """The drawn claims that were not certain, bool of shape (drawn,)."""
        return np.asarray(self.pi < 1.0)


def total_interval(
    rounds: Sequence[AuditSample], improper: Sequence[Floats], ceiling: float, confidence: float,
    slope: Floats | None = None,
) -> Interval:  # fmt: skip
    """The improper total of the rounds' lists, within [what was found, ``ceiling``].

    ``improper`` holds the improper size of each drawn claim, one array a round; ``slope`` what
    :func:`slopes` gave for the whole lists where the rounds are a part of them, so that parts add
    up. The variance is the larger of that of a draw of fixed size and that of independent draws.
    """
    if slope is None:
        slope = slopes(rounds, improper)
    known = sum(float(y[~r.open].sum()) for r, y in zip(rounds, improper, strict=True))
    improper_sizes = [y[r.open] for r, y in zip(rounds, improper, strict=True)]
    pi = [r.pi[r.open] for r in rounds]
    expected = [r.expected[r.open] for r in rounds]
    by_round = np.split(slope, np.cumsum([len(p) for p in pi])[:-1])
    rest = [y - b * f for y, b, f in zip(improper_sizes, by_round, expected, strict=True)]
    estimated, variance = _weighted(improper_sizes, pi)
    corrected, narrowed = _weighted(rest, pi)
    if len(slope):
        corrected += float(slope.mean()) * sum(r.expected_total for r in rounds)
    shrunk = _PRIOR_FINDS / (_finds(improper_sizes, pi) + _PRIOR_FINDS)
    low, high = _bounds(estimated, variance, shrunk, _list_weight(rounds), confidence)
    ratio = float(np.sqrt(_gain(narrowed, variance, shrunk)))
    least = known + sum(float(y.sum()) for y in improper_sizes)

    def within(value: float) -> float:
        return min(max(known + value, least), ceiling)

    return Interval(
        within(corrected),
        within(corrected - ratio * (estimated - low)),
        within(corrected + ratio * (high - estimated)),
    )


def slopes(rounds: Sequence[AuditSample], improper: Sequence[Floats]) -> Floats:
    """For each draw that was not certain the slope of the least variance, in [0, 2].

    Fitted on the other folds; 0 where the draws are too few for one.
    """
    pi, expected = (
        np.concatenate([values[r.open] for r, values in pairs])
        for pairs in ([(r, r.pi) for r in rounds], [(r, r.expected) for r in rounds])
    )
    improper_sizes = np.concatenate([y[r.open] for r, y in zip(rounds, improper, strict=True)])
    if len(pi) < _LEAST_DRAWS:
        return np.zeros(len(pi))
    weight = (1.0 - pi) / pi**2
    fold = np.arange(len(pi)) % _FOLDS
    both, square = (
        np.bincount(fold, weight * expected * x, _FOLDS) for x in (improper_sizes, expected)
    )
    slope = (both.sum() - both) / np.maximum(square.sum() - square, 1e-12)
    return np.asarray(np.clip(slope, 0.0, _MOST_SLOPE)[fold])


def _weighted(values: Sequence[Floats], pi: Sequence[Floats]) -> tuple[float, float]:
    """The Horvitz-Thompson total over the rounds and its variance."""
    total = independent = fixed = 0.0
    for y, p in zip(values, pi, strict=True):
        x = y / p
        total += float(x.sum())
        independent += float(((1.0 - p) * x**2).sum())
        fixed += hajek_variance(y, p)
    return total, max(independent, fixed)


def _finds(improper_sizes: Sequence[Floats], pi: Sequence[Floats]) -> float:
    """How many equal finds weigh as much as the found ones (Kish's effective number)."""
    x = np.concatenate([y / p for y, p in zip(improper_sizes, pi, strict=True)])
    squares = float((x**2).sum())
    return float(x.sum()) ** 2 / squares if squares > 0.0 else 0.0


def _list_weight(rounds: Sequence[AuditSample]) -> float:
    """The mean weight of a find, if what is improper lay where the size of the lists lies."""
    size = sum(r.size_total for r in rounds)
    return sum(r.weight_total for r in rounds) / size if size > 0.0 else 0.0


def _gain(narrowed: float, variance: float, shrunk: float) -> float:
    """What the slope leaves of the variance; after few finds little of a gain is believed."""
    return (1.0 - shrunk) * narrowed / variance + shrunk if variance > 0.0 else 1.0


def _bounds(
    total: float, variance: float, shrunk: float, list_weight: float, confidence: float
) -> tuple[float, float]:
    """Gamma bounds of a total whose finds have the steadied weight."""
    of_draws = variance / total if total > 0.0 else 0.0
    weight = (1.0 - shrunk) * of_draws + shrunk * list_weight
    if weight <= 0.0:
        return total, total
    tail, unseen = (1.0 - confidence) / 2.0, (1.0 + shrunk) / 2.0
    low = weight * gammaincinv(total / weight, tail) if total > 0.0 else 0.0
    return float(low), float(weight * gammaincinv(total / weight + unseen, 1.0 - tail))
