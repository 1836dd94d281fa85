"""Features, models, the ranked list and what was learned from audits."""

import numpy as np
import pyarrow as pa

from fraud_pipeline.records.features import FEATURE_NAMES
from fraud_pipeline.risk.features import build_features, matrix, rows_of
from fraud_pipeline.risk.model import Model
from fraud_pipeline.risk.score import loss_share, score
from fraud_pipeline.risk.train import Learned, TrainingRefused, train


def contributions(features: pa.Table, model: Model) -> pa.Table:
    """claim_id, base and one column a feature; base + the others = log_odds of the claim."""
    base, parts = model.contributions(matrix(features))
    columns = {name: parts[:, k] for k, name in enumerate(FEATURE_NAMES)}
    return pa.table(
        {"claim_id": features["claim_id"], "base": np.full(len(parts), base), **columns}
    )


__all__ = [
    "Learned", "Model", "TrainingRefused", "build_features", "contributions", "loss_share", "matrix", "rows_of", "score", "train",
]  # fmt: skip
