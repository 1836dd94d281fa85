"""Each price against its market: what others paid for the same, known on the day."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.pricing.claim_day import judge_on_claim_day
    from fraud_pipeline.pricing.judge import judge
    from fraud_pipeline.pricing.outliers import market_outliers

__all__ = [
    "judge",
    "judge_on_claim_day",
    "market_outliers",
]

export_lazily(
    __name__,
    {
        "judge": "fraud_pipeline.pricing.judge",
        "judge_on_claim_day": "fraud_pipeline.pricing.claim_day",
        "market_outliers": "fraud_pipeline.pricing.outliers",
    },
)
