"""Actions on one claim; each answers with a redirect, so that a reload repeats nothing."""

from __future__ import annotations

from starlette.responses import Response

from fraud_pipeline.workbench.addresses import claim_address, slug
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.decisions import blind_review, review, verdicts
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.claim_access import accessible_claim, may_access
from fraud_pipeline.workbench.pages.parameters import account_id
from fraud_pipeline.workbench.queue import assignment
from fraud_pipeline.workbench.queue.filters import Filter


def _back(claim_id: str, flash: str) -> Response:
    return responses.redirect(claim_address(claim_id), flash)


def _claim(context: RequestContext) -> str:
    return str(accessible_claim(context, context.path("claim_id"))["claim_id"])


def take(context: RequestContext) -> Response:
    claim_id = _claim(context)
    assignment.take(context.app_state.db, claim_id, context.user)
    return _back(claim_id, "taken")


def release(context: RequestContext) -> Response:
    claim_id = _claim(context)
    assignment.release(context.app_state.db, claim_id, context.user)
    return responses.redirect("/queue", "released")


def snooze(context: RequestContext) -> Response:
    claim_id = _claim(context)
    assignment.snooze(
        context.app_state.db,
        claim_id,
        context.user,
        context.field("until"),
        context.field("reason"),
    )
    return _back(claim_id, "snoozed")


def assign(context: RequestContext) -> Response:
    claim_id = _claim(context)
    assignment.assign(
        context.app_state.db, [claim_id], context.user, account_id(context.field("to"))
    )
    return _back(claim_id, "assigned")


def _finding(context: RequestContext) -> verdicts.Finding:
    return verdicts.Finding(
        context.field("verdict"), context.field("reason"), context.field("typology"), context.field("disallowed"),
        context.field("note"),
    )  # fmt: skip


def decide(context: RequestContext) -> Response:
    lead = accessible_claim(context, context.path("claim_id"))
    app_state = context.app_state
    second = verdicts.decide(
        app_state.db,
        app_state.leads.run_id,
        lead,
        context.user,
        _finding(context),
        app_state.is_drawn,
    )
    done = "second" if second else "decided"
    following = _next_claim(context) if context.field("then") == "next" else None
    if following is None:
        return _back(lead["claim_id"], done)
    address = f"{claim_address(following)}?before={slug(lead['claim_id'])}"
    return responses.redirect(address, done)


def _next_claim(context: RequestContext) -> str | None:
    """The claim of highest expected loss that is open, taken for this person; None without one."""
    app_state = context.app_state
    try:
        return assignment.take_next(
            app_state.db, app_state.leads, app_state.state_cache, context.user, Filter()
        )
    except ActionRefusedError:
        return None


def blind_check(context: RequestContext) -> Response:
    lead = accessible_claim(context, context.path("claim_id"))
    blind_review.record_check(
        context.app_state.db, context.app_state.leads.run_id, lead, context.user, _finding(context)
    )
    return responses.redirect(
        "/queue" if lead["rank"] is None else claim_address(lead["claim_id"]), "checked"
    )


def undo(context: RequestContext) -> Response:
    claim_id = _claim(context)
    review.undo(context.app_state.db, claim_id, context.user)
    return _back(claim_id, "undone")


def second(context: RequestContext) -> Response:
    claim_id, agree = _claim(context), context.field("answer") == "agree"
    review.second_review(
        context.app_state.db, claim_id, context.user, agree=agree, note=context.field("note"),
        allowed=lambda one: may_access(context, one),
    )  # fmt: skip
    return _back(claim_id, "agreed" if agree else "disagreed")


def reopen(context: RequestContext) -> Response:
    claim_id = _claim(context)
    review.reopen(context.app_state.db, claim_id, context.user, context.field("note"))
    return _back(claim_id, "reopened")


def appeal(context: RequestContext) -> Response:
    claim_id = _claim(context)
    review.reopen(context.app_state.db, claim_id, context.user, context.field("note"), appeal=True)
    return _back(claim_id, "appealed")


HANDLERS = {
    "take": take, "release": release, "snooze": snooze, "assign": assign, "decide": decide,
    "undo": undo, "second": second, "reopen": reopen, "appeal": appeal,
    "blind_check": blind_check,
}  # fmt: skip
