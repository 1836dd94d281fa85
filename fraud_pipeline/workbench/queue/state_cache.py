"""An in-memory copy of the table of states, updated incrementally.

Every state carries the number of its log row, and log rows are numbered in the order of commits,
so the rows with a higher number than the last one seen are exactly the new ones. Only claims of
the current run are kept, with their position in the queue as join key.
"""

from __future__ import annotations

import threading
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from fraud_pipeline.workbench.db.leads import STATE_SCHEMA, Leads
from fraud_pipeline.workbench.db.tables import STATES

_NAMES = STATE_SCHEMA.names
_MAX_DELTA_ROWS = 500  # changed rows kept apart before they are merged into the base table


class StateCache:
    """The states as an Arrow table: a base table and a delta of changed rows."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._reset(None)

    def _reset(self, leads: Leads | None) -> None:
        self._leads, self._last_log_seq = leads, 0
        self._base = self._table = STATE_SCHEMA.empty_table()
        self._delta: dict[int, dict[str, Any]] = {}  # by position in the queue

    def current_states(self, connection: sa.Connection, leads: Leads) -> pa.Table:
        """STATE_SCHEMA: one row per claim of the run that has a state, as of the connection's snapshot."""
        s = STATES
        with self._guard:
            if leads is not self._leads:
                self._reset(leads)
            columns = [s.c[name] for name in _NAMES if name != "place"]
            new = connection.execute(
                sa.select(*columns, s.c.log_seq).where(s.c.log_seq > self._last_log_seq)
            ).mappings().all()  # fmt: skip
            if new:
                self._merge([dict(row) for row in new], leads)
            return self._table

    def _merge(self, new: list[dict[str, Any]], leads: Leads) -> None:
        self._last_log_seq = max(self._last_log_seq, *(row.pop("log_seq") for row in new))
        places = leads.queue_places([row["claim_id"] for row in new])
        for row in new:
            place = places.get(row["claim_id"])
            if place is not None:
                self._delta[place] = {**row, "place": place}
        delta = pa.Table.from_pylist(list(self._delta.values()), STATE_SCHEMA)
        is_unchanged = pc.invert(
            pc.is_in(self._base["place"], value_set=delta["place"].combine_chunks())
        )
        self._table = pa.concat_tables([self._base.filter(is_unchanged), delta])
        if len(self._delta) > _MAX_DELTA_ROWS:
            self._base, self._delta = self._table.combine_chunks(), {}
