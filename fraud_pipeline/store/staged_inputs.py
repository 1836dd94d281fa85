"""Read access to the outputs of the finished steps in the staging folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.schema import INPUT_TABLES, RingSet, Tables
from fraud_pipeline.schema.outputs import HITS
from fraud_pipeline.store import files
from fraud_pipeline.store.staging import Staged

T = TypeVar("T")


class StagedInputs:
    """Read access to the artefacts finished so far (see pipeline.Inputs)."""

    def __init__(self, staged: list[Staged]):
        self._staged = staged

    def path(self, name: str) -> Path:
        """Where an artefact stands as it will be published."""
        return self._first(name, (step.path(name) for step in self._staged))

    def table(self, name: str) -> pa.Table:
        return self._first(name, (step.table(name) for step in self._staged))

    def types(self, name: str) -> pa.Schema:
        """The columns of a table as it will be published."""
        return files.types_of(self.path(name))

    def chunks(self, name: str, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Some columns of a table as it will be published, chunk by chunk."""
        return files.read_chunks(self.path(name), columns)

    def json(self, name: str) -> dict[str, Any]:
        return dict(files.read_json(self.path(name)))

    def tables(self, stage: str) -> Tables:
        supplied = frozenset(self.json("supplied")["tables"])
        tables = {name: self.table(f"{stage}/{name}") for name in INPUT_TABLES}
        return Tables(tables, supplied=supplied)

    def hits(self) -> pa.Table:
        try:
            return self.table(HITS)
        except IntegrityError:  # a cluster does not collect them
            return files.read_table(self.path("rule_results"), ("outcome", "hit"))

    def rings(self) -> RingSet:
        names = ("rings", "ring_members", "ring_claims", "ring_evidence")
        return RingSet(*(self.table(name) for name in names))

    def _first(self, name: str, candidates: Iterator[T | None]) -> T:
        first = next((one for one in candidates if one is not None), None)
        if first is None:
            raise IntegrityError(f"no step before this one made {name}")
        return first
