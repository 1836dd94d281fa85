"""Worlds with planted fraud and honest look-alikes, for tests, benchmarks and the demo."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.simulate.fraud.mix import NONE, FraudMix, RingPlan
    from fraud_pipeline.simulate.world.build import World, simulate, simulate_parts
    from fraud_pipeline.simulate.world.margins import Margins
    from fraud_pipeline.simulate.world.margins_from_pack import margins_of
    from fraud_pipeline.simulate.world.nuisance import Nuisance
    from fraud_pipeline.simulate.world.prior import DrawnWorld, draw_world
    from fraud_pipeline.simulate.world.programmes import PROGRAMMES
    from fraud_pipeline.simulate.world.tiny import tiny_world
    from fraud_pipeline.simulate.world.years import Caught, adapt, simulate_years

__all__ = [
    "NONE",
    "PROGRAMMES",
    "Caught",
    "DrawnWorld",
    "FraudMix",
    "Margins",
    "Nuisance",
    "RingPlan",
    "World",
    "adapt",
    "draw_world",
    "margins_of",
    "simulate",
    "simulate_parts",
    "simulate_years",
    "tiny_world",
]

export_lazily(
    __name__,
    {
        "NONE": "fraud_pipeline.simulate.fraud.mix",
        "PROGRAMMES": "fraud_pipeline.simulate.world.programmes",
        "Caught": "fraud_pipeline.simulate.world.years",
        "DrawnWorld": "fraud_pipeline.simulate.world.prior",
        "FraudMix": "fraud_pipeline.simulate.fraud.mix",
        "Margins": "fraud_pipeline.simulate.world.margins",
        "Nuisance": "fraud_pipeline.simulate.world.nuisance",
        "RingPlan": "fraud_pipeline.simulate.fraud.mix",
        "World": "fraud_pipeline.simulate.world.build",
        "adapt": "fraud_pipeline.simulate.world.years",
        "draw_world": "fraud_pipeline.simulate.world.prior",
        "margins_of": "fraud_pipeline.simulate.world.margins_from_pack",
        "simulate": "fraud_pipeline.simulate.world.build",
        "simulate_parts": "fraud_pipeline.simulate.world.build",
        "simulate_years": "fraud_pipeline.simulate.world.years",
        "tiny_world": "fraud_pipeline.simulate.world.tiny",
    },
)
