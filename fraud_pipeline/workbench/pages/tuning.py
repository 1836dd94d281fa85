"""Tuning of red flags by proposal: noise marks, the effect of another threshold, approval."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

import pyarrow as pa
from starlette.responses import Response

from fraud_pipeline.engine import run_queries
from fraud_pipeline.workbench.addresses import claim_address
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.decisions import tuning
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.claim_access import accessible_claim


def tuning_page(context: RequestContext) -> Response:
    """The flags with a threshold, and the effect of the value that the address asks for."""
    leads, query = context.app_state.leads, context.query()
    code, value, problem = query.get("rule", ""), query.get("value", ""), ""
    tried: dict[str, Any] | None = None
    try:
        if code and value:
            tried = _tried(context, code, value)
    except ActionRefusedError as refused:
        problem = refused.key
    with context.app_state.db.reading() as connection:
        rows = tuning.events(connection)
    noise = Counter(r["rule_code"] for r in rows if r["kind"] == "noise")
    marked = {r["rule_code"]: r["n"] for r in leads.query(
        "SELECT rule_code, sum(n_hit)::BIGINT AS n FROM rules GROUP BY rule_code")}  # fmt: skip
    flags = [
        {"code": c, "n_hit": marked[c], "now": _present(context, c), "noise": noise[c], **leads.rules[c]}
        for c in sorted(tuning.THRESHOLDS) if c in leads.rules
    ]  # fmt: skip
    return responses.render_page(
        context, "tuning.html", 422 if problem else 200, refused=problem, flags=flags, tried=tried,
        proposals=tuning.proposals(rows), rules=leads.rules, file=tuning.FILE,
        has_approved=any(r["kind"] == "approved" for r in rows),
    )  # fmt: skip


def _present(context: RequestContext, code: str) -> float:
    settings = run_queries.settings_of(context.app_state.leads.run).programmes
    return float(getattr(settings, tuning.THRESHOLDS[code].setting))


def _tried(context: RequestContext, code: str, text: str) -> dict[str, Any]:
    value = tuning.checked_value(code, text)
    if code not in context.app_state.leads.rules:
        raise ActionRefusedError("threshold_bad")
    last = {r["claim_id"]: r["verdict"] for r in outcomes_table(context.app_state.db).to_pylist()}
    decided = pa.table({"claim_id": pa.array(last.keys(), pa.string()),
                        "verdict": pa.array(last.values(), pa.string())})  # fmt: skip
    result = tuning.effect(context.app_state.leads, decided, code, value)
    return {"code": code, "value": value, "now": _present(context, code), **asdict(result)}


def mark_noise(context: RequestContext) -> Response:
    """Records that a red flag on this claim is noise, and why."""
    lead = accessible_claim(context, context.path("claim_id"))
    code, note = context.field("rule"), context.field("note").strip()[:500]
    if code not in context.app_state.leads.rules:
        raise ActionRefusedError("threshold_bad")
    if not note:
        raise ActionRefusedError("note_needed")
    with context.app_state.db.writing() as connection:
        tuning.record(connection, context.user, "noise", code, claim=lead["claim_id"], note=note)
    return responses.redirect(claim_address(lead["claim_id"]), "saved")


def propose(context: RequestContext) -> Response:
    """Records a proposal with the effect that was shown."""
    code, note = context.field("rule"), context.field("note").strip()[:500]
    tried = _tried(context, code, context.field("value"))
    if not note:
        raise ActionRefusedError("note_needed")
    with context.app_state.db.writing() as connection:
        tuning.record(
            connection, context.user, "proposal", code, note=note,
            setting=tuning.THRESHOLDS[code].setting, run=context.app_state.leads.run_id,
            **{name: tried[name] for name in tried if name != "code"},
        )  # fmt: skip
    return responses.redirect("/tuning", "saved")


def answer_proposal(context: RequestContext) -> Response:
    """Approves or refuses a proposal; the approved thresholds are written for the next run."""
    number = context.path("event_id")
    approve = context.field("answer") == "approve"
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise ActionRefusedError("not_waiting")
    with context.app_state.db.writing() as connection:
        tuning.answer(
            connection, context.user, int(number), approve, context.field("note").strip()[:500]
        )
        rows = tuning.events(connection)
    if approve:
        tuning.write_approved(rows, context.app_state.workspace.path)
    return responses.redirect("/tuning", "saved")


HANDLERS = {
    "tuning_page": tuning_page, "mark_noise": mark_noise, "propose": propose,
    "answer_proposal": answer_proposal,
}  # fmt: skip
