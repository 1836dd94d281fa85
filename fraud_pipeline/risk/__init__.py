"""Features, models, the ranked list and what was learned from audits."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.features.build import build_features, matrix, rows_of
    from fraud_pipeline.risk.card import computed as computed_card
    from fraud_pipeline.risk.contributions import contributions
    from fraud_pipeline.risk.gate import Gate
    from fraud_pipeline.risk.interval import bounds
    from fraud_pipeline.risk.local import fitted, fitted_with_log_odds, programmes_of
    from fraud_pipeline.risk.model import Model, with_run
    from fraud_pipeline.risk.score import in_order, score
    from fraud_pipeline.risk.train import Learned, TrainingRefused, train
    from fraud_pipeline.risk.typology import typology_scores

__all__ = [
    "Gate",
    "Learned",
    "Model",
    "TrainingRefused",
    "bounds",
    "build_features",
    "computed_card",
    "contributions",
    "fitted",
    "fitted_with_log_odds",
    "in_order",
    "matrix",
    "programmes_of",
    "rows_of",
    "score",
    "train",
    "typology_scores",
    "with_run",
]

export_lazily(
    __name__,
    {
        "Gate": "fraud_pipeline.risk.gate",
        "Learned": "fraud_pipeline.risk.train",
        "Model": "fraud_pipeline.risk.model",
        "TrainingRefused": "fraud_pipeline.risk.train",
        "bounds": "fraud_pipeline.risk.interval",
        "build_features": "fraud_pipeline.features.build",
        "computed_card": "fraud_pipeline.risk.card:computed",
        "contributions": "fraud_pipeline.risk.contributions",
        "fitted": "fraud_pipeline.risk.local",
        "fitted_with_log_odds": "fraud_pipeline.risk.local",
        "in_order": "fraud_pipeline.risk.score",
        "programmes_of": "fraud_pipeline.risk.local",
        "with_run": "fraud_pipeline.risk.model",
        "matrix": "fraud_pipeline.features.build",
        "rows_of": "fraud_pipeline.features.build",
        "score": "fraud_pipeline.risk.score",
        "train": "fraud_pipeline.risk.train",
        "typology_scores": "fraud_pipeline.risk.typology",
    },
)
