"""The search page, and the page of a party, person, phone, account or agent."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from fraud_pipeline.workbench.addresses import case_address
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.cases.masking import scrub
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.search_index import normalised
from fraud_pipeline.workbench.decisions import blind_review
from fraud_pipeline.workbench.decisions.outcomes import effective_verdicts
from fraud_pipeline.workbench.entities.entity_view import audited, entity_facts, subject_of
from fraud_pipeline.workbench.entities.search import MIN_LENGTH, SHOWN, Group, Result, search
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.case_access import cases_holding, visible_cases
from fraud_pipeline.workbench.queue.assignment import claim_states

_SORTS = {
    "day": "submitted_on", "amount": "claimed_amount", "price": "price_ratio",
    "loss": "expected_loss", "verdict": "verdict",
}  # fmt: skip


def search_page(context: RequestContext) -> Response:
    query = context.query()
    text, kind = query.get("q", "").strip()[:80], query.get("kind", "")
    groups = search(context.app_state.leads, context.user, text, kind) if text else []
    groups += _cases(context, text) if kind in ("", "case") else []
    if text:
        counts = {group.kind: len(group.results) for group in groups}
        context.log("search", "search", text=scrub(text), results=counts)
    return responses.render_page(
        context, "search.html", text=text, kind=kind, groups=groups, shortest=MIN_LENGTH
    )


def _cases(context: RequestContext, text: str) -> list[Group]:
    """The visible cases whose number or title holds the text."""
    wanted = normalised(text)
    if not wanted:
        return []
    results = [
        Result(case_address(case.id), f"{case.id} · {case.title}", "")
        for case in visible_cases(context)
        if wanted in normalised(case.title) or wanted == str(case.id)
    ]
    return [Group("case", results[:SHOWN], len(results) > SHOWN)] if results else []


def entity_page(context: RequestContext) -> Response:
    """The page of one party or entity; its view is in the log."""
    leads = context.app_state.leads
    subject = subject_of(leads, context.user, context.path("kind"), context.path("key"))
    facts = entity_facts(leads, context.user, subject)
    context.log("view", f"{subject.kind} {subject.key}", run=leads.run_id)
    claims = _sorted(with_verdicts(context, facts["claims"]), context.query().get("sort", ""))
    n_audited, n_improper = audited(claims)
    return responses.render_page(
        context, "entity.html", subject=subject, f=facts, claims=claims, n_audited=n_audited,
        n_improper=n_improper, sort=context.query().get("sort", ""), run_id=leads.run_id,
        n_high=sum(c["is_high"] for c in claims),
        cases=cases_holding(context, subject.kind, subject.key),
    )  # fmt: skip


def with_verdicts(context: RequestContext, claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The claims with verdict, day and status; a verdict hidden from this person is left out."""
    ids = [claim["claim_id"] for claim in claims]
    outcomes = {o["claim_id"]: o for o in context.app_state.leads.lookup(
        "last_outcomes", "claim_id", ids)}  # fmt: skip
    d = t.DECISIONS
    with context.app_state.db.reading() as connection:
        rows = connection.execute(sa.select(d).where(d.c.claim_id.in_(ids)).order_by(d.c.id))
        decided = {v["claim_id"]: v for v in effective_verdicts([dict(r) for r in rows.mappings()])}
        states, merged = claim_states(connection, ids), []
        for claim in claims:
            own, past = decided.get(claim["claim_id"]), outcomes.get(claim["claim_id"], {})
            verdict = own["verdict"] if own else past.get("verdict")
            day = own["at"][:10] if own else past.get("decided_on")
            merged.append({**claim, "verdict": verdict, "decided_on": day,
                           "status": states[claim["claim_id"]]["status"]})  # fmt: skip
        return blind_review.hide_pending_verdicts(connection, merged, context.user)


def _sorted(claims: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """Sorted by a column of ``_SORTS``; a minus in front: falling. Unknown values come last."""
    column = _SORTS.get(sort.removeprefix("-"))
    if column is None:
        return claims
    known = [c for c in claims if c[column] is not None]
    unknown = [c for c in claims if c[column] is None]
    return sorted(known, key=lambda c: c[column], reverse=sort.startswith("-")) + unknown


HANDLERS = {"search_page": search_page, "entity_page": entity_page}
