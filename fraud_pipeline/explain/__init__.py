"""Reasons in plain Chinese and English that add up to the score."""

from fraud_pipeline.explain.counterfactual import counterfactuals, what_ifs
from fraud_pipeline.explain.plots import summary, waterfall
from fraud_pipeline.explain.reasons import chosen_claims, explain
from fraud_pipeline.explain.text import as_text

__all__ = [
    "as_text",
    "chosen_claims",
    "counterfactuals",
    "explain",
    "summary",
    "waterfall",
    "what_ifs",
]
