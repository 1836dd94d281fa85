"""What each feature adds to a claim's log-odds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from fraud_pipeline.features.build import matrix
from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.risk.local import programmes_of
from fraud_pipeline.risk.model import Model


def contributions(features: pa.Table, model: Model) -> pa.Table:
    """claim_id, base and one column a feature; base + the others = log_odds of the claim."""
    base, parts = model.contributions(matrix(features), programmes_of(features))
    columns = {name: parts[:, k] for k, name in enumerate(FEATURE_NAMES)}
    return pa.table(
        {"claim_id": features["claim_id"], "base": np.full(len(parts), base), **columns}
    )
