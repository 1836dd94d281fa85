"""The page of a run: facts first, rendering second."""

from fraud_pipeline.report.facts import facts
from fraud_pipeline.report.page import render

__all__ = ["facts", "render"]
