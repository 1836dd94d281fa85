"""Settings of ties between parties and of the search for rings."""

from __future__ import annotations

from fraud_pipeline.settings.model import ASSUMPTION, SettingsTable, setting


class GraphSettings(SettingsTable):
    """Ties between parties: what they share, and from when on it is shared by too many."""

    hub_cap: int = setting(
        30,
        "A phone, account, address or other attribute of more parties than this ties nobody: it "
        "is a bookkeeper's or an incubator's.",
        unit="parties", ge=2, le=10_000, source=ASSUMPTION,
    )  # fmt: skip
    text_hub_cap: int = setting(
        15,
        "A passage in the papers of more parties than this is a template and ties nobody.",
        unit="parties", ge=2, le=10_000, source=ASSUMPTION,
    )  # fmt: skip


class RingSettings(SettingsTable):
    """Search for dense groups of enterprises and institutions, and their significance."""

    season_days: int = setting(
        91,
        "Length of a season. The null model keeps how often each party dealt in each season.",
        unit="days", ge=7, le=366, source="a quarter of a year",
    )  # fmt: skip
    min_enterprises: int = setting(
        3,
        "A ring has at least so many enterprises; two at one institution are left to the rules.",
        unit="enterprises", ge=2, le=100, source=ASSUMPTION,
    )  # fmt: skip
    null_samples: int = setting(
        99,
        "Null samples that the search is repeated on. 99 give p-values from 0.01 on by counting.",
        unit="samples", ge=0, le=9_999,
        source="error rates measured by `python -m benchmarks.rings_null`",
    )  # fmt: skip
    error_budget: float = setting(
        0.05,
        "Probability that anything is certified by chance alone in any run of a year.",
        unit="probability a year", gt=0, lt=1, source="statistical convention",
    )  # fmt: skip
    min_excess: float = setting(
        2.0,
        "A ring is shown when its score exceeds the best of a usual null sample by so much.",
        unit="nats", ge=-100, le=1_000_000_000, source=ASSUMPTION,
    )  # fmt: skip
    max_rings: int = setting(
        100_000,
        "At most so many rings are published; the pages show them in parts.",
        unit="rings",
        ge=1,
        le=1_000_000,
        source=ASSUMPTION,
    )
