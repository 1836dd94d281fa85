"""The price of precision: how much money a plan gives up to know the rate better."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from fraud_pipeline.audit.allocation import GREEDIEST, SMOOTHEST, HalfWidths, Problem
from fraud_pipeline.settings import AuditSettings

# Both of the target. The search works on a thinned list without enterprise strata, so what it
# promises must be a little better than what was asked for. It aims at less than that where the
# price allows: regions, kinds and half-years are read from parts of the same draws.
_PROMISED, _AIM = 0.97, 0.58


@dataclass(frozen=True)
class Precision:
    """What a plan can promise about the rate it will find."""

    mu: float
    widths: HalfWidths  # planned
    met: bool  # both are as narrow as was asked
    budget_needed: int | None = None  # only when not met
    best_half_width: float | None = None  # then: the best of this budget at any price


def wanted_half_width(settings: AuditSettings) -> float:
    """Of one list: rounds are independent, so a year of k is sqrt(k) times as precise."""
    return settings.target_half_width * math.sqrt(settings.rounds_per_year)


def choose_precision(problem: Problem, n: int, settings: AuditSettings) -> Precision:
    """The design that knows both rates best for at most the price, and what it can promise.

    At most ``precision_price`` of the expected recovery is given up, and nothing where the
    top of the list is precise enough; a target that would take more is refused, with the
    budget at which it could be had.
    """
    small = problem.thinned()
    recovery_price = price_of(small, n, settings)
    if recovery_price.met:
        return recovery_price
    needed = _budget_needed(small, n, len(problem.benefit), settings)
    any_price = settings.model_copy(update={"precision_price": 1.0})
    best = price_of(small, n, any_price).widths.larger
    return replace(recovery_price, budget_needed=needed, best_half_width=best)


def price_of(problem: Problem, n: float, settings: AuditSettings) -> Precision:
    """The price of variance alone, by bisection on log mu: width and money both fall as mu grows."""

    def expected(mu: float) -> tuple[HalfWidths, float]:
        pi = problem.probabilities(n, mu)
        return problem.half_widths(pi, settings.confidence), problem.money(pi)

    wanted = wanted_half_width(settings)
    widths, most = expected(GREEDIEST)
    if widths.larger <= _AIM * wanted:
        return Precision(GREEDIEST, widths, True)
    least = (1.0 - settings.precision_price) * most
    low, high = np.log(GREEDIEST), np.log(SMOOTHEST)
    for _ in range(25):
        middle = (low + high) / 2.0
        widths, money = expected(float(np.exp(middle)))
        enough = widths.larger <= _AIM * wanted or money < least
        low, high = (low, middle) if enough else (middle, high)
    mu = float(np.exp(low))
    widths, _ = expected(mu)
    return Precision(mu, widths, widths.larger <= _PROMISED * wanted)


def _budget_needed(small: Problem, n: int, n_claims: int, settings: AuditSettings) -> int:
    """The least budget at which the same policy reaches the wanted half-width.

    Floors grow with the budget, as they do in a plan. With everything audited
    there is no sampling error, so some budget always does.
    """
    low, high = n, n_claims
    while high - low > max(1, n_claims // 1000):
        middle = (low + high) // 2
        floor = np.minimum(small.floor * (middle / n), 1.0)
        met = price_of(replace(small, floor=floor), middle, settings).met
        low, high = (low, middle) if met else (middle, high)
    return high
