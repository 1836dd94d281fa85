"""Reasons in plain Chinese and English that add up to the score."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.explain.counterfactual import counterfactuals, what_ifs
    from fraud_pipeline.explain.findings import Finding, Findings, findings, rings_of, shared_kinds
    from fraud_pipeline.explain.plots import summary, waterfall
    from fraud_pipeline.explain.reasons import chosen_claims, explain
    from fraud_pipeline.explain.text import as_text
    from fraud_pipeline.explain.words import likely, percent

__all__ = [
    "Finding",
    "Findings",
    "as_text",
    "chosen_claims",
    "counterfactuals",
    "explain",
    "findings",
    "likely",
    "percent",
    "rings_of",
    "shared_kinds",
    "summary",
    "waterfall",
    "what_ifs",
]

export_lazily(
    __name__,
    {
        "Finding": "fraud_pipeline.explain.findings",
        "Findings": "fraud_pipeline.explain.findings",
        "findings": "fraud_pipeline.explain.findings",
        "rings_of": "fraud_pipeline.explain.findings",
        "shared_kinds": "fraud_pipeline.explain.findings",
        "as_text": "fraud_pipeline.explain.text",
        "chosen_claims": "fraud_pipeline.explain.reasons",
        "counterfactuals": "fraud_pipeline.explain.counterfactual",
        "explain": "fraud_pipeline.explain.reasons",
        "likely": "fraud_pipeline.explain.words",
        "percent": "fraud_pipeline.explain.words",
        "summary": "fraud_pipeline.explain.plots",
        "waterfall": "fraud_pipeline.explain.plots",
        "what_ifs": "fraud_pipeline.explain.counterfactual",
    },
)
