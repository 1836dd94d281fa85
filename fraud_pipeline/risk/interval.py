"""How sure the probability is: wide where few verdicts speak, narrow where many do.

A probability is the line's, and the line is an estimate. Before any verdict it is uncertain by
what lines of one simulated programme differ from those of another (and the risk is an order, no
probability); every verdict of the random stratum adds what it knows (Fisher information). The interval is the probability at the calibrated log-odds ± z standard errors.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from fraud_pipeline.risk.model import Model

CONFIDENCE = 0.90


def bounds(log_odds: np.ndarray, model: Model) -> tuple[np.ndarray, np.ndarray]:
    """(n,) ends of the central interval of the calibrated probability."""
    spread = np.sqrt(variance(log_odds, model)) * norm.isf((1 - CONFIDENCE) / 2)
    middle = model.calibrated(log_odds)
    low, high = 1 / (1 + np.exp(spread - middle)), 1 / (1 + np.exp(-spread - middle))
    return model.bounded(low), model.bounded(high)


def variance(log_odds: np.ndarray, model: Model) -> np.ndarray:
    """(n,) variance of the calibrated log-odds by the uncertainty of the line."""
    (a, b), (_, c) = model.line_covariance
    result: np.ndarray = np.maximum(a * log_odds**2 + 2 * b * log_odds + c, 0.0)
    return result


def posterior(
    log_odds: np.ndarray, fitted: np.ndarray, weight: np.ndarray, prior: np.ndarray
) -> np.ndarray:
    """(2, 2) covariance of slope and intercept after verdicts.

    ``log_odds`` (m,) of the claims with a verdict, ``fitted`` (m,) their probabilities by the new
    line, ``weight`` (m,) relative weights, ``prior`` (2, 2) the covariance before.
    """
    effective = weight.sum() ** 2 / np.maximum((weight**2).sum(), 1e-12)
    share = weight / weight.sum() * effective * fitted * (1 - fitted)
    x = np.column_stack([log_odds, np.ones(len(log_odds))])
    information = x.T @ (x * share[:, None])
    result: np.ndarray = np.linalg.inv(information + np.linalg.inv(prior))
    return result
