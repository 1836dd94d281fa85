"""The rows that partitions need: :class:`fraud_pipeline.engine.scope.Selection` by Spark's joins.

``pairs`` are frames (key, part): the values of a key that a partition has to do with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fraud_pipeline.engine.scope import columns_read
from fraud_pipeline.engine.spark.frames import OWN, everywhere, part_of, routed
from fraud_pipeline.schema.scope import Scope

Read = Callable[..., Any]  # read(name, columns=None) -> Spark frame of an input table


@dataclass(frozen=True)
class SparkSelection:
    """Rows of all partitions at once, each with its ``part``; claims are parted by hash of ``by``.

    Only columns that one of the ``scopes`` reads are brought.
    """

    read: Read
    by: str
    parts: int
    scopes: tuple[Scope, ...]

    def own(self) -> Any:
        return self._read("claims").select("*", part_of(self.by, self.parts))

    def keys(self, rows: Any, column: str, name: str) -> Any:
        return rows.selectExpr(f"{column} AS {name}", "part")

    def rows(self, table: str, *keys: Any) -> Any:
        pairs: dict[str, Any] = {}
        for some in keys:
            column = next(name for name in some.columns if name != "part")
            pairs[column] = pairs[column].unionByName(some) if column in pairs else some
        first, *others = (routed(self._read(table), some) for some in pairs.values())
        for other in others:
            first = first.unionByName(other)
        return first.distinct() if others else first

    def with_context(self, claims: Any | None) -> Any:
        return claims_with(self._read, self.own(), *([] if claims is None else [claims]))

    def whole(self, table: str) -> Any:
        return everywhere(self._read(table), self.parts)

    def _read(self, table: str) -> Any:
        return self.read(table, columns_read(self.scopes, table))


def partition_keys(read: Read, by: str, parts: int) -> Any:
    """(every short column of a claim, part): the part is that of the claim's ``by``."""
    return read("claims").select("*", part_of(by, parts))


def by_claims(read: Read, name: str, key: str, own: Any) -> Any:
    """The rows of an input table that the own claims name by ``key``."""
    return routed(read(name), own.select(key, "part"))


def claims_with(read: Read, own: Any, *more: Any) -> Any:
    """The own claims, marked, and those of ``more`` frames (claim_id, part, …) as context."""
    from pyspark.sql import functions as sf  # noqa: PLC0415

    pairs = own.select("claim_id", "part", sf.lit(True).alias(OWN))
    for context in more:
        pairs = pairs.unionByName(context.select("claim_id", "part", sf.lit(False).alias(OWN)))
    pairs = pairs.groupBy("claim_id", "part").agg(sf.max(OWN).alias(OWN))
    return read("claims").join(pairs, "claim_id")
