"""Settings of the price model."""

from __future__ import annotations

from fraud_pipeline.settings.model import ASSUMPTION, SettingsTable, setting


class PricingSettings(SettingsTable):
    """How a market price is formed and when a price is judged."""

    min_institutions: int = setting(
        2,
        "Other institutions that must stand behind a market price.",
        unit="institutions", ge=1, le=1_000, source=ASSUMPTION,
    )  # fmt: skip
    window_days: int = setting(
        1095,
        "Prices older than this say nothing about the market.",
        unit="days", ge=1, le=36_500, source=ASSUMPTION,
    )  # fmt: skip
    min_comparables: int = setting(
        5,
        "With fewer comparable claims and no catalogue price, a price is not judged.",
        unit="claims", ge=1, le=1_000, source=ASSUMPTION,
    )  # fmt: skip
    range_confidence: float = setting(
        0.90,
        "Share of honest prices meant to lie between market_low and market_high.",
        unit="probability", gt=0, lt=1, source="statistical convention",
    )  # fmt: skip
    listed_spread: float = setting(
        0.5,
        "Part of the catalogue's range by which honest sellers of one programme differ; 1 where "
        "a catalogue is narrow.",
        unit="share of the range", gt=0, le=10, source=ASSUMPTION,
    )  # fmt: skip
    overpriced_from: float = setting(
        1.3,
        "A claim counts as overpriced from this multiple of the market price.",
        unit="times the market", ge=1.05, le=10, source=ASSUMPTION,
    )  # fmt: skip
    queue_ratio: float = setting(
        4.0,
        "A price beyond this multiple of the market asks for quantity, unit or a split contract first; "
        "it is not judged as overpriced.",
        unit="times the market", ge=2, le=100, source=ASSUMPTION,
    )  # fmt: skip
