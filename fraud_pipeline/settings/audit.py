"""Settings of the sampled audit."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from fraud_pipeline.settings.model import CUSTOM, SettingsTable, setting


class AuditSettings(SettingsTable):
    """The sampled audit.

    ``random_share``, ``amount_share`` and ``huzhou_share`` are parts of the budget that are drawn
    by chance. Each is a floor under every claim's probability, so what a likely case has anyway
    does not count against it twice.
    """

    budget_share: float = setting(
        0.10,
        "Claims to audit when no budget is given.",
        unit="share of the list", gt=0, le=1,
        source="published figure: Changxing checks at least 10 % of its enterprises a year",
    )  # fmt: skip
    random_share: float = setting(
        0.10,
        "Part of the budget drawn with the same chance for every claim.",
        unit="share of the budget", gt=0, le=1,
        source="assumption: 300 audits then give the 30 random verdicts that probabilities need; "
        "its effect is measured by `python -m benchmarks.audit_abroad`",
    )  # fmt: skip
    amount_share: float = setting(
        0.05,
        "Part of the budget drawn in proportion to the amount claimed.",
        unit="share of the budget", ge=0, le=1,
        source="assumption; its effect is measured by `python -m benchmarks.audit`",
    )  # fmt: skip
    huzhou_share: float = setting(
        0.0,
        "Part of the budget for Huzhou's groups: large subsidies, many services, clients of busy "
        "institutions.",
        unit="share of the budget", ge=0, le=1,
        source="published practice of Huzhou (2017); off by default",
    )  # fmt: skip
    target_half_width: float = setting(
        0.03,
        "Wanted precision of a year's improper-payment share, half the width of its interval.",
        unit="share of the money", gt=0, le=1,
        source=f"{CUSTOM}: public-sector error rates are asked to ±3 points",
    )  # fmt: skip
    rounds_per_year: int = setting(
        1,
        "Audit lists a year; the target is for the year, one list's interval is wider.",
        unit="lists a year", ge=1, le=366, source="the programme's own schedule",
    )  # fmt: skip
    precision_price: float = setting(
        0.04,
        "The most of the expected recovery that is given up for precision.",
        unit="share of the expected recovery", ge=0, le=1,
        source="assumption; its effect is measured by `python -m benchmarks.audit_abroad`",
    )  # fmt: skip
    confidence: float = setting(
        0.95,
        "Confidence of the intervals of the estimates.",
        unit="probability", gt=0, lt=1, source=CUSTOM,
    )  # fmt: skip

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        total = self.random_share + self.amount_share + self.huzhou_share
        if total > 1.0:
            raise ValueError(
                f"random_share, amount_share and huzhou_share add up to {total:g}, above 1"
            )
        return self
