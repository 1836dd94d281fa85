"""The queue as a filter selects it; reads few rows for a page, however large the run.

Counts over the run are cached, because it does not change; claims with a state are few and are
counted each time. Rows are read from the front of the queue in ranges that grow until a page is
full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.queue.filters import EFFECTIVE, Filter

_FIRST_ROWS, _GROWTH = 4_096, 16


@dataclass(frozen=True)
class QueueView:
    """The claims a filter selects for one person, over one run, at one moment."""

    leads: Leads
    states: pa.Table
    run_clause: str  # terms about the run
    run_parameters: dict[str, Any]
    state_clause: str  # terms about the state of claims
    state_parameters: dict[str, Any]
    includes_untouched: bool  # whether claims without a state can be selected

    @classmethod
    def for_filter(
        cls, leads: Leads, states: pa.Table, person: Person, chosen: Filter, now: str, deadline: int
    ) -> QueueView:
        run_clause, run_parameters = chosen.run_terms(person, leads.as_of, deadline, leads.calendar)
        state_clause, state_parameters = chosen.state_terms(person, now)
        includes_untouched = chosen.status in ("open", "all") and not chosen.mine
        return cls(leads, states, " AND ".join(run_clause), run_parameters,
                   " AND ".join(["true", *state_clause]), state_parameters, includes_untouched)  # fmt: skip

    def total(self) -> int:
        """The number of selected claims."""
        touched = self.leads.query(
            f"""SELECT count(*) AS n, count(*) FILTER ({self.state_clause}) AS fit
            FROM {_source("INNER")} WHERE {self.run_clause}""",  # noqa: S608 - terms of the filter
            self.run_parameters | self.state_parameters, self.states,
        )[0]  # fmt: skip
        if not self.includes_untouched:
            return int(touched["fit"])
        every = self.leads.cached_count(self.run_clause, self.run_parameters)
        return int(every - touched["n"] + touched["fit"])

    def rows(self, size: int, offset: int, expected: int, extra_clause: str = "true",
             extra_parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:  # fmt: skip
        """``size`` rows after the first ``offset``; it looks no further when ``expected`` are found."""
        wanted = {**self.run_parameters, **self.state_parameters, **(extra_parameters or {})}
        n_rows = _FIRST_ROWS + 2 * offset + self.states.num_rows
        while True:
            last = n_rows >= self.leads.size or not self.includes_untouched
            rows = self.leads.query(
                f"""SELECT * FROM {_source("LEFT" if self.includes_untouched else "INNER")}
                WHERE {"true" if last else f"place <= {n_rows}"} AND {self.run_clause} AND {self.state_clause}
                AND {extra_clause} ORDER BY place LIMIT {size} OFFSET {offset}""",  # noqa: S608
                wanted, self.states,
            )  # fmt: skip
            if last or len(rows) >= expected:
                return rows
            n_rows *= _GROWTH

    def sorted_rows(self, size: int, offset: int, order: str) -> list[dict[str, Any]]:
        """``size`` rows after the first ``offset``, in another order than the queue's (``SORTS``)."""
        return self.leads.query(
            f"""SELECT * FROM {_source("LEFT" if self.includes_untouched else "INNER")}
            WHERE {self.run_clause} AND {self.state_clause}
            ORDER BY {order} LIMIT {size} OFFSET {offset}""",  # noqa: S608 - terms of the filter
            {**self.run_parameters, **self.state_parameters}, self.states,
        )  # fmt: skip

    def first_unassigned(self, person: Person) -> str | None:
        """The claim to take next: the first assigned to this person, else the first unassigned."""
        person_parameter = {"asking": person.id}
        touched = self.leads.query(
            f"""SELECT claim_id FROM {_source("INNER")} WHERE {self.run_clause} AND {self.state_clause}
            AND status = 'open' AND assigned_to = $asking ORDER BY place LIMIT 1""",  # noqa: S608
            {**self.run_parameters, **self.state_parameters, **person_parameter}, self.states,
        )  # fmt: skip
        candidates = touched or self.rows(1, 0, 1, "status = 'open' AND assigned_to IS NULL")
        return str(candidates[0]["claim_id"]) if candidates else None


def _source(join: str) -> str:
    """The queue joined with the states; ``join`` INNER: only claims with a state, LEFT: all."""
    return f"""(SELECT q.*, {EFFECTIVE} AS status, s.holder, s.assigned_to, s.held_until,
        s.snoozed_until, s.decision_id FROM queue q {join} JOIN states s ON s.place = q.place)"""  # noqa: S608
