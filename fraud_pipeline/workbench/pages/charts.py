"""The page of charts: the run and what the verdicts say about it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from starlette.responses import Response

from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.audit.chart import Chart
from fraud_pipeline.workbench.audit.run_charts import run_charts, with_claim
from fraud_pipeline.workbench.audit.verdict_charts import verdict_charts
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.claim_access import may_access


def charts_page(context: RequestContext) -> Response:
    state, leads, zh = context.app_state, context.app_state.leads, context.language == "zh"
    with state.db.reading() as connection:
        last = connection.execute(sa.select(sa.func.max(t.DECISIONS.c.id))).scalar()
    scope = (leads.run_id, context.user.regions, zh)
    of_run = state.cached(("charts", *scope), lambda: run_charts(leads, context.user, zh))
    of_verdicts = state.cached(
        ("verdict charts", last, *scope),
        lambda: verdict_charts(leads, context.user, _verdicts(context), zh),
    )
    of_run = [_marked(context, chart, zh) for chart in of_run]
    return responses.render_page(
        context, "charts.html", of_run=of_run, of_verdicts=of_verdicts, run_id=leads.run_id
    )


def _marked(context: RequestContext, chart: Chart, zh: bool) -> Chart:
    """The price distribution with the claim that the address asks for, if this person may see it."""
    claim_id = context.query().get("claim", "")
    if chart.key != "prices" or not claim_id or not may_access(context, claim_id):
        return chart
    price = context.app_state.leads.lookup_one("price_results", "claim_id", claim_id)
    ratio = price["price_ratio"] if price else None
    return chart if ratio is None else with_claim(chart, claim_id, ratio, zh)


def _verdicts(context: RequestContext) -> pa.Table:
    """claim_id and verdict, the last effective one per claim."""
    rows: list[dict[str, Any]] = outcomes_table(context.app_state.db).to_pylist()
    last = {row["claim_id"]: row["verdict"] for row in rows}
    return pa.table({"claim_id": pa.array(last.keys(), pa.string()),
                     "verdict": pa.array(last.values(), pa.string())})  # fmt: skip


HANDLERS = {"charts_page": charts_page}
