"""The clean input tables as one immutable mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from fraud_pipeline.schema.inputs import INPUT_TABLES


class Tables(Mapping[str, pa.Table]):
    """All input tables by name, each with every column of its schema.

    A table the source did not bring is there with no rows, so that no step has
    to ask; a step that must tell "none" from "not supplied" asks
    :meth:`supplied`.
    """

    def __init__(self, tables: Mapping[str, pa.Table], supplied: frozenset[str] | None = None):
        self._tables = {
            name: schema.conform(tables[name]) if name in tables else schema.empty()
            for name, schema in INPUT_TABLES.items()
        }
        self._supplied = frozenset(tables) if supplied is None else supplied

    def __getitem__(self, name: str) -> pa.Table:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def supplied(self, name: str) -> bool:
        """Whether the source brought this table at all, even an empty one."""
        return name in self._supplied

    def replaced(self, **tables: pa.Table) -> Tables:
        """A copy in which the named tables are other ones."""
        return Tables({**self._tables, **tables}, supplied=self._supplied)
