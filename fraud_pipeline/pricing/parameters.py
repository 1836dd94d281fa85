"""The numbers of the price model: the public settings and the constants of the method.

The constants cannot be set in a settings file. Tests and benchmarks that need others pass
``PricingParameters(...)`` where settings are asked for. They were chosen on simulated worlds of
seeds 1 to 20 and on markets like those of `python -m benchmarks.pricing --null`; what they give on
other seeds is measured by `python -m benchmarks.pricing` (docs/pricing.md).
"""

from __future__ import annotations

from typing import Self

from fraud_pipeline.settings import PricingSettings


class PricingParameters(PricingSettings):
    """All numbers that a verdict on a price depends on. Claims as weights are numbers of claims."""

    # Middle and spread of a market, shrunk towards the wider group.
    shrink_claims: float = 5.0  # weight of the wider group for the middle ...
    shrink_spread_claims: float = 3.0  # ... and for the spread
    prior_spread: float = 0.25  # of log prices, where nothing wider is known
    min_spread: float = 0.12  # of log prices: honest institutions differ by so much anywhere

    # The catalogue as a prior.
    catalogue_claims: float = 6.0  # weight of a catalogue price
    catalogue_confidence: float = 0.90  # share of prices meant to lie between low and high
    catalogue_spread: float = 0.3  # of log prices, where a catalogue names no low and high

    # The spread learned from the errors of earlier forecasts.
    forecast_claims: float = 6.0  # weight of the market's own spread against past errors
    listed_seen_claims: float = 2.0  # ... where a catalogue knows the service
    listed_claims: float = 40.0  # weight of the catalogue's range beside it
    listed_grace: float = 2.0  # variance ratio above which the catalogue's range is discounted
    lean_claims: float = 20.0  # errors of 0 that the correction of the middle starts from
    forecast_least: float = 15.0  # claims behind a forecast for its error to count a quarter

    # Degrees of freedom of the t distribution; `benchmarks.pricing --null` measures its tails.
    institution_freedom: float = 2.0  # for each institution behind a spread ...
    institutions_spent: float = 5.0  # ... beyond the first five
    least_freedom: float = 12.0
    listed_freedom: float = 26.0  # the least where a catalogue knows the service
    claim_freedom: float = 0.3  # for each earlier claim: large errors are cut
    listed_claim_freedom: float = 0.6  # ... where a catalogue knows the service
    most_freedom: float = 60.0  # honest prices have fatter tails than a normal distribution

    # Titles with prices of their own.
    plain_title_spread: float = 0.03  # of log prices between titles that mean the same
    special_title_spread: float = 0.7  # ... and between those that name a niche
    special_title_share: float = 0.1  # of titles that nobody else has used yet

    # Comparables.
    clean_p_value: float = 0.05  # a claim with a smaller one is nobody's comparable; a convention
    max_comparables: int = 10  # named beside a price

    # Calibration of the p-values by the service's earlier ones.
    calibration_claims: float = 400.0  # trust in the p-values as they are
    least_calibration: float = 0.85  # scores are never made more than 1 / 0.85 times larger

    @classmethod
    def of(cls, settings: PricingSettings | None) -> Self:
        """The parameters for these settings; parameters themselves are returned as they are."""
        if isinstance(settings, cls):
            return settings
        return cls(**dict(settings or ()))
