"""Worlds with planted fraud and honest look-alikes, for tests, benchmarks and the demo."""

from fraud_pipeline.simulate.fraud.mix import NONE, FraudMix, RingPlan
from fraud_pipeline.simulate.world.build import World, simulate, simulate_parts
from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.margins_from_pack import margins_of
from fraud_pipeline.simulate.world.programmes import PROGRAMMES
from fraud_pipeline.simulate.world.tiny import tiny_world
from fraud_pipeline.simulate.world.years import Caught, adapt, simulate_years

__all__ = [
    "NONE",
    "PROGRAMMES",
    "Caught",
    "FraudMix",
    "Margins",
    "RingPlan",
    "World",
    "adapt",
    "margins_of",
    "simulate",
    "simulate_parts",
    "simulate_years",
    "tiny_world",
]
