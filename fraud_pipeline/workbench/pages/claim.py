"""The claim page: facts, reasons, facts in its favour, and the actions open to this person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.workbench.addresses import entity_address, identifier_of
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.auth.permissions import Permission
from fraud_pipeline.workbench.cases import attachments
from fraud_pipeline.workbench.cases.claim_view import claim_facts, mask_facts, timeline
from fraud_pipeline.workbench.cases.masking import FIELDS
from fraud_pipeline.workbench.cases.party_statements import facts_in_favour, grounds_for_party
from fraud_pipeline.workbench.cases.regional import limit_claim
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.decisions import blind_review, verdicts
from fraud_pipeline.workbench.entities.entity_view import ENTITY_FIELDS
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import kept_forms, responses
from fraud_pipeline.workbench.pages.case_access import cases_holding
from fraud_pipeline.workbench.pages.claim_access import (
    accessible_claim,
    account_names,
    assignable_accounts,
)
from fraud_pipeline.workbench.queue import assignment

_REASONS_UP_TO = 20_000  # claims of a run up to which missing reasons are computed unasked
_UNMASKABLE = ("enterprise", "institution", "claim", "payments")


def claim_page(context: RequestContext) -> Response:
    lead = accessible_claim(context, context.path("claim_id"))
    with context.app_state.db.writing() as connection:
        receipt = audit_log.append(
            connection, context.user.id, context.user.name, "view", f"claim {lead['claim_id']}",
            run=context.app_state.leads.run_id,
        )  # fmt: skip
        assignment.extend_lock(connection, lead["claim_id"], context.user, receipt.seq)
    return _render(context, lead, set())


def refused_page(context: RequestContext, problem: str) -> Response:
    """The claim's page with the form as it was filled in, and why it was refused."""
    lead = accessible_claim(context, context.path("claim_id"))
    return _render(context, lead, set(), problem)


def unmask(context: RequestContext) -> Response:
    """Shows one field unmasked in this response; field and reason are logged."""
    lead = accessible_claim(context, context.path("claim_id"))
    subject, _, field = context.field("field").partition(".")
    if subject not in _UNMASKABLE or field not in FIELDS:
        raise ActionRefusedError("nothing_chosen")
    reason = context.reason()
    context.log("unmask", f"claim {lead['claim_id']}", field=f"{subject}.{field}", reason=reason)
    return _render(context, lead, {(subject, field)})


def _render(
    context: RequestContext, lead: dict[str, Any], shown: set[tuple[str, str]], problem: str = ""
) -> Response:
    """``problem``: why the form in this request was refused; its fields are shown again."""
    app_state = context.app_state
    try:
        wanted = context.query().get("reasons") == "1" or app_state.leads.size <= _REASONS_UP_TO
        wanted = wanted and lead["rank"] is not None
        facts = claim_facts(app_state.leads, app_state.workspace, lead, on_demand=wanted)
    except IntegrityError as error:
        return responses.error_page(context, 409, str(error), str(error))
    facts = limit_claim(facts, app_state.leads, context.user)
    hidden = maskable_fields(facts)
    unmasked, facts = facts, mask_facts(facts, shown)
    with app_state.db.reading() as connection:
        state = assignment.claim_state(connection, lead["claim_id"])
        past = verdicts.history(connection, lead["claim_id"])
        hidden_verdict = (
            blind_review.hidden_verdict(connection, lead["claim_id"], context.user) is not None
        )
        for side in ("enterprise_past", "institution_past"):
            rows = blind_review.hide_pending_verdicts(connection, facts[side]["rows"], context.user)
            facts[side] = {**facts[side], "rows": rows}
        who, people = account_names(connection), assignable_accounts(connection)
        settings, receipt = current(connection), audit_log.head(connection)
        files = attachments.list_for_claim(connection, lead["claim_id"])
    return responses.render_page(
        context, "claim.html", 422 if problem else 200, refused=problem,
        entity_of=_entity_addresses(app_state.leads, unmasked),
        reachable=_reachable(app_state.leads, facts),
        cases=cases_holding(context, "claim", lead["claim_id"]),
        draft=kept_forms.entered(context) if problem else {}, f=facts, lead=lead, state=state, names=who, people=people,
        events=timeline(facts), favour=facts_in_favour(facts), shown=shown, hidden=hidden,
        four_eyes=lead["claimed_amount"] >= settings.four_eyes_amount, settings=settings,
        receipt=receipt, files=files, run_id=app_state.leads.run_id, model=app_state.leads.manifest["model"]["name"],
        before=identifier_of(context.query().get("before", ""))[:400], past=[] if hidden_verdict else past, can_check=hidden_verdict,
        **allowed_actions(context, lead, state, past),
    )  # fmt: skip


