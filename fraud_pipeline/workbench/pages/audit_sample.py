"""The audit sample: plan, progress, yearly coverage, estimate from the verdicts so far."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from starlette.responses import Response

from fraud_pipeline import audit
from fraud_pipeline.engine import run_queries
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.inputs import OUTCOMES
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.decisions import blind_review
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.exchange import region_scope
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.exports import csv_bytes, file_response

_SHOWN = 50  # claims on which two people differ


def audit_page(context: RequestContext) -> Response:
    leads, app_state = context.app_state.leads, context.app_state
    s = t.SIGN_OFFS
    with app_state.db.reading() as connection:
        states = app_state.state_cache.current_states(connection, app_state.leads)
        signed = connection.execute(
            sa.select(s).where(s.c.run_id == leads.run_id).order_by(s.c.id)
        ).mappings().all()  # fmt: skip
        checked = _agreement(connection, context)
    strata = leads.query(
        """SELECT p.stratum, count(*) AS n, sum(k.claimed_amount) AS claimed,
            count(*) FILTER (s.status = 'decided') AS done,
            count(*) FILTER (s.status = 'second') AS waiting,
            min(p.inclusion_prob) AS least, max(p.inclusion_prob) AS most
        FROM audit_plan p JOIN ranked_claims k USING (claim_id) LEFT JOIN states s USING (claim_id)
        GROUP BY p.stratum ORDER BY p.stratum""", (), states,
    )  # fmt: skip
    covered = leads.query(
        """SELECT (SELECT count(DISTINCT enterprise_id) FROM ranked_claims) AS enterprises,
            count(DISTINCT p.enterprise_id) AS planned,
            count(DISTINCT p.enterprise_id) FILTER (s.status = 'decided') AS done
        FROM audit_plan p LEFT JOIN states s USING (claim_id)""", (), states,
    )[0]  # fmt: skip
    estimates, yearly = current_estimates(context)
    return responses.render_page(
        context, "audit.html", yearly=yearly, plan=leads.run.json("plan"), strata=strata, covered=covered,
        estimates=estimates, signed=signed, run_id=leads.run_id, checked=checked,
    )  # fmt: skip


def _agreement(connection: sa.Connection, context: RequestContext) -> dict[str, Any]:
    """Inter-rater agreement in blind double reviews, and the claims on which the two differ."""
    both, percent = blind_review.double_verdicts(connection), current(connection).blind_percent
    differing = [p for p in both if p["first"]["verdict"] != p["second"]["verdict"]]
    in_scope = region_scope.claims_in_scope(
        [p["claim_id"] for p in differing], context.app_state.leads, context.user
    )
    return {
        "percent": percent, "waiting": len(blind_review.pending(connection)), "n": len(both),
        "same": len(both) - len(differing), "agreed": blind_review.agreement_summary(both),
        "apart": [p for p, visible in zip(differing, in_scope, strict=True) if visible][-_SHOWN:],
    }  # fmt: skip


def double_checks(context: RequestContext) -> Response:
    """The blind double reviews as CSV, in the format ``audit close --checks`` reads."""
    with context.app_state.db.reading() as connection:
        table = blind_review.checks_table(blind_review.double_verdicts(connection))
    context.log("export", "double checks", rows=table.num_rows)
    head = ",".join(table.column_names) + "\r\n"
    data = csv_bytes(table.to_pylist()) if table.num_rows else head.encode()
    return file_response(data, "double_checks.csv", "text/csv; charset=utf-8")


def current_estimates(context: RequestContext) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(estimates, yearly coverage) from the effective verdicts; cached until the next decision."""
    with context.app_state.db.reading() as connection:
        last = connection.execute(sa.select(sa.func.max(t.DECISIONS.c.id))).scalar()
    key = ("so far", context.app_state.leads.run_id, last, now()[:10])
    return context.app_state.cached(key, lambda: (_estimates(context), _yearly(context)))


def _yearly(context: RequestContext) -> list[dict[str, Any]]:
    """Per year: enterprises with a claim submitted in it, and how many of them were audited; last three."""
    leads = context.app_state.leads
    fresh = outcomes_table(context.app_state.db).select(["claim_id", "decided_on"])
    return leads.query(
        """WITH checked AS (
            SELECT DISTINCT c.enterprise_id, year(d.decided_on) AS year
            FROM (SELECT claim_id, decided_on FROM outcomes UNION ALL SELECT * FROM states) d
            JOIN claims c USING (claim_id)),
        filed AS (SELECT DISTINCT enterprise_id, year(submitted_on) AS year FROM claims)
        SELECT f.year, count(*) AS enterprises, count(k.enterprise_id) AS checked
        FROM filed f LEFT JOIN checked k USING (enterprise_id, year)
        GROUP BY f.year ORDER BY f.year DESC LIMIT 3""", (), fresh,
    )  # fmt: skip


def _estimates(context: RequestContext) -> list[dict[str, Any]]:
    leads = context.app_state.leads
    fresh = outcomes_table(context.app_state.db)
    known = OUTCOMES.conform(leads.query_arrow("SELECT * FROM outcomes ORDER BY outcome_id"))
    claims = leads.query_arrow(
        "SELECT claim_id, programme, claimed_amount FROM claims ORDER BY claim_id"
    )
    tables = Tables({"claims": claims, "outcomes": pa.concat_tables([known, fresh])})
    today = max(date.fromisoformat(now()[:10]), date.fromisoformat(leads.as_of))
    settings = run_queries.settings_of(leads.run).audit
    return list(audit.estimate(tables, settings, today).to_pylist())


def sign_off(context: RequestContext) -> Response:
    """Records that the leader approves this run's plan, bound to the hash of its sampling frame."""
    leads, note = context.app_state.leads, context.field("note").strip()[:2000]
    if not note:
        raise ActionRefusedError("note_needed")
    frame = str(leads.run.json("plan")["frame_sha256"])
    with context.app_state.db.writing() as connection:
        receipt = audit_log.append(
            connection, context.user.id, context.user.name, "sign-off", f"plan {leads.run_id}", frame=frame,
            note=note,
        )  # fmt: skip
        connection.execute(
            sa.insert(t.SIGN_OFFS).values(
                run_id=leads.run_id, frame_sha256=frame, note=note, by=context.user.id,
                who=context.user.name, at=now(), log_seq=receipt.seq,
            )
        )  # fmt: skip
    return responses.redirect("/audit", "signed")


HANDLERS = {"audit_page": audit_page, "sign_off": sign_off, "double_checks": double_checks}
