"""The queue as a filter shows it, at a million claims too: few rows are read for few shown.

The run never changes, so what a filter finds in it is counted once; what people touched is
little, so it is counted anew each time. Rows are read from the front of the queue, in
stretches that grow until enough are found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.queue.filters import EFFECTIVE, Filter

_FIRST_STRETCH, _GROWTH = 4_096, 16


@dataclass(frozen=True)
class Line:
    """A filter as one person sees it, over one run, at one moment."""

    leads: Leads
    states: pa.Table
    fixed: str  # terms about the run
    fixed_given: dict[str, Any]
    moving: str  # terms about where a claim stands
    moving_given: dict[str, Any]
    untouched: bool  # whether claims nobody touched are in it

    @classmethod
    def of(
        cls, leads: Leads, states: pa.Table, person: Person, chosen: Filter, now: str, deadline: int
    ) -> Line:
        fixed, fixed_given = chosen.lasting(person, leads.as_of, deadline)
        moving, moving_given = chosen.passing(person, now)
        untouched = chosen.status in ("open", "all") and not chosen.mine
        return cls(leads, states, " AND ".join(fixed), fixed_given,
                   " AND ".join(["true", *moving]), moving_given, untouched)  # fmt: skip

    def total(self) -> int:
        """How many claims are in it."""
        touched = self.leads.rows(
            f"""SELECT count(*) AS n, count(*) FILTER ({self.moving}) AS fit
            FROM {_source("INNER")} WHERE {self.fixed}""",  # noqa: S608 - terms of the filter
            self.fixed_given | self.moving_given, self.states,
        )[0]  # fmt: skip
        if not self.untouched:
            return int(touched["fit"])
        every = self.leads.counted(self.fixed, self.fixed_given)
        return int(every - touched["n"] + touched["fit"])

    def rows(self, size: int, skipped: int, expected: int, more: str = "true",
             given: dict[str, Any] | None = None) -> list[dict[str, Any]]:  # fmt: skip
        """``size`` rows after the first ``skipped``; it looks no further when ``expected`` are found."""
        wanted = {**self.fixed_given, **self.moving_given, **(given or {})}
        stretch = _FIRST_STRETCH + 2 * skipped + self.states.num_rows
        while True:
            last = stretch >= self.leads.size or not self.untouched
            found = self.leads.rows(
                f"""SELECT * FROM {_source("LEFT" if self.untouched else "INNER")}
                WHERE {"true" if last else f"place <= {stretch}"} AND {self.fixed} AND {self.moving}
                AND {more} ORDER BY place LIMIT {size} OFFSET {skipped}""",  # noqa: S608
                wanted, self.states,
            )  # fmt: skip
            if last or len(found) >= expected:
                return found
            stretch *= _GROWTH

    def first_free(self, person: Person) -> str | None:
        """The claim to take next: one assigned to this person, else the first that is nobody's."""
        mine = {"asking": person.id}
        touched = self.leads.rows(
            f"""SELECT claim_id FROM {_source("INNER")} WHERE {self.fixed} AND {self.moving}
            AND status = 'open' AND assigned_to = $asking ORDER BY place LIMIT 1""",  # noqa: S608
            {**self.fixed_given, **self.moving_given, **mine}, self.states,
        )  # fmt: skip
        found = touched or self.rows(1, 0, 1, "status = 'open' AND assigned_to IS NULL")
        return str(found[0]["claim_id"]) if found else None


def _source(join: str) -> str:
    """The queue with where its claims stand; INNER: only those somebody touched."""
    return f"""(SELECT q.*, {EFFECTIVE} AS status, s.holder, s.assigned_to, s.held_until,
        s.snoozed_until, s.decision_id FROM queue q {join} JOIN states s ON s.place = q.place)"""  # noqa: S608