def _reachable(leads: Leads, facts: dict[str, Any]) -> set[str]:
    """The other claims on the page that have a page of their own."""
    rows = [*facts["comparables"], *facts["twins"]]
    rows += [*facts["enterprise_past"]["rows"], *facts["institution_past"]["rows"]]
    return set(leads.queue_places([row["claim_id"] for row in rows]))


def _entity_addresses(leads: Leads, facts: dict[str, Any]) -> dict[tuple[str, str], str]:
    """(subject, field) -> the page of the person, phone, account or agent that the field names."""
    addresses = {}
    for subject, row in (
        ("enterprise", facts["enterprise"]), ("institution", facts["institution"]),
        ("claim", facts["claim"]),
    ):  # fmt: skip
        for field, kind in ENTITY_FIELDS.items():
            value = row.get(field) if row else None
            entity = leads.lookup_one("entities", "entity", f"{kind} {value}") if value else None
            if entity is not None:
                addresses[subject, field] = entity_address(kind, entity["token"])
    return addresses


def notice(context: RequestContext) -> Response:
    """A draft notice to print: what is asked, why, until when, and how to object."""
    lead = accessible_claim(context, context.path("claim_id"))
    app_state = context.app_state
    facts = mask_facts(
        claim_facts(app_state.leads, app_state.workspace, lead, on_demand=False), set()
    )
    receipt = context.log("notice", f"claim {lead['claim_id']}", run=app_state.leads.run_id)
    with app_state.db.reading() as connection:
        days = current(connection).answer_days
    until = date.fromisoformat(now()[:10]) + timedelta(days=days)
    grounds = grounds_for_party(app_state.leads, facts)
    return responses.render_page(
        context, "notice.html", f=facts, lead=lead, grounds=grounds, until=until, receipt=receipt
    )


def maskable_fields(facts: dict[str, Any]) -> list[str]:
    """The masked fields that have a value, as ``subject.field``."""
    return [
        f"{subject}.{field}"
        for subject in _UNMASKABLE
        for field in sorted(FIELDS)
        if any(row.get(field) for row in _rows(facts[subject]))
    ]


def _rows(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value] if value else []


def allowed_actions(
    context: RequestContext, lead: dict[str, Any], state: dict[str, Any], past: list[dict[str, Any]]
) -> dict[str, bool]:
    """The actions this person may take in the claim's present state: which buttons the page has."""
    me, status = context.user, state["status"]
    last = next((row for row in past if row["id"] == state["decision_id"]), None)
    is_own_verdict = last is not None and last["kind"] == "verdict" and last["by"] == me.id
    listed = lead["rank"] is not None
    workable = (listed and status in ("open", "snoozed")) or (
        status == "taken" and state["holder"] == me.id
    )
    return {
        "can_decide": me.may(Permission.WORK) and workable,
        "can_take": me.may(Permission.WORK) and listed and status in ("open", "snoozed"),
        "can_release": status == "taken" and (state["holder"] == me.id or me.may(Permission.LEAD)),
        "can_reassign": me.may(Permission.LEAD)
        and listed
        and status in ("open", "snoozed", "taken"),
        "can_undo": me.may(Permission.WORK) and is_own_verdict and status in ("decided", "second"),
        "can_second": me.may(Permission.SECOND) and status == "second" and not is_own_verdict,
        "can_reopen": me.may(Permission.LEAD) and status in ("decided", "second"),
    }


HANDLERS = {"claim_page": claim_page, "unmask": unmask, "notice": notice}
