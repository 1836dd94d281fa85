"""What the cluster's version of every step is handed: session, lake, number of parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from fraud_pipeline.engine.spark.frames import reader
from fraud_pipeline.engine.spark.lake import Lake, place, place_by_claim
from fraud_pipeline.pipeline import Inputs
from fraud_pipeline.schema import INPUT_TABLES


@dataclass(frozen=True)
class SparkRun:
    """``given``: the artefacts of earlier steps, for what is small enough for the driver."""

    session: Any
    lake: Lake
    parts: int
    inputs: Inputs
    supplied: frozenset[str]

    def known(self, name: str, columns: list[str] | None = None) -> Any:
        """An input table as it stood on the as-of date."""
        return self.read(f"known/{name}", columns)

    def read(self, name: str, columns: list[str] | None = None) -> Any:
        self.provide(name)
        return reader(self.session, self.lake, name, columns)

    def provide(self, name: str) -> None:
        """Puts a table of an earlier step into the lake, unless it stands there already.

        Steps done on the driver leave theirs to this, and a run resumed after a kill
        finds what its lake has lost.
        """
        if not self.lake.has(name):
            table = self.inputs.table(name)
            self.lake.put(name, placed(name, table, lambda: self.inputs.table("known/claims")))


def placed(name: str, table: pa.Table, claims: Callable[[], pa.Table]) -> pa.Table:
    """``table`` with the programme and month each row stands under."""
    stem = name.removeprefix("known/")
    if stem in INPUT_TABLES:
        return place(table, INPUT_TABLES[stem].known_on)
    if "claim_id" in table.column_names:
        return place_by_claim(table, claims())
    return place(table, "known_on" if "known_on" in table.column_names else None)
