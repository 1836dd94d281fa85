"""How many claims to draw and how many enterprises that must reach, or why it cannot be."""

from __future__ import annotations

import math
from fractions import Fraction

from fraud_pipeline.audit.floors import floors_of, least_audits
from fraud_pipeline.audit.population import Population
from fraud_pipeline.errors import InputError
from fraud_pipeline.settings import AuditSettings


def enterprises_to_cover(n_enterprises: int, share: float | None) -> int:
    """The least whole number of enterprises that is at least ``share`` of them.

    >>> enterprises_to_cover(472, 0.10)
    48
    """
    if share is None:
        return 0
    if not 0.0 <= share <= 1.0:
        raise InputError(f"the share of enterprises to cover must be in [0, 1], not {share}")
    # 0.07 x 100 is 7.000000000000001 in binary; the written number is what is meant
    return math.ceil(Fraction(str(share)) * n_enterprises)


def audits_for(
    claims: Population, settings: AuditSettings, budget: int | None, covered: int
) -> int:
    """Claims to draw so that ``covered`` enterprises can be guaranteed.

    Raises InputError when the budget is below 1, above the list, or too small
    for the enterprises or the mandatory claims asked for, with the one it takes.
    """
    n = len(claims)
    if n == 0:
        return 0
    if budget is None:
        usual = math.floor(Fraction(str(settings.budget_share)) * n + Fraction(1, 2))
        return _enough(claims, settings, max(usual, 1), covered)
    if budget < 1:
        raise InputError(f"the audit budget must be at least 1 claim, not {budget}")
    if budget > n:
        raise InputError(f"an audit of {budget} claims was asked for, but only {n} are on the list")
    needed = _enough(claims, settings, budget, covered)
    if needed > budget:
        raise InputError(
            f"the audit budget of {budget} is too small: {needed} claims are needed for "
            f"{covered} of {claims.n_enterprises} enterprises, {int(claims.mandatory.sum())} "
            f"mandatory claims and a chance for every claim"
        )
    return budget


def _enough(claims: Population, settings: AuditSettings, n: int, covered: int) -> int:
    """The smallest number from ``n`` up that holds the promises; floors grow with it."""
    while n < len(claims):
        floor = floors_of(claims, n, settings).all
        if covered == 0:
            least = least_audits(floor)
        else:
            heads = least_audits(floor[claims.heads])
            least = max(covered, heads) + least_audits(floor[~claims.heads])
        if least <= n:
            return n
        n = least
    return len(claims)
