"""Worlds with planted fraud and honest look-alikes, for tests, benchmarks and the demo."""

from fraud_pipeline.simulate.fraud import NONE, FraudMix, RingPlan
from fraud_pipeline.simulate.tiny import tiny_world
from fraud_pipeline.simulate.world import World, simulate

__all__ = ["NONE", "FraudMix", "RingPlan", "World", "simulate", "tiny_world"]
