"""Each price against its market: what others paid for the same, known on the day."""

from fraud_pipeline.pricing.judge import judge
from fraud_pipeline.pricing.outliers import market_outliers

__all__ = ["judge", "market_outliers"]
