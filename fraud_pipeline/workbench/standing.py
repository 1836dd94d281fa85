"""Where each claim stands: a copy in memory of the table of states, brought up to date by number.

Every change of a state carries the number of its log row, and log rows are numbered in the
order of commits, so "all with a higher number" is exactly what is new.
"""

from __future__ import annotations

import threading
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from fraud_pipeline.workbench.leads import STATE_SCHEMA
from fraud_pipeline.workbench.tables import STATES

_NAMES = STATE_SCHEMA.names


class Standing:
    """The states as an Arrow table, fresh as of the connection it was asked with."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._rows: dict[str, dict[str, Any]] = {}
        self._seen = 0
        self._table = STATE_SCHEMA.empty_table()

    def fresh(self, connection: sa.Connection) -> pa.Table:
        """All states known to ``connection``; inside a writing transaction, exactly current."""
        s = STATES
        with self._guard:
            columns = [s.c[name] for name in _NAMES]
            new = connection.execute(
                sa.select(*columns, s.c.log_seq).where(s.c.log_seq > self._seen)
            ).mappings()
            changed = False
            for row in new:
                changed = True
                self._seen = max(self._seen, row["log_seq"])
                self._rows[row["claim_id"]] = {name: row[name] for name in _NAMES}
            if changed:
                self._table = pa.Table.from_pylist(list(self._rows.values()), STATE_SCHEMA)
            return self._table
