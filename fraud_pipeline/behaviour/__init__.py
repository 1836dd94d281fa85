"""Bursts, repetitions, order and speed, and how unusual a claim is as a whole."""

from fraud_pipeline.behaviour.measure import Crowd, measure, own_outlyingness

__all__ = ["Crowd", "measure", "own_outlyingness"]
