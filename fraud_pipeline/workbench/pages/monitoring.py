"""Drift between runs, fairness between groups, and pairs of reviewer and institution."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from fraud_pipeline.engine import run_queries
from fraud_pipeline.errors import UnknownRecordError
from fraud_pipeline.monitor import health
from fraud_pipeline.programmes import reviewer_lift
from fraud_pipeline.schema import Tables
from fraud_pipeline.workbench import names
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.audit import fairness
from fraud_pipeline.workbench.audit.verdict_charts import drift_chart
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table
from fraud_pipeline.workbench.pages import responses


def drift_page(context: RequestContext) -> Response:
    """A run compared with the previous one: volumes, features, scores, rules, hit rates, alarms."""
    wanted = context.path("run_id")
    if wanted not in {f.name for f in context.app_state.workspace.runs.glob("*")}:
        raise UnknownRecordError(f"there is no run {wanted}")
    drift = context.app_state.cached(
        ("drift", wanted, now()[:13]),
        lambda: health.report(context.app_state.workspace.path, wanted),
    )
    features = drift.measures.features if drift.measures else ()
    return responses.render_page(
        context, "drift.html", m=drift.measures, alarms=drift.alarms, run_id=wanted,
        chart_of_drift=drift_chart(features, context.language == "zh"),
    )  # fmt: skip


def fairness_page(context: RequestContext) -> Response:
    leads = context.app_state.leads
    groups = fairness.by_group(leads, outcomes_table(context.app_state.db), context.user, now())
    return responses.render_page(
        context, "fairness.html", groups=groups, titles=fairness.GROUPS, least=fairness.MIN_DECIDED,
        words_of={**fairness.VALUES, **names.CATEGORIES, **names.REDEEMERS}, run_id=leads.run_id,
    )  # fmt: skip


def insiders_page(context: RequestContext) -> Response:
    """Reviewers and institutions that meet more often than random assignment explains; access is logged."""
    leads = context.app_state.leads
    context.log("view", "insiders", run=leads.run_id)

    def compute() -> list[dict[str, Any]]:
        claims = leads.query_arrow(
            "SELECT programme, submitted_on, reviewer_id, institution_id, claimed_amount FROM claims"
        )
        settings = run_queries.settings_of(leads.run).programmes
        return list(reviewer_lift(Tables({"claims": claims}), settings).to_pylist())

    pairs = context.app_state.cached(("insiders", leads.run_id), compute)
    institutions = {row["institution_id"]: row for row in leads.lookup(
        "institutions", "institution_id", [pair["institution_id"] for pair in pairs],
        "institution_id, name, region")}  # fmt: skip
    visible = [p for p in pairs
            if context.user.sees_region(institutions.get(p["institution_id"], {}).get("region"))]  # fmt: skip
    known = leads.query_one("SELECT count(reviewer_id) AS n, count(*) AS total FROM claims")
    return responses.render_page(
        context, "insiders.html", pairs=visible, run_id=leads.run_id, known=known,
        names={key: row["name"] for key, row in institutions.items()},
    )  # fmt: skip


HANDLERS = {
    "drift_page": drift_page, "fairness_page": fairness_page, "insiders_page": insiders_page,
}  # fmt: skip
