"""False discovery rate over a batch."""

from __future__ import annotations

import numpy as np


def q_values(p_value: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """q-values by Benjamini and Hochberg (1995) within each ``batch`` code.

    The smallest share of false discoveries at which a claim would still be listed;
    NaN p-values are not part of a batch and stay NaN.

    >>> q_values(np.array([0.01, 0.5, 0.02]), np.zeros(3)).round(3).tolist()
    [0.03, 0.5, 0.03]
    """
    q_value = np.full(len(p_value), np.nan)
    for code in np.unique(batch):
        rows = np.flatnonzero((batch == code) & ~np.isnan(p_value))
        order = rows[np.argsort(p_value[rows], kind="stable")]
        raw = p_value[order] * len(order) / np.arange(1, len(order) + 1)
        q_value[order] = np.minimum.accumulate(raw[::-1])[::-1]
    return np.asarray(np.minimum(q_value, 1.0))
