"""What a budget of audits can buy: money recovered against how well the rates become known.

Every price of variance (mu of :mod:`fraud_pipeline.audit.allocation`) gives the best plan of its
kind: no plan with the same audits and floors recovers more and knows the rates better. Their
expected recoveries and planned half-widths form a frontier; the chosen plan is one point of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fraud_pipeline.audit.allocation import Problem, Rate, Rates

# Prices of variance, in units where the mean loss and the mean squared spread are 1: from the top
# of the list with a floor for all to an allocation for the rates alone.
_PRICES = np.logspace(-6.0, 1.0, 15)
_LEAST_GAIN = 1e-4  # in half-width; points that are narrower by less are left out


@dataclass(frozen=True)
class FrontierPoint:
    """One way to spend the same audits.

    ``recovery``: expected, in yuan. ``kept_share``: of what the top of the list would recover.
    ``half_width``: planned, the larger of the two rates, in [0, 1]. ``unranked_half_width``: the
    same if the ranking knew nothing and every claim were as risky as the average.
    """

    recovery: float
    kept_share: float
    half_width: float
    unranked_half_width: float
    chosen: bool = False

    @property
    def figures(self) -> dict[str, float | bool]:
        """For plan.json."""
        return {
            "recovery_amount": round(self.recovery, 2), "kept_of_top_share": self.kept_share,
            "half_width": self.half_width, "unranked_half_width": self.unranked_half_width,
            "chosen": self.chosen,
        }  # fmt: skip


def frontier(problem: Problem, n: int, chosen_mu: float, confidence: float) -> list[FrontierPoint]:
    """The points from most money to most precision, the chosen one among them."""
    first = np.partition(problem.benefit, len(problem.benefit) - n)[len(problem.benefit) - n :]
    top = float(first.sum()) * problem.loss_unit
    small = problem.thinned()
    blind = replace(problem, rates=_unranked(problem.rates)).thinned()

    def point(mu: float, *, chosen: bool) -> FrontierPoint:
        pi = small.probabilities(n, mu)
        money = small.money(pi)
        width, unranked_width = (p.half_widths(pi, confidence).larger for p in (small, blind))
        share = money / top if top > 0 else 1.0
        return FrontierPoint(money, share, width, unranked_width, chosen)

    chosen = point(chosen_mu, chosen=True)
    points = [point(float(mu), chosen=False) for mu in _PRICES]
    before = [p for p in points if p.recovery > chosen.recovery]
    after = [p for p in points if p.recovery < chosen.recovery]
    return _narrowing([*before, chosen, *after])


def _unranked(rates: Rates) -> Rates:
    """The same two rates with every claim as risky as the average.

    A claim is improper with the same chance q and then to the same share, so that the spread
    of (improper size - rate x size) is rate x size x sqrt(1 / q - 1).
    """
    of_money, of_claims = (
        float(r.improper.sum()) / max(float(r.size.sum()), 1e-9)
        for r in (rates.money, rates.claims)
    )
    probability = max(of_money, of_claims, 1e-9)
    return Rates(
        _even(rates.money, of_money, probability), _even(rates.claims, of_claims, probability)
    )


def _even(rate: Rate, share: float, probability: float) -> Rate:
    spread = share * np.sqrt(max(1.0 / probability - 1.0, 0.0))
    return Rate(rate.size, share * rate.size, spread * rate.size)


def _narrowing(points: list[FrontierPoint]) -> list[FrontierPoint]:
    """Those that buy precision with the money that they give up; the chosen one always."""
    at = next(i for i, p in enumerate(points) if p.chosen)
    wider, narrower = _monotone(points[at::-1], 1.0), _monotone(points[at:], -1.0)
    return [*wider[:0:-1], *narrower]


def _monotone(points: Sequence[FrontierPoint], sign: float) -> list[FrontierPoint]:
    """The first point, then each whose half-width grows (``sign`` 1) or shrinks (-1)."""
    selected = [points[0]]
    for p in points[1:]:
        if sign * (p.half_width - selected[-1].half_width) > _LEAST_GAIN:
            selected.append(p)
    return selected


def yuan_per_tenth(points: Sequence[FrontierPoint]) -> float | None:
    """Expected recovery given up for a tenth of a point more precision than chosen; None at the end."""
    at = next((i for i, p in enumerate(points) if p.chosen), len(points))
    if at + 1 >= len(points):
        return None
    chosen, next_ = points[at], points[at + 1]
    return (chosen.recovery - next_.recovery) / (chosen.half_width - next_.half_width) / 1000.0
