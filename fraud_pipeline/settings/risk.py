"""Settings of the risk model, its inputs and its reasons."""

from __future__ import annotations

from typing import Literal

from fraud_pipeline.settings.model import ASSUMPTION, SettingsTable, setting


class BehaviourSettings(SettingsTable):
    """Unsupervised outlyingness of claims."""

    min_claims: int = setting(
        50,
        "With fewer claims in the programme none is called an outlier.",
        unit="claims", ge=2, le=1_000_000, source=ASSUMPTION,
    )  # fmt: skip


class RiskSettings(SettingsTable):
    """Training, calibration and scoring."""

    prior_rate: float = setting(
        0.08,
        "Share of improper claims expected before any audit.",
        unit="share of claims", gt=0, lt=1, source=ASSUMPTION,
    )  # fmt: skip
    rank_by: Literal["expected_loss", "risk"] = setting(
        "expected_loss",
        "What `rank` orders the list by; `risk_rank` is by risk in either case. `score --rank-by` overrides it.",
        unit="name of a column", range_text="expected_loss or risk", source=ASSUMPTION,
    )  # fmt: skip
    min_random: int = setting(
        30,
        "Verdicts chosen by chance from which on a risk is called a probability.",
        unit="verdicts", ge=10, source=ASSUMPTION,
    )  # fmt: skip
    missed: float = setting(
        0.15,
        "Share of what is improper that auditors do not see.",
        unit="share of improper claims", ge=0, lt=1, source=ASSUMPTION,
    )  # fmt: skip
    min_labels: int = setting(
        60,
        "Verdicts that must be known before a model is trained.",
        unit="verdicts", ge=1, le=1_000_000,
        source="assumption; the gain is measured by `python -m benchmarks.learning`",
    )  # fmt: skip


class ExplainSettings(SettingsTable):
    """Which claims get reasons."""

    top_share: float = setting(
        0.10,
        "So much of the top of the list is always explained, beside what the audit plan drew.",
        unit="share of claims", ge=0, le=1, source="the default audit budget",
    )  # fmt: skip
    every_claim_up_to: int = setting(
        20_000,
        "A run of at most so many claims explains every one of them, whatever its place.",
        unit="claims", ge=0, le=10_000_000, source="seconds of a run against a wait on each page",
    )  # fmt: skip


class ReportSettings(SettingsTable):
    """What the report of a run shows."""

    top_claims: int = setting(
        50, "Claims listed.", unit="claims", ge=0, le=100_000, source=ASSUMPTION
    )
    misread_share: float = setting(
        0.2,
        "A hard or strong rule that hits more of the claims, or cannot read more of them, is named "
        "at the end of `check` and `score` and in the report: the register or the pack may be misread.",
        unit="share of claims", gt=0, le=1, source=ASSUMPTION,
    )  # fmt: skip
    top_rings: int = setting(20, "Rings listed.", unit="rings", ge=0, le=100_000, source=ASSUMPTION)
