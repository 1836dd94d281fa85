"""The claim on one screen: what is claimed, why it is here, what speaks for it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.workbench.app_state import Ask
from fraud_pipeline.workbench.auth.permissions import May
from fraud_pipeline.workbench.cases import attachments
from fraud_pipeline.workbench.cases.claim_view import dossier, in_favour, masked, timeline
from fraud_pipeline.workbench.cases.masking import FIELDS
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.decisions import blind_review, verdicts
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.claim_access import names, within_reach, workers
from fraud_pipeline.workbench.queue import assignment

_MADE_AT_ONCE = 20_000  # claims of a run up to which missing reasons are made unasked
_UNMASKABLE = ("enterprise", "institution", "claim", "payments")


def claim_page(ask: Ask) -> Response:
    lead = within_reach(ask, ask.path("claim_id"))
    with ask.bench.db.writing() as connection:
        receipt = audit_log.append(
            connection, ask.who.id, ask.who.name, "view", f"claim {lead['claim_id']}",
            run=ask.bench.leads.run_id,
        )  # fmt: skip
        assignment.keep(connection, lead["claim_id"], ask.who, receipt.seq)
    return _render(ask, lead, set())


def unmask(ask: Ask) -> Response:
    """Shows one field in full, once, with a reason that stays in the log."""
    lead = within_reach(ask, ask.path("claim_id"))
    subject, _, field = ask.field("field").partition(".")
    if subject not in _UNMASKABLE or field not in FIELDS:
        raise ActionRefusedError("nothing_chosen")
    reason = ask.field("reason").strip()[:500]
    if len(reason) < 4:
        raise ActionRefusedError("note_needed")
    ask.log("unmask", f"claim {lead['claim_id']}", field=f"{subject}.{field}", reason=reason)
    return _render(ask, lead, {(subject, field)})


def _render(ask: Ask, lead: dict[str, Any], shown: set[tuple[str, str]]) -> Response:
    bench = ask.bench
    try:
        wanted = ask.query().get("reasons") == "1" or bench.leads.size <= _MADE_AT_ONCE
        wanted = wanted and lead["rank"] is not None
        facts = dossier(bench.leads, bench.workspace, lead, on_demand=wanted)
    except IntegrityError as error:
        return responses.sorry(ask, 409, str(error), str(error))
    hidden = hideable(facts)
    facts = masked(facts, shown)
    with bench.db.reading() as connection:
        state = assignment.state_of(connection, lead["claim_id"])
        past = verdicts.history(connection, lead["claim_id"])
        hidden_verdict = blind_review.hides(connection, lead["claim_id"], ask.who) is not None
        for side in ("enterprise_past", "institution_past"):
            rows = blind_review.without(connection, facts[side]["rows"], ask.who)
            facts[side] = {**facts[side], "rows": rows}
        who, people = names(connection), workers(connection)
        settings, receipt = current(connection), audit_log.head(connection)
        kept = attachments.of_claim(connection, lead["claim_id"])
    return responses.page(
        ask, "claim.html", f=facts, lead=lead, state=state, names=who, people=people,
        events=timeline(facts), favour=in_favour(facts), shown=shown, hidden=hidden,
        four_eyes=lead["claimed_amount"] >= settings.four_eyes_amount, settings=settings,
        receipt=receipt, kept=kept, run_id=bench.leads.run_id, model=bench.leads.manifest["model"]["name"],
        past=[] if hidden_verdict else past, can_check=hidden_verdict,
        **standing_of(ask, state, past),
    )  # fmt: skip


def notice(ask: Ask) -> Response:
    """A letter to print: what is asked, why, until when, and how to object; a draft for a person."""
    lead = within_reach(ask, ask.path("claim_id"))
    bench = ask.bench
    facts = masked(dossier(bench.leads, bench.workspace, lead, on_demand=False), set())
    receipt = ask.log("notice", f"claim {lead['claim_id']}", run=bench.leads.run_id)
    with bench.db.reading() as connection:
        days = current(connection).answer_days
    until = date.fromisoformat(now()[:10]) + timedelta(days=days)
    asked = [r for r in facts["rules"] if r["outcome"] == "hit" and r["severity"] != "info"]
    return responses.page(
        ask, "notice.html", f=facts, lead=lead, asked=asked, until=until, receipt=receipt
    )


def hideable(facts: dict[str, Any]) -> list[str]:
    """The masked fields that hold something, as ``subject.field``."""
    return [
        f"{subject}.{field}"
        for subject in _UNMASKABLE
        for field in sorted(FIELDS)
        if any(row.get(field) for row in _rows(facts[subject]))
    ]


def _rows(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value] if value else []


def standing_of(ask: Ask, state: dict[str, Any], past: list[dict[str, Any]]) -> dict[str, bool]:
    """What this person can do with the claim as it stands: which buttons the page has."""
    me, status = ask.who, state["status"]
    last = next((row for row in past if row["id"] == state["decision_id"]), None)
    mine = last is not None and last["kind"] == "verdict" and last["by"] == me.id
    workable = status in ("open", "snoozed") or (status == "taken" and state["holder"] == me.id)
    return {
        "can_decide": me.may(May.WORK) and workable,
        "can_take": me.may(May.WORK) and status in ("open", "snoozed"),
        "can_release": status == "taken" and state["holder"] == me.id,
        "can_undo": me.may(May.WORK) and mine and status in ("decided", "second"),
        "can_second": me.may(May.SECOND) and status == "second" and not mine,
        "can_reopen": me.may(May.LEAD) and status in ("decided", "second"),
    }


HANDLERS = {"claim_page": claim_page, "unmask": unmask, "notice": notice}
