"""The steps run one after another in memory, nothing stored: for backtests and experiments."""

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
        artefact = self._artefacts[name]
        if not isinstance(artefact, pa.Table):
            raise TypeError(f"{name} is not a table")
        return artefact

    def json(self, name: str) -> dict[str, Any]:
        artefact = self._artefacts[name]
        if not isinstance(artefact, dict):
            raise TypeError(f"{name} is not a JSON object")
        return artefact

    def tables(self, stage: str) -> Tables:
        return Tables({n: self.table(f"{stage}/{n}") for n in INPUT_TABLES}, self._supplied)

    def hits(self) -> pa.Table:
        return self.table(HITS)

    def rings(self) -> RingSet:
        return RingSet(
            *(self.table(n) for n in ("rings", "ring_members", "ring_claims", "ring_evidence"))
        )

    def keep(self, outputs: Outputs) -> None:
        for name, output in outputs.items():
            known = output() if callable(output) else output
            known = known.combined() if isinstance(known, ChunkedTable) else known
            self._artefacts[name] = known.table if isinstance(known, Unpublished) else known


def run(clean: Tables, setup: Setup, last: str = "score") -> Memory:
    """Every step up to and with ``last`` on the clean tables; the same code as that of a stored run."""
    memory = Memory(clean)
    for step in STEPS:
        memory.keep(step.run(memory, setup))
        if step.name == last:
            break
    return memory
