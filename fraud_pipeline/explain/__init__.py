"""Reasons in plain Chinese and English that add up to the score."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.explain.counterfactual import counterfactuals, what_ifs
    from fraud_pipeline.explain.plots import summary, waterfall
    from fraud_pipeline.explain.reasons import chosen_claims, explain
    from fraud_pipeline.explain.text import as_text
    from fraud_pipeline.explain.words import likely, percent

__all__ = [
    "as_text",
    "chosen_claims",
    "counterfactuals",
    "explain",
    "likely",
    "percent",
    "summary",
    "waterfall",
    "what_ifs",
]

export_lazily(
    __name__,
    {
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
