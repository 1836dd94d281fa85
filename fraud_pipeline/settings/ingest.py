"""Settings of reading the sources."""

from __future__ import annotations

from datetime import date

from fraud_pipeline.settings.model import ASSUMPTION, SettingsTable, setting


class IngestSettings(SettingsTable):
    """How source files become clean tables."""

    earliest_on: date = setting(
        date(1990, 1, 1),
        "A date before this day is a typing error and is not used.",
        unit="date", range_text="any date", source=ASSUMPTION,
    )  # fmt: skip
    latest_on: date = setting(
        date(2100, 1, 1),
        "A date after this day is a typing error and is not used.",
        unit="date", range_text="any date", source=ASSUMPTION,
    )  # fmt: skip
    max_quarantined_share: float = setting(
        0.5,
        "A source with a larger share of unusable claims is refused as a whole.",
        unit="share of claims", ge=0, le=1, source=ASSUMPTION,
    )  # fmt: skip
    max_cells: int = setting(
        60_000_000,
        "A sheet or Parquet file with more cells is refused: it is a mistake or an attack, and "
        "would not fit into memory.",
        unit="cells", ge=1, le=10_000_000_000,
        source="memory limit, tested by tests/ingest/test_hostile.py",
    )  # fmt: skip
