"""Bursts, repetitions, order and speed, and how unusual a claim is as a whole."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.behaviour.measure import Crowd, measure, measured, own_outlyingness

__all__ = [
    "Crowd",
    "measure",
    "measured",
    "own_outlyingness",
]

export_lazily(
    __name__,
    {
        "Crowd": "fraud_pipeline.behaviour.measure",
        "measure": "fraud_pipeline.behaviour.measure",
        "measured": "fraud_pipeline.behaviour.measure",
        "own_outlyingness": "fraud_pipeline.behaviour.measure",
    },
)
