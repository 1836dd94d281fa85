"""Parties and the ties between them: claims, shared identity, money paid back, text reuse."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.graph.build import build_ties
    from fraud_pipeline.graph.text import text_ties

__all__ = [
    "build_ties",
    "text_ties",
]

export_lazily(
    __name__,
    {
        "build_ties": "fraud_pipeline.graph.build",
        "text_ties": "fraud_pipeline.graph.text",
    },
)
