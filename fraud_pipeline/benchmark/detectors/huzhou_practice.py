"""The three strata Huzhou draws from: large subsidies, many services, busy institutions.

Source: Huzhou's spot-check notice as reported in the voucher literature (docs/programmes). The
notice names the strata and no order inside them, so a claim's place is its best rank in any.
"""

import numpy as np
import pandas as pd

from fraud_pipeline.benchmark.case import Case
from fraud_pipeline.benchmark.detection import Detection, Detector


def detect(case: Case, _: object) -> Detection:
    claims = case.claims
    strata = pd.DataFrame({
        "large subsidy": claims["claimed_amount"].astype(float),
        "many services": claims["enterprise_id"].map(claims["enterprise_id"].value_counts()),
        "busy institution": claims["institution_id"].map(claims["institution_id"].value_counts()),
    })  # fmt: skip
    best: np.ndarray = strata.rank(pct=True).max(axis=1).to_numpy()
    lot = np.random.default_rng(case.seed).random(len(claims))  # many tie at the top of a stratum
    return Detection(score=best + 1e-6 * lot)


DETECTORS = [Detector("Huzhou's practice", detect, words="best rank in three strata")]
