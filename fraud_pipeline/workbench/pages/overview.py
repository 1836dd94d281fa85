"""The overview for managers: claims by status, verdicts, age against the deadline, work per person."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from starlette.responses import Response

from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.audit.intervals import wilson_interval
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.queue.filters import SOURCE, Filter


def overview(context: RequestContext) -> Response:
    app_state = context.app_state
    with app_state.db.reading() as connection:
        states, settings = (
            app_state.state_cache.current_states(connection, app_state.leads),
            current(connection),
        )
        d = t.DECISIONS
        decisions = connection.execute(
            sa.select(d.c.who, d.c.kind, d.c.reason, sa.func.count().label("n"))
            .group_by(d.c.who, d.c.kind, d.c.reason)
        ).all()  # fmt: skip
    clause, parameters = Filter(status="all").clause(context.user, now(), app_state.leads.as_of)
    visible = f"(SELECT * FROM {SOURCE} WHERE {clause})"  # noqa: S608
    by_status = app_state.leads.query(
        f"""SELECT status, count(*) AS n, sum(claimed_amount) AS claimed,
            sum(expected_loss) AS expected FROM {visible} GROUP BY status ORDER BY status""",  # noqa: S608
        parameters, states,
    )  # fmt: skip
    waiting = app_state.leads.query(
        f"""SELECT lead_on, count(*) AS n FROM {visible}
        WHERE status <> 'decided' GROUP BY lead_on ORDER BY lead_on""",  # noqa: S608
        parameters, states,
    )  # fmt: skip
    totals = _verdict_totals(context)
    return responses.render_page(
        context, "overview.html", by_status=by_status, verdict_totals=totals, strata=yield_by_stratum(totals),
        ages=age_counts(waiting, app_state.leads, settings.deadline_days),
        calendar_ends=app_state.leads.calendar_ends, people=counts_by_person(decisions),
        deadline=settings.deadline_days, run_id=app_state.leads.run_id,
    )  # fmt: skip


def _verdict_totals(context: RequestContext) -> list[dict[str, Any]]:
    """Per stratum and verdict: claims, yuan claimed, yuan disallowed; in the person's regions."""
    leads = context.app_state.leads
    clause, parameters = Filter(status="all").clause(context.user, now(), leads.as_of)
    parameters.pop("now")
    decided = outcomes_table(context.app_state.db)
    # of several verdicts on a claim the last counts
    last = decided.append_column("place", pa.array(range(decided.num_rows), pa.int64()))
    return leads.query(
        f"""WITH word AS (SELECT claim_id, verdict, disallowed_amount AS disallowed,
                coalesce(selected_by, '') AS chosen FROM states
            QUALIFY row_number() OVER (PARTITION BY claim_id ORDER BY place DESC) = 1)
        SELECT w.chosen AS stratum, w.verdict, count(*) AS n, sum(q.claimed_amount) AS claimed,
            sum(w.disallowed) AS disallowed
        FROM word w JOIN (SELECT * FROM queue WHERE {clause}) q USING (claim_id)
        GROUP BY ALL ORDER BY ALL""",  # noqa: S608
        parameters, last,
    )  # fmt: skip


def yield_by_stratum(verdict_totals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Per stratum: decided, improper, and the share with its 95% interval (Wilson).

    Shares among the decided claims of each stratum; the rate of the whole is estimated on
    the page of the audit sample.
    """
    totals: dict[str, Counter[str]] = {}
    for row in verdict_totals:
        if row["verdict"] != "undetermined":
            counted = totals.setdefault(row["stratum"], Counter())
            counted["n"] += row["n"]
            counted["improper"] += row["n"] if row["verdict"] in ("fraud", "irregular") else 0
    return [
        {
            "stratum": s,
            "n": c["n"],
            "improper": c["improper"],
            **wilson_interval(c["improper"], c["n"]),
        }
        for s, c in sorted(totals.items())
    ]


def age_counts(waiting: list[dict[str, Any]], leads: Leads, deadline: int) -> dict[str, int]:
    """Undecided claims by working days since the lead: fresh (up to half the deadline), due, late, paid.

    ``waiting``: rows of ``lead_on`` (None = paid, without a deadline) and ``n``.
    """
    counted = {"fresh": 0, "due": 0, "late": 0, "paid": 0}
    as_of = date.fromisoformat(leads.as_of)
    for row in waiting:
        if row["lead_on"] is None:
            counted["paid"] += row["n"]
            continue
        days = leads.calendar.working_days(row["lead_on"], as_of)
        age = "late" if days > deadline else "due" if days > deadline / 2 else "fresh"
        counted[age] += row["n"]
    return counted


def counts_by_person(decisions: Any) -> list[dict[str, Any]]:
    """Per person: verdicts, undone verdicts, second reviews and how many of these agreed."""
    table: dict[str, Counter[str]] = {}
    for who, kind, reason, n in decisions:
        counted = table.setdefault(who, Counter())
        counted[kind] += n
        if kind == "second" and reason == "agree":
            counted["agreed"] += n
    return [{"who": who, **dict(counted)} for who, counted in sorted(table.items())]


HANDLERS = {"overview": overview}
