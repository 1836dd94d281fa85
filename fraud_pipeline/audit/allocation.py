"""How likely each claim is to be audited: most money, subject to budget and floors.

    maximise  sum pi_i f_i    f_i the expected loss of claim i
    subject   sum pi_i = n,  l_i <= pi_i <= 1,  sum s_i^2 (1/pi_i - 1) <= V

The Karush-Kuhn-Tucker conditions give pi_i = s_i sqrt(mu / (lambda - f_i)), cut to
[l_i, 1] and 1 where f_i >= lambda: lambda is the worth of one more audit, mu the money
paid for a unit of variance. mu near 0 is "the top of the list, and a floor for all";
a large mu is Neyman's allocation. That one draw can chase reward and estimate without
bias is the idea of Henderson et al. 2023 (optimise-and-estimate structured bandits).

V is the sum of two variances, because two rates are to be known: the improper share of the
money and the improper share of the claims. A plan that looks at the money alone leaves the
many small claims to the floor, and one improper claim among them then moves the share of
claims by whole points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fraud_pipeline.audit.interval import gamma_bounds
from fraud_pipeline.audit.kernel import Terms, solve

Floats = np.ndarray

GREEDIEST, SMOOTHEST = 1e-6, 1e6  # range of mu in units where mean f and mean s^2 are 1
_LARGEST_EXACT = 20_000  # above this size the price of precision is found on a thinned problem


@dataclass(frozen=True)
class Rate:
    """A share that the audits are to measure: improper size over all size, arrays (n,)."""

    size: Floats  # yuan claimed, or 1 for each claim
    improper: Floats  # of the size, as expected
    spread: Floats  # standard deviation of (improper size - rate x size)

    def part(self, members: np.ndarray) -> Rate:
        return Rate(self.size[members], self.improper[members], self.spread[members])


@dataclass(frozen=True)
class Rates:
    """The two rates of a list."""

    money: Rate
    claims: Rate

    def spread(self) -> Floats:
        """What a claim adds to the variance of both rates, as a standard deviation, (n,)."""
        return np.hypot(self.money.spread / max(float(self.money.size.sum()), 1e-9),
                        self.claims.spread / max(len(self.claims.size), 1))  # fmt: skip

    def part(self, members: np.ndarray) -> Rates:
        return Rates(self.money.part(members), self.claims.part(members))


class HalfWidths(NamedTuple):
    """Half the planned 95 % (or as set) intervals of both rates, in [0, 1]."""

    money: float
    claims: float

    @property
    def larger(self) -> float:
        return max(self)


@dataclass(frozen=True)
class Problem:
    """Arrays of shape (n,); a row stands for ``weight`` claims.

    ``benefit`` and ``spread`` are in units of their means, so that mu means the same at
    any size; ``loss_unit`` takes the benefit back to yuan.
    """

    benefit: Floats
    spread: Floats
    floor: Floats
    rates: Rates
    weight: Floats
    cost: Floats  # of one audit, in the unit of the budget; ones when it counts audits
    loss_unit: float

    @staticmethod
    def of(loss: Floats, floor: Floats, rates: Rates) -> Problem:
        """From yuan. Zero spreads are lifted: without loss and spread no probability is best."""
        loss_unit = float(loss.mean()) or 1.0
        spread = rates.spread()
        unit = float(np.sqrt(np.mean(spread**2))) or 1.0
        lifted = np.maximum(spread / unit, 1e-2)
        ones = np.ones(len(loss))
        return Problem(loss / loss_unit, lifted, floor, rates, ones, ones, loss_unit)

    def part(self, members: np.ndarray, weight: Floats | None = None) -> Problem:
        """The same problem for some rows only, in the same units."""
        return Problem(
            self.benefit[members], self.spread[members], self.floor[members],
            self.rates.part(members), self.weight[members] if weight is None else weight,
            self.cost[members], self.loss_unit,
        )  # fmt: skip

    def probabilities(self, n: float, mu: float) -> Floats:
        """Probabilities that cost ``n`` in all (weighted), found by bisection on lambda."""
        spread = self.spread * np.sqrt(mu)
        low = float((self.benefit / self.cost).min())
        high = float(((self.benefit + (spread / self.floor) ** 2) / self.cost).max())
        pi = np.empty(len(spread))
        terms = Terms(self.benefit, spread, self.floor, self.weight, self.cost)
        solve(terms, float(n), low, high, pi)
        return pi

    def money(self, pi: Floats) -> float:
        """Expected recovery in yuan."""
        return float(self.weight @ (self.benefit * pi)) * self.loss_unit

    def half_widths(self, pi: Floats, confidence: float) -> HalfWidths:
        """The half-widths that the intervals will have if the losses are as expected.

        The interval is the one of :mod:`fraud_pipeline.audit.interval`, fed with planned
        instead of found figures.
        """
        return HalfWidths(*(self._half_width(rate, pi, confidence)
                            for rate in (self.rates.money, self.rates.claims)))  # fmt: skip

    def _half_width(self, rate: Rate, pi: Floats, confidence: float) -> float:
        total = float(self.weight @ rate.size)
        uncertain = pi < 1.0
        weight, probability = self.weight[uncertain], pi[uncertain]
        if total <= 0.0 or not uncertain.any():
            return 0.0
        variance = float(weight @ (rate.spread[uncertain] ** 2 * (1.0 / probability - 1.0)))
        expected, size = float(weight @ rate.improper[uncertain]), rate.size[uncertain]
        unseen = float(weight @ (size**2 / probability)) / max(float(weight @ size), 1e-9)
        low, high = gamma_bounds(expected, variance, unseen, confidence)
        return min((high - low) / 2.0 / total, 1.0)

    def thinned(self) -> Problem:
        """A smaller problem with nearly the same answer: the top exactly, the rest thinned.

        Every k-th of the rest in the order of spread stands for k claims.
        """
        n = len(self.benefit)
        if n <= _LARGEST_EXACT:
            return self
        order = np.argsort(-self.benefit, kind="stable")
        top, rest = order[: _LARGEST_EXACT // 4], order[_LARGEST_EXACT // 4 :]
        step = max(len(rest) // (_LARGEST_EXACT // 2), 1)
        thin = rest[np.argsort(self.spread[rest], kind="stable")][step // 2 :: step]
        weight = np.concatenate([np.ones(len(top)), np.full(len(thin), len(rest) / len(thin))])
        return self.part(np.concatenate([top, thin]), weight)
