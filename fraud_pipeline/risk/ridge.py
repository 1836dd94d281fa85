"""Weights of evidence learned from verdicts, pulled towards the weights that were there.

A verdict's log-odds are a + m · Σ c_k u_k, where u_k ≥ 0 is what piece k of the evidence says of the
claim. The weights c_k ≥ 0 scatter about the weights w_k of the first day with standard deviation τ
(a ridge with its centre at w); the common slope m says how far such evidence can be trusted
here at all. The answer is a mean over scatters τ (Bayesian model averaging; Hoeting et al. 1999):
each counts by the evidence of the verdicts for it (Laplace's approximation; MacKay 1992). τ = 0 is
among them: there only level and slope are learned and the order of the claims stays what it was.
Everything is deterministic and rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from fraud_pipeline.core.threads import one_blas_thread

STRENGTHS = (0.0, 0.1, 0.2, 0.4, 0.8, 1.2, 1.6)
_LEAST_SHARE = 0.02  # a scatter whose share is smaller is left out of the mean
_LEVEL_SPREAD, _SLOPE_SPREAD = 3.0, 1.0  # prior deviations of a and of ln m: hardly any pull
_MOST_SLOPE = 3.0  # of |ln m|
_DIGITS = 6


@dataclass(frozen=True)
class Ridge:
    """``level`` a, ``weights`` (k,) m · c, ``slope`` m; ``scatters`` (τ, share in the mean)."""

    level: float
    weights: np.ndarray
    slope: float
    scatters: tuple[tuple[float, float], ...]

    @property
    def strength(self) -> float:
        """The mean scatter τ."""
        return round(sum(strength * share for strength, share in self.scatters), _DIGITS)

    def log_odds(self, u: np.ndarray, offset: np.ndarray) -> np.ndarray:
        log_odds: np.ndarray = self.level + u @ self.weights + offset
        return log_odds


@dataclass(frozen=True)
class _Fit:
    """The ridge of one scatter, and how well the verdicts bear it out, in nats."""

    level: float
    weights: np.ndarray
    slope: float
    evidence: float


@one_blas_thread
def learn(
    u: np.ndarray, improper: np.ndarray, weight: np.ndarray, offset: np.ndarray,
    prior: np.ndarray, scatters: Sequence[tuple[float, float]] | None = None,
) -> Ridge:  # fmt: skip
    """The mean of the ridges over all scatters, or over ``scatters`` with the shares given there.

    ``u`` (m, k) >= 0 · ``improper`` (m,) in [0, 1] · ``weight`` (m,) with mean 1 ·
    ``offset`` (m,) log-odds from elsewhere · ``prior`` (k,) weights >= 0.
    """
    strengths = STRENGTHS if scatters is None else tuple(strength for strength, _ in scatters)
    fits = [_at(strength, u, improper, weight, offset, prior) for strength in strengths]
    shares = _shares(fits) if scatters is None else [share for _, share in scatters]
    parts = [(share, fit) for share, fit in zip(shares, fits, strict=True) if share > 0]
    return Ridge(
        round(sum(share * fit.level for share, fit in parts), _DIGITS),
        np.round(sum(share * fit.weights for share, fit in parts), _DIGITS),
        sum(share * fit.slope for share, fit in parts),
        tuple((tau, share) for tau, share in zip(strengths, shares, strict=True) if share > 0),
    )


def _shares(fits: Sequence[_Fit]) -> list[float]:
    """Posterior shares of the scatters, which were alike before; 0 for the smallest."""
    evidence = np.array([fit.evidence for fit in fits])
    share = np.exp(evidence - evidence.max())
    share /= share.sum()
    share = np.where(share >= _LEAST_SHARE, share, 0.0)
    return [float(part) for part in np.round(share / share.sum(), _DIGITS)]


def _at(
    strength: float, u: np.ndarray, y: np.ndarray, weight: np.ndarray, offset: np.ndarray,
    prior: np.ndarray,
) -> _Fit:  # fmt: skip
    mentioned = (u > 0).any(
        axis=0
    )  # evidence no verdict speaks of keeps its weight of the first day
    free = np.flatnonzero(mentioned) if strength > 0 else np.zeros(0, int)
    rate = np.clip(np.average(y, weights=weight), 1e-3, 1 - 1e-3)
    centre = np.log(rate / (1 - rate))
    free_columns = u[:, free]  # copied once: copying it at each step took most of the time

    def cost(p: np.ndarray) -> tuple[float, np.ndarray]:
        level, log_slope = p[0], p[1]
        c = prior.copy()
        c[free] = p[2:]
        slope, total = np.exp(log_slope), u @ c
        z = level + slope * total + offset
        error = weight * (1 / (1 + np.exp(-z)) - y)
        apart = (c[free] - prior[free]) / (strength or 1.0)
        loss = (weight * (np.logaddexp(0.0, z) - y * z)).sum() + apart @ apart / 2
        loss += ((level - centre) / _LEVEL_SPREAD) ** 2 / 2 + (log_slope / _SLOPE_SPREAD) ** 2 / 2
        gradient = np.concatenate([
            [error.sum() + (level - centre) / _LEVEL_SPREAD**2],
            [slope * (error @ total) + log_slope / _SLOPE_SPREAD**2],
            slope * (free_columns.T @ error) + apart / (strength or 1.0),
        ])  # fmt: skip
        return float(loss), gradient

    start = np.concatenate([[centre - (u @ prior).mean()], [0.0], prior[free]])
    bounds = [(None, None), (-_MOST_SLOPE, _MOST_SLOPE), *[(0.0, None)] * len(free)]
    best = minimize(cost, start, jac=True, bounds=bounds, method="L-BFGS-B",
                    options={"maxiter": 1000, "maxfun": 5000})  # fmt: skip
    c = prior.copy()
    c[free] = best.x[2:]
    level, slope = float(best.x[0]), float(np.exp(best.x[1]))
    total = u @ c
    p = 1 / (1 + np.exp(-(level + slope * total + offset)))
    moving = free[c[free] > 0]  # a weight held at 0 is no parameter
    jacobian = np.column_stack([
        np.full(len(u), _LEVEL_SPREAD), slope * total * _SLOPE_SPREAD,
        slope * strength * u[:, moving],
    ])  # fmt: skip
    log_evidence = -float(best.fun) - _half_log_volume(jacobian, weight * p * (1 - p))
    return _Fit(level, slope * c, slope, log_evidence)


def _half_log_volume(jacobian: np.ndarray, information: np.ndarray) -> float:
    """Laplace's ½ ln |H| with the parameters in units of their prior deviations."""
    h = (jacobian * information[:, None]).T @ jacobian
    return 0.5 * float(np.linalg.slogdet(h + np.eye(len(h)))[1])
