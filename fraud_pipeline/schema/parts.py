"""A table too long to hold: made piece by piece while it is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Parts:
    """Pieces of one table, in order; they can be read once."""

    schema: pa.Schema
    pieces: Iterable[pa.Table]

    def whole(self) -> pa.Table:
        return pa.concat_tables([self.schema.empty_table(), *self.pieces])

    def of_rows(self, n: int) -> Iterator[pa.Table]:
        """The same rows in tables of exactly ``n`` rows, the last one of what is left."""
        waiting: list[pa.Table] = []
        held = 0
        for piece in self.pieces:
            waiting.append(piece)
            held += piece.num_rows
            while held >= n:
                table = pa.concat_tables(waiting)
                yield table.slice(0, n)
                waiting, held = [table.slice(n)], held - n
        yield pa.concat_tables([self.schema.empty_table(), *waiting])


@dataclass(frozen=True)
class Working:
    """A table for the later steps of a run alone: it is not published."""

    table: pa.Table


Later = Callable[[], pa.Table | Working]  # a table that is known once the parts before it were read
