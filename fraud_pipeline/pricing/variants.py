"""Kinds of a service that no column names: prices that many institutions charge far above the middle.

A file without titles, or titles that cover two products, show a second mode of prices. It is told
apart from overpricing in two ways: it is narrow (as wide as the prices around the middle, while
excesses of overpriced claims differ), and all institutions have about the same share of it (while
overpricing comes in a few). What is found is part of what honest prices look like: who sells the
dear kind more than others do is still seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import poisson
from scipy.stats import t as student

MOST = 2  # kinds of a service, besides the plain one
STEP = 0.05  # of the places tried, in log price
REACH = 1.5  # spreads on either side of a place
NEAREST, NEAREST_SPREADS = 0.35, 3.0  # log ratio and spreads: nearer ones are in the spread
LEAST_SHARE = 0.05  # of the service's claims: overpricing is rarer where nothing concentrates it
LEAST_COMMON = 0.85  # of the claims at a place that are no institution's excess
LEAST_CLAIMS, LEAST_INSTITUTIONS = 5, 4  # institutions: or all that sell the service
SIGNIFICANCE, TIMES_EXPECTED = 1e-3, 2.0  # as many claims at a place if excesses lie anywhere
TIMES_SHARE = 2.0  # an institution counts up to so many times the common share, and one claim
ROUNDS = 20  # of the share and what institutions count up to


@dataclass(frozen=True)
class Variants:
    """By service, float64 (services, MOST): ``offset``, the log price above the middle, and
    ``share`` of the service's claims (0: no such kind)."""

    offset: np.ndarray
    share: np.ndarray

    def tail(self, residual: np.ndarray, spread: np.ndarray, freedom: float, service: np.ndarray) -> np.ndarray:  # fmt: skip
        """Probability that an honest price lies as far above the middle, float64 (n,)."""
        share, offset = self.share[service], self.offset[service]
        plain = student.sf(residual / spread, freedom)
        dear = student.sf((residual[:, None] - offset) / spread[:, None], freedom)
        return np.asarray((1.0 - share.sum(axis=1)) * plain + np.sum(share * dear, axis=1))


def find(
    residual: np.ndarray, spread: np.ndarray, freedom: float, service: np.ndarray,
    institution: np.ndarray, trusted: np.ndarray, highest: float,
) -> Variants:  # fmt: skip
    """The kinds of each service; ``residual`` (log ratio to the middle) up to ``highest`` counts.

    Claims that are not ``trusted`` (bool: suspected rings, claims found against) have no say.
    """
    n = int(service.max(initial=-1)) + 1
    offset, share = np.zeros((n, MOST)), np.zeros((n, MOST))
    order = np.flatnonzero(trusted)
    order = order[np.argsort(service[order], kind="stable")]
    for number, rows in enumerate(
        np.split(order, np.searchsorted(service[order], np.arange(1, n)))
    ):
        width = float(np.median(spread[rows])) if len(rows) else 0.0
        body = _Service(residual[rows], institution[rows], width, freedom, highest)
        for k in range(MOST):
            kind = body.next_kind()
            if kind is None:
                break
            offset[number, k], share[number, k] = kind
    return Variants(offset, share)


class _Service:
    """The prices of one service, from which one kind after another is taken away."""

    def __init__(self, residual: np.ndarray, institution: np.ndarray, spread: float,
                 freedom: float, highest: float):  # fmt: skip
        self.residual, self.spread, self.freedom = residual, spread, freedom
        self.institution = np.unique(institution, return_inverse=True)[1]
        self.claims = np.bincount(self.institution)
        self.highest = highest
        self.nearest = max(NEAREST, NEAREST_SPREADS * spread)
        self.left = (residual > self.nearest - REACH * spread) & (residual < highest)

    def next_kind(self) -> tuple[float, float] | None:
        """(offset, share) of the place that stands out most, None where none does."""
        best = None
        for start in np.arange(self.nearest, self.highest, STEP):
            near = self._near(float(start))
            if near.sum() < LEAST_CLAIMS:
                continue
            place = float(np.median(self.residual[near]))  # the edge of a tail is no place
            near = self._near(place)
            count, share, institutions = self._common(near)
            expected = self._expected(near, place)
            if not self._is_common(count, share, institutions, near.sum()) or (
                count < TIMES_EXPECTED * expected
            ):
                continue
            p_value = float(poisson.sf(np.ceil(count) - 1, expected))
            if best is None or p_value < best[0]:
                best = (p_value, place, share, near)
        if best is None or best[0] > SIGNIFICANCE:
            return None
        self.left = self.left & ~best[3]
        return best[1], best[2]

    def _near(self, place: float) -> np.ndarray:
        return np.asarray(self.left & (np.abs(self.residual - place) <= REACH * self.spread))

    def _is_common(self, count: float, share: float, institutions: int, claims: int) -> bool:
        return (
            count >= max(LEAST_CLAIMS, LEAST_COMMON * claims)
            and institutions >= max(2, min(LEAST_INSTITUTIONS, len(self.claims)))
            and share >= LEAST_SHARE
        )

    def _expected(self, near: np.ndarray, place: float) -> float:
        """Claims at a place from the tail of the plain kind and from excesses that lie anywhere."""
        low, high = place - REACH * self.spread, place + REACH * self.spread
        tails = student.sf(np.array([low, high]) / self.spread, self.freedom)
        elsewhere = self.left & ~near & (self.residual > self.nearest)
        room = max(self.highest - self.nearest - (high - low), high - low)
        return float(
            len(self.residual) * (tails[0] - tails[1]) + elsewhere.sum() * (high - low) / room
        )

    def _common(self, near: np.ndarray) -> tuple[float, float, int]:
        """Claims, their share and institutions, none counted for more than its part."""
        each = np.bincount(self.institution[near], minlength=len(self.claims)).astype(float)
        counted = each
        for _ in range(ROUNDS):
            share = counted.sum() / max(self.claims.sum(), 1)
            counted = np.minimum(each, TIMES_SHARE * share * self.claims + 1.0)
        return float(counted.sum()), float(counted.sum() / self.claims.sum()), int((each > 0).sum())
