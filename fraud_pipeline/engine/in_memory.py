"""The steps run one after another in memory, nothing stored: for looking back and for trying."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from fraud_pipeline.pipeline import STEPS, Outputs, Setup
from fraud_pipeline.schema import INPUT_TABLES, RingSet, Tables
from fraud_pipeline.schema.artefacts import Artefact, ChunkedTable, Unpublished
from fraud_pipeline.schema.outputs import HITS


class Memory:
    """Artefacts by name; what a step reads (``pipeline.Inputs``)."""

    def __init__(self, clean: Tables):
        self._artefacts: dict[str, Artefact] = {f"clean/{name}": clean[name] for name in clean}
        self._supplied = frozenset(name for name in INPUT_TABLES if clean.supplied(name))

    def table(self, name: str) -> pa.Table:
        found = self._artefacts[name]
        if not isinstance(found, pa.Table):
            raise TypeError(f"{name} is not a table")
        return found

    def json(self, name: str) -> dict[str, Any]:
        found = self._artefacts[name]
        if not isinstance(found, dict):
            raise TypeError(f"{name} is not a JSON object")
        return found

    def tables(self, stage: str) -> Tables:
        return Tables({n: self.table(f"{stage}/{n}") for n in INPUT_TABLES}, self._supplied)

    def hits(self) -> pa.Table:
        return self.table(HITS)

    def rings(self) -> RingSet:
        return RingSet(
            *(self.table(n) for n in ("rings", "ring_members", "ring_claims", "ring_evidence"))
        )

    def keep(self, outputs: Outputs) -> None:
        for name, made in outputs.items():
            known = made() if callable(made) else made
            known = known.combined() if isinstance(known, ChunkedTable) else known
            self._artefacts[name] = known.table if isinstance(known, Unpublished) else known


def run(clean: Tables, setup: Setup, last: str = "score") -> Memory:
    """Every step up to and with ``last`` on the clean tables; the same code as the night's."""
    memory = Memory(clean)
    for step in STEPS:
        memory.keep(step.run(memory, setup))
        if step.name == last:
            break
    return memory
