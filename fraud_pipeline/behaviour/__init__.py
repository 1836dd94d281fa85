"""Bursts, repetitions, order and speed, and how unusual a claim is as a whole."""

from fraud_pipeline.behaviour.measure import Crowd, measure

__all__ = ["Crowd", "measure"]
