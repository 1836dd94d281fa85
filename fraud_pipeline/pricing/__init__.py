"""Prices against their market: robust peers, shrinkage, p-values, comparables."""

from fraud_pipeline.pricing.judge import judge, market_outliers

__all__ = ["judge", "market_outliers"]
