"""The market of each claim: quartiles of narrow groups, shrunk towards wider ones.

From the widest group (same service and unit) over region and institution category
to the narrowest, each level is a weighted mean of its own median and the level
above, and its spread sqrt((n s² + n0 s0²) / (n + n0)): a group of three claims
hardly moves what three hundred say. Medians and interquartile spreads, because the
overpriced claims looked for are among the data. The catalogue stands above all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from fraud_pipeline.pricing.parameters import PricingParameters
from fraud_pipeline.pricing.peers import Peers, Side, leave_out_quantiles

IQR_TO_SD = 1.349  # of a normal distribution
TENTH_TO_SD = 1.2816  # from the tenth to the median of a normal distribution
IQR_EFFICIENCY = 0.37  # of the interquartile range against the standard deviation
FAT_TAILS = 1.06
MEDIAN_VARIANCE = np.pi / 2  # of a median of n, in units of s²/n


@dataclass(frozen=True)
class Prior:
    """A catalogue's log reference price and spread for each claim; NaN where it has none."""

    middle: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True)
class Market:
    """For each claim, in log yuan: middle, predictive spread, degrees of freedom.

    ``n`` counts peers in the widest group, ``n_narrow`` in the narrowest one that
    has any, ``level`` which that is (0 = widest); ``judged`` whether that suffices;
    ``doubt`` how much wider the spread is than among the prices themselves, because the
    middle is itself an estimate.
    """

    middle: np.ndarray
    spread: np.ndarray
    freedom: np.ndarray
    n: np.ndarray
    n_institutions: np.ndarray
    n_narrow: np.ndarray
    level: np.ndarray
    is_judged: np.ndarray
    doubt: np.ndarray

    def high(self, confidence: float, side: int = 1) -> np.ndarray:
        """Log price at the upper (side 1) or lower (-1) end of the central ``confidence``."""
        reach = student.ppf(0.5 + confidence / 2, self.freedom)
        return np.asarray(self.middle + side * reach * self.spread)

    def too_dear(self, value: np.ndarray) -> np.ndarray:
        """One-sided p-values: how often an honest price would be as high or higher."""
        return np.asarray(student.sf((value - self.middle) / self.spread, self.freedom))


def form_market(
    levels: list[np.ndarray],
    value: np.ndarray,
    side: Side,
    prior: Prior,
    settings: PricingParameters,
) -> Market:
    """The market of every claim; ``levels`` are group codes, widest first, each int64 (n,)."""
    n_rows = len(value)
    spread_prior = np.where(np.isnan(prior.spread), settings.prior_spread, prior.spread)
    weight = np.where(np.isnan(prior.middle), 0.0, settings.catalogue_claims)
    middle, spread, above_n = prior.middle, spread_prior, np.zeros(n_rows, dtype=np.int64)
    narrow_n, level_of = np.zeros(n_rows, dtype=np.int64), np.zeros(n_rows, dtype=np.int64)
    effective = np.zeros(n_rows)
    widest = peers = leave_out_quantiles(levels[0], value, side)
    grouped = levels[0]
    for number, codes in enumerate(levels):
        if not _same_groups(codes, grouped):
            peers, grouped = leave_out_quantiles(codes, value, side), codes
        fresh = (peers.n > 0) & ((peers.n != above_n) | (number == 0))
        n = peers.n_effective
        own = spread_of(peers)
        pull = weight if number == 0 else np.full(n_rows, settings.shrink_claims)
        wide_middle = np.where(np.isnan(middle), peers.middle, middle)
        mixed = (n * peers.middle + pull * wide_middle) / np.maximum(n + pull, 1.0)
        n0 = settings.shrink_spread_claims
        variance = (n * own**2 + n0 * spread**2) / (n + n0)
        middle = np.where(fresh, mixed, middle)
        spread = np.where(fresh, np.sqrt(variance), spread)
        above_n = peers.n
        narrow_n = np.where(peers.n > 0, peers.n, narrow_n)
        effective = np.where(peers.n > 0, n, effective)
        level_of = np.where(fresh, number, level_of)
    return _predictive(middle, spread, weight, widest, narrow_n, effective, level_of, settings)


def _same_groups(left: np.ndarray, right: np.ndarray) -> bool:
    """Whether two group codes part the claims alike, under whatever names."""
    n_left, n_right = len(np.unique(left)), len(np.unique(right))
    if n_left != n_right:
        return False
    both = left * (1 + int(right.max(initial=0))) + right
    return len(np.unique(both)) == n_left


def spread_of(peers: Peers) -> np.ndarray:
    """A standard deviation of log prices from quantiles, the mean of two.

    The quartiles, and the lower tail: prices are too dear far more often than too cheap,
    so the tenth below the median tells how far honest prices stray, also where many
    stick to a list and the quartiles lie close together. Both a little widened, because
    a mixture of institutions and lists has fatter tails than its middle shows.
    """
    quartiles = (peers.upper - peers.lower) / IQR_TO_SD
    return np.asarray(FAT_TAILS * 0.5 * (quartiles + (peers.middle - peers.tenth) / TENTH_TO_SD))


def _predictive(
    middle: np.ndarray, spread: np.ndarray, weight: np.ndarray, widest: Peers,
    narrow_n: np.ndarray, effective: np.ndarray, level: np.ndarray, settings: PricingParameters,
) -> Market:  # fmt: skip
    enough = (widest.n >= settings.min_comparables) & (
        widest.n_institutions >= settings.min_institutions
    )
    # what stands behind the estimate: own claims, at most n0 borrowed, and the catalogue
    borrowed = np.minimum(settings.shrink_claims, widest.n - narrow_n)
    behind = np.maximum(effective + borrowed + weight, 1.0)
    spread = np.maximum(spread, settings.min_spread)
    doubt = np.sqrt(1.0 + MEDIAN_VARIANCE / behind)
    return Market(
        middle=middle,
        spread=spread * doubt,
        freedom=np.minimum(
            2.0 + IQR_EFFICIENCY * (behind + settings.shrink_claims), settings.most_freedom
        ),
        n=widest.n,
        n_institutions=widest.n_institutions,
        n_narrow=narrow_n,
        level=level,
        is_judged=enough | (weight > 0),
        doubt=doubt,
    )
