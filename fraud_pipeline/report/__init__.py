"""The page of a run: facts first, rendering second."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.report.facts import facts
    from fraud_pipeline.report.page import render

__all__ = [
    "facts",
    "render",
]

export_lazily(
    __name__,
    {
        "facts": "fraud_pipeline.report.facts",
        "render": "fraud_pipeline.report.page",
    },
)
