"""What a rule or a feature may look at: declared beside it, turned into rows by the engines.

A scope names the claims that must lie beside the claim judged, and the input tables that are
read. ``engine/scope.py`` makes of it the rows for one claim and the partitions on a cluster.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import pyarrow as pa

from fraud_pipeline.schema.inputs import INPUT_TABLES


class Level(IntEnum):
    """Which other rows an answer may depend on; papers are contract, invoices, payments, deliverables.

    CLAIM        the claim, its voucher, its two parties and its papers
    ENTERPRISE   besides, the enterprise's claims and vouchers, the papers of these claims, and
                 the other claims on these vouchers
    INSTITUTION  besides, the institution's claims and their papers
    SHARED       besides, rows that share a value (contact, account, person, number) with them
    PROGRAMME    everything
    """

    CLAIM = 0
    ENTERPRISE = 1
    INSTITUTION = 2
    SHARED = 3
    PROGRAMME = 4


# Long columns, and columns that only say where a row came from: read where a scope names them.
LONG_COLUMNS: dict[str, tuple[str, ...]] = {
    "claims": ("report_text", "service_title", "source_file", "source_sheet", "source_row"),
    "contracts": ("text",),
    "deliverables": ("text",),
}

# (claims, the claim as one row) -> true for the claims it is compared with
Peers = Callable[[pa.Table, pa.Table], pa.ChunkedArray]


@dataclass(frozen=True)
class Scope:
    """What may be looked at, and how.

    ``tables``: input tables that are read, besides the claim itself. ``long_columns``: those of
    :data:`LONG_COLUMNS` that are read, as ``table.column``. ``sharing``: for SHARED, the only
    values through which other rows come in, as ``table.column``; none named = any.
    ``joint``: the claims judged are compared with one another, so all of the level are judged
    together. ``before_payment``: false for what says how a programme is run, not whether a claim
    is due; it is judged in runs only. ``peers``: for PROGRAMME, the claims that one claim is
    compared with; ``texts_alike``: these are the claims whose texts share passages with its own.
    """

    level: Level
    tables: tuple[str, ...] = ()
    long_columns: tuple[str, ...] = ()
    sharing: tuple[str, ...] = ()
    joint: bool = False
    before_payment: bool = True
    peers: Peers | None = None
    texts_alike: bool = False

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns of an input table that may be read, in order."""
        long = LONG_COLUMNS.get(table, ())
        return tuple(
            name
            for name in INPUT_TABLES[table].names
            if name not in long or f"{table}.{name}" in self.long_columns
        )


EVERYTHING = Scope(
    Level.PROGRAMME,
    tables=tuple(INPUT_TABLES),
    long_columns=tuple(f"{t}.{c}" for t, columns in LONG_COLUMNS.items() for c in columns),
    joint=True,
)
