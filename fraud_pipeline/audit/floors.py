"""The chance every claim has whatever its score says, and how many audits that takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fraud_pipeline.audit.draw import ONE
from fraud_pipeline.audit.population import Population
from fraud_pipeline.settings import AuditSettings

Floats = np.ndarray

_FEWEST = 2  # audits a year that each kind of floor gets
_MOST_RAISED = 0.3  # random and amount share together leave something for the risk


@dataclass(frozen=True)
class Floors:
    """The parts of a claim's probability that do not depend on its score, shape (n,).

    ``random`` is the same for all, ``huzhou`` what the watched groups are promised,
    ``all`` the largest of these and the part in proportion to the amount claimed;
    1 for a mandatory claim.
    """

    random: float
    huzhou: Floats
    all: Floats


def floors_of(claims: Population, n: int, settings: AuditSettings) -> Floors:
    """The floors of a plan of ``n`` audits; each kind gets its share of the n."""
    random = _share(settings.random_share, n, settings) * n / len(claims)
    members = np.maximum(claims.huzhou.sum(axis=0), 1)
    each = settings.huzhou_share * n / claims.huzhou.shape[1] / members
    huzhou = np.max(claims.huzhou * each, axis=1)
    every = np.maximum(plain_floors(claims.amount, n, settings), np.minimum(huzhou, 1.0))
    every[claims.mandatory] = 1.0
    return Floors(random, huzhou, every)


def plain_floors(amount: Floats, n: int, settings: AuditSettings) -> Floats:
    """The floors that random and amount share put under every claim, shape (m,)."""
    total = float(amount.sum())
    part = _share(settings.amount_share, n, settings)
    by_amount = part * n * amount / total if total > 0 else 0.0 * amount
    random = _share(settings.random_share, n, settings) * n / len(amount)
    return np.minimum(np.maximum(random, by_amount), 1.0)


def _share(share: float, n: int, settings: AuditSettings) -> float:
    """A share of the budget, raised to two audits a year where a year has few.

    Ten draws with very uneven chances hold no 95 % interval: too much of the money
    would rest on the one draw in twenty that does not come.
    """
    if share == 0.0:
        return 0.0
    return max(share, min(_FEWEST / (n * settings.rounds_per_year), _MOST_RAISED))


def least_audits(floor: Floats) -> int:
    """Whole audits that claims with these floors take at the least."""
    return -(-int(np.ceil(floor * ONE).sum()) // ONE)
