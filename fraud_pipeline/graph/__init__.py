"""Parties and the ties between them: claims, shared identity, money paid back, text reuse."""

from fraud_pipeline.graph.build import build_ties
from fraud_pipeline.graph.text import text_ties

__all__ = ["build_ties", "text_ties"]
