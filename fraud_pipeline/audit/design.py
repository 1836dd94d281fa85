"""The design of a plan: each claim's probability, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fraud_pipeline.audit.allocation import Problem
from fraud_pipeline.audit.draw import ONE, Units, whole
from fraud_pipeline.audit.floors import Floors, floors_of, least_audits
from fraud_pipeline.audit.population import Population
from fraud_pipeline.audit.precision import Precision, choose_precision
from fraud_pipeline.settings import AuditSettings


@dataclass(frozen=True)
class Design:
    """Probabilities in whole units, shape (n,), the floors under them, what they promise."""

    units: Units
    floors: Floors
    precision: Precision

    @property
    def probabilities(self) -> np.ndarray:
        return np.asarray(self.units / ONE)


def design(claims: Population, settings: AuditSettings, n: int, covered: int) -> Design:
    """The design of ``n`` audits that reach at least ``covered`` enterprises for certain."""
    floors = floors_of(claims, n, settings)
    problem = _problem(claims, floors, settings)
    precision = choose_precision(problem, n, settings)
    units = _units(claims, problem, n, covered, precision.mu)
    width = problem.half_width(units / ONE, settings.confidence)
    met = precision.met and width <= settings.target_half_width
    return Design(units, floors, replace(precision, half_width=width, met=met))


def _problem(claims: Population, floors: Floors, settings: AuditSettings) -> Problem:
    """Expected loss as the benefit, the spread of (loss - rate x amount) as the variance.

    A blind spot is not believed to be clean: the probability that counts for the
    spread is at least the setting's.
    """
    amount, loss, total = claims.amount, claims.loss, float(claims.amount.sum())
    rate = min(float(loss.sum()) / total, 1.0) if total > 0 else 0.0
    at_stake = claims.risk * amount
    severity = np.divide(loss, at_stake, out=np.ones_like(loss), where=at_stake > 0)
    severity = np.clip(severity, 0.0, 1.0)
    chance = np.clip(claims.risk, settings.blind_spot_prob, 1.0)
    variance = amount**2 * (chance * severity * (severity - 2.0 * rate) + rate**2)
    return Problem.of(loss, np.sqrt(np.maximum(variance, 0.0)), floors.all, amount)


def _units(claims: Population, problem: Problem, n: int, covered: int, mu: float) -> Units:
    """Whole probabilities; when enterprises must be covered, each stratum by itself."""
    heads, floor = claims.heads, problem.floor
    pi = problem.probabilities(n, mu)
    if covered == 0:
        return whole(pi, floor, n)
    low = max(covered, least_audits(floor[heads]), n - int((~heads).sum()))
    high = min(int(heads.sum()), n - least_audits(floor[~heads]))
    n_heads = int(np.clip(round(float(pi[heads].sum())), low, high))
    units = np.zeros(len(claims), dtype=np.int64)
    for members, size in ((heads, n_heads), (~heads, n - n_heads)):
        if members.any():
            part = problem.part(members)
            units[members] = whole(part.probabilities(size, mu), part.floor, size)
    return units
