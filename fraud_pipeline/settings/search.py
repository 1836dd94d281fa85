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


class RingSettings(SettingsTable):
    """Search for dense groups of enterprises and institutions, and their significance."""

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
