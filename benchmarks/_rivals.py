"""What prices are judged by elsewhere: the rivals of benchmarks/pricing.py."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import QuantileRegressor

from fraud_pipeline.pricing.discovery import q_values

IQR_TO_SD = 1.349
LEAST_BATCH = 30  # judged claims of a service to be a batch of its own


def box_plot(log_price: np.ndarray, group: np.ndarray) -> np.ndarray:
    """One-sided normal p-values of (price - median) / IQR in each group, the textbook rule."""
    grouped = pd.Series(log_price).groupby(group)
    spread = (grouped.transform("quantile", 0.75) - grouped.transform("quantile", 0.25)) / IQR_TO_SD
    z = (log_price - grouped.transform("median")) / np.maximum(spread, 0.01)
    return np.asarray(norm.sf(z))


def quantile_regression(claims: pd.DataFrame) -> np.ndarray:
    """p-values from a global linear quantile regression at the quartiles and the median."""
    dummies = pd.get_dummies(
        claims[["service", "region", "category"]], drop_first=True, dtype=float
    )
    x = dummies.assign(log_quantity=claims["log_quantity"]).to_numpy()
    y = claims["log_price"].to_numpy()
    low, middle, high = (
        QuantileRegressor(quantile=q, alpha=0.0, solver="highs").fit(x, y).predict(x)
        for q in (0.25, 0.5, 0.75)
    )
    spread = np.maximum((high - low) / IQR_TO_SD, 0.01)
    return np.asarray(norm.sf((y - middle) / spread))


def forest(claims: pd.DataFrame) -> np.ndarray:
    """Outlyingness by an isolation forest over the price in its service, service and quantity."""
    dummies = pd.get_dummies(claims[["service"]], dtype=float)
    x = dummies.assign(price=claims["log_price"], quantity=claims["log_quantity"]).to_numpy()
    return -np.asarray(IsolationForest(n_estimators=200, random_state=7).fit(x).score_samples(x))


def alerts(claims: pd.DataFrame, level: float) -> dict[str, np.ndarray]:
    """Which claims each rival would list: q <= ``level``, or as many as were planted."""
    batch = np.zeros(len(claims))
    group = claims["service"].to_numpy()
    scores = forest(claims)
    dear = claims["log_price"] > claims.groupby("service")["log_price"].transform("median")
    planted = int((claims["typology"] == "T04").sum())
    cut = np.sort(np.where(dear, scores, -1.0))[-planted]
    return {
        "median/IQR per service": q_values(box_plot(claims["log_price"].to_numpy(), group), batch)
        <= level,
        "quantile regression": q_values(quantile_regression(claims), batch) <= level,
        "isolation forest*": np.where(dear, scores, -1.0) >= cut,
    }


def batches(programme: np.ndarray, service: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """Batch codes: each service of a programme with 30 judged claims, the thin ones together."""
    code = programme * (1 + int(service.max(initial=0))) + service
    _, inverse, counts = np.unique(
        np.where(judged, code, -1), return_inverse=True, return_counts=True
    )
    return np.where(counts[inverse] >= LEAST_BATCH, code, -1 - programme)


def guarded_q_values(p_value: np.ndarray, programme: np.ndarray, service: np.ndarray) -> np.ndarray:
    """The larger of two q-values: over the programme, and over the service alone.

    Over the programme alone, the alerts of services full of overpricing would pay for
    false ones in services without any; the share of false alerts is held in both.
    """
    own = q_values(p_value, batches(programme, service, ~np.isnan(p_value)))
    return np.maximum(q_values(p_value, programme), own)
