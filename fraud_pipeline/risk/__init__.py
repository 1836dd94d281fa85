"""Features, models, the ranked list and what was learned from audits."""

import numpy as np
import pyarrow as pa

from fraud_pipeline.features.build import build_features, matrix, rows_of
from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.risk.card import computed as computed_card
from fraud_pipeline.risk.interval import bounds
from fraud_pipeline.risk.model import Model
from fraud_pipeline.risk.score import loss_share, score
from fraud_pipeline.risk.train import Learned, TrainingRefused, train
from fraud_pipeline.risk.typology import typology_scores


def contributions(features: pa.Table, model: Model) -> pa.Table:
    """claim_id, base and one column a feature; base + the others = log_odds of the claim."""
    base, parts = model.contributions(matrix(features))
    columns = {name: parts[:, k] for k, name in enumerate(FEATURE_NAMES)}
    return pa.table(
        {"claim_id": features["claim_id"], "base": np.full(len(parts), base), **columns}
    )


__all__ = [
    "Learned", "Model", "TrainingRefused", "bounds", "build_features", "computed_card", "contributions", "loss_share",
    "matrix", "rows_of", "score", "train", "typology_scores",
]  # fmt: skip
