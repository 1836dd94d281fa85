"""The chance every claim has whatever its score says, and how many audits that takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fraud_pipeline.audit.draw import ONE
from fraud_pipeline.audit.population import Population
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.settings import AuditSettings

Floats = np.ndarray


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


def check_settings(settings: AuditSettings) -> None:
    """Raises SettingsError when the shares contradict one another."""
    chance = settings.random_share + settings.amount_share + settings.huzhou_share
    if not 0.0 < settings.random_share <= 1.0:
        raise SettingsError("audit.random_share must be above 0: every claim needs a chance")
    if min(settings.amount_share, settings.huzhou_share) < 0.0 or chance > 1.0:
        raise SettingsError("audit: random, amount and huzhou shares must add up to at most 1")
    if not 0.0 < settings.budget_share <= 1.0:
        raise SettingsError("audit.budget_share must be in (0, 1]")
    if not 0.0 < settings.confidence < 1.0:
        raise SettingsError("audit.confidence must be between 0 and 1")


def floors_of(claims: Population, n: int, settings: AuditSettings) -> Floors:
    """The floors of a plan of ``n`` audits; each kind gets its share of the n."""
    amount, total = claims.amount, float(claims.amount.sum())
    random = settings.random_share * n / len(claims)
    by_amount = settings.amount_share * n * amount / total if total > 0 else 0.0 * amount
    members = np.maximum(claims.huzhou.sum(axis=0), 1)
    each = settings.huzhou_share * n / claims.huzhou.shape[1] / members
    huzhou = np.max(claims.huzhou * each, axis=1)
    every = np.minimum(np.maximum(random, np.maximum(by_amount, huzhou)), 1.0)
    every[claims.mandatory] = 1.0
    return Floors(random, huzhou, every)


def least_audits(floor: Floats) -> int:
    """Whole audits that claims with these floors take at the least."""
    return -(-int(np.ceil(floor * ONE).sum()) // ONE)
