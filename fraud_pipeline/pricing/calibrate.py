"""Honest p-values: each service's surprises are measured against its own earlier ones.

The market's spread is a robust estimate and its tails a guess. How far off both are in a
service shows in the surprises (normal scores of the p-values) of its earlier claims, as
known on the day and of other sides: their median should be 0 and their spread 1. What
they are instead, shrunk towards that, corrects the claim's own surprise: a smooth form
of conformal prediction (Vovk et al. 2005) without its floor of 1 / (n + 1).
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from fraud_pipeline.pricing.market import spread_of
from fraud_pipeline.pricing.parameters import PricingParameters
from fraud_pipeline.pricing.peers import Side, leave_out_quantiles

_FAR = 8.0  # normal scores beyond are all the same surprise


def calibrated(
    p_value: np.ndarray, service: np.ndarray, side: Side, settings: PricingParameters
) -> np.ndarray:
    """p-values corrected by the earlier ones of the same service; NaN stays NaN."""
    rows = np.flatnonzero(np.isfinite(p_value))
    surprise = np.clip(norm.isf(p_value[rows]), -_FAR, _FAR)
    earlier = leave_out_quantiles(service[rows], surprise, side.of(rows))
    count = np.nan_to_num(earlier.n_effective)
    n0 = settings.calibration_claims
    shift = count * np.nan_to_num(earlier.middle) / (count + n0)
    width = np.sqrt((count * np.nan_to_num(spread_of(earlier)) ** 2 + n0) / (count + n0))
    width = np.maximum(width, settings.least_calibration)
    corrected = np.full(len(p_value), np.nan)
    corrected[rows] = norm.sf((surprise - shift) / width)
    return corrected
