"""What a step may return: a table, JSON, text, a table in chunks, or a table for later steps alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa


@dataclass(frozen=True)
class ChunkedTable:
    """A table too long to hold in memory: its chunks, in order, can be read once.

    ``chunks`` are tables of ``schema``; each is made when it is asked for.
    """

    schema: pa.Schema
    chunks: Iterable[pa.Table]

    def combined(self) -> pa.Table:
        """All rows as one table in memory."""
        return pa.concat_tables([self.schema.empty_table(), *self.chunks])

    def of_rows(self, n: int) -> Iterator[pa.Table]:
        """The same rows in tables of exactly ``n`` rows; the last one holds the remainder."""
        waiting: list[pa.Table] = []
        held = 0
        for chunk in self.chunks:
            waiting.append(chunk)
            held += chunk.num_rows
            while held >= n:
                table = pa.concat_tables(waiting)
                yield table.slice(0, n)
                waiting, held = [table.slice(n)], held - n
        yield pa.concat_tables([self.schema.empty_table(), *waiting])


@dataclass(frozen=True)
class Unpublished:
    """A table for the later steps of a run alone: it is not part of the published run."""

    table: pa.Table


# A table that is known only after the chunked table returned before it has been read.
Deferred: TypeAlias = Callable[[], pa.Table | Unpublished]
Artefact: TypeAlias = pa.Table | dict[str, Any] | str  # table, JSON object, HTML text
StepOutput: TypeAlias = Artefact | ChunkedTable | Deferred | Unpublished
