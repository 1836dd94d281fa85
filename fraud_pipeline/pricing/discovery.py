"""False discovery rate over a batch."""

from __future__ import annotations

import numpy as np

LEAST_BATCH = 30  # judged claims of a service to be a batch of its own


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
