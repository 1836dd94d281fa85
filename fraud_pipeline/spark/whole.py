"""A step that must see everything at once: the embedded engine's own, in one task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pyarrow as pa

from fraud_pipeline import risk
from fraud_pipeline.pipeline import STEPS, Setup
from fraud_pipeline.records import INPUT_TABLES, RingSet, Tables
from fraud_pipeline.spark.lake import Lake
from fraud_pipeline.spark.night import Night


@dataclass(frozen=True)
class FromLake:
    """What a step reads, out of the lake (``pipeline.Inputs``); for a task on any machine."""

    lake: Lake
    supplied: frozenset[str]

    def table(self, name: str) -> pa.Table:
        return self.lake.read(name)

    def json(self, name: str) -> dict[str, Any]:
        raise KeyError(f"{name}: only tables stand in the lake")

    def tables(self, stage: str) -> Tables:
        return Tables({n: self.table(f"{stage}/{n}") for n in INPUT_TABLES}, self.supplied)

    def hits(self) -> pa.Table:
        return self.lake.having("rule_results", "outcome", "hit")

    def rings(self) -> RingSet:
        names = ("rings", "ring_members", "ring_claims", "ring_evidence")
        return RingSet(*(self.table(n) for n in names))


def step_alone(night: Night, setup: Setup, step: str, needs: tuple[str, ...]) -> Any:
    """What a task calls to get the step's artefacts; ``needs`` are put into the lake first."""
    for name in needs:
        night.provide(name)
    # a model that has been used holds trees that are not sent about
    setup = replace(setup, model=risk.Model(setup.model.name, dict(setup.model.files)))
    return partial(_run, step=step, lake=night.lake, setup=setup, supplied=night.supplied)


def _run(step: str, lake: Lake, setup: Setup, supplied: frozenset[str]) -> Mapping[str, Any]:
    chosen = next(s for s in STEPS if s.name == step)
    return chosen.run(FromLake(lake, supplied), setup)
