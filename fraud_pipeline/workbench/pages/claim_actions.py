"""What people do to a claim: each answers with a redirect, so that a reload repeats nothing."""

from __future__ import annotations

from starlette.responses import Response

from fraud_pipeline.workbench.app_state import Ask
from fraud_pipeline.workbench.decisions import blind_review, review, verdicts
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.claim_access import reaches, within_reach
from fraud_pipeline.workbench.queue import assignment


def _back(claim_id: str, said: str) -> Response:
    return responses.to(f"/claims/{claim_id}", said)


def _claim(ask: Ask) -> str:
    return str(within_reach(ask, ask.path("claim_id"))["claim_id"])


def take(ask: Ask) -> Response:
    claim_id = _claim(ask)
    assignment.take(ask.bench.db, claim_id, ask.who)
    return _back(claim_id, "taken")


def release(ask: Ask) -> Response:
    claim_id = _claim(ask)
    assignment.release(ask.bench.db, claim_id, ask.who)
    return responses.to("/queue", "released")


def snooze(ask: Ask) -> Response:
    claim_id = _claim(ask)
    assignment.snooze(ask.bench.db, claim_id, ask.who, ask.field("until"), ask.field("reason"))
    return _back(claim_id, "snoozed")


def assign(ask: Ask) -> Response:
    claim_id, to = _claim(ask), ask.field("to")
    number = int(to) if to.isascii() and to.isdigit() and len(to) < 10 else -1
    assignment.assign(ask.bench.db, [claim_id], ask.who, number)
    return _back(claim_id, "assigned")


def _finding(ask: Ask) -> verdicts.Finding:
    return verdicts.Finding(
        ask.field("verdict"), ask.field("reason"), ask.field("typology"), ask.field("disallowed"),
        ask.field("note"),
    )  # fmt: skip


def decide(ask: Ask) -> Response:
    lead = within_reach(ask, ask.path("claim_id"))
    bench = ask.bench
    second = verdicts.decide(
        bench.db, bench.leads.run_id, lead, ask.who, _finding(ask), bench.drawn
    )
    return _back(lead["claim_id"], "second" if second else "decided")


def blind_check(ask: Ask) -> Response:
    lead = within_reach(ask, ask.path("claim_id"))
    blind_review.check(ask.bench.db, ask.bench.leads.run_id, lead, ask.who, _finding(ask))
    return responses.to(
        "/queue" if lead["rank"] is None else f"/claims/{lead['claim_id']}", "checked"
    )


def undo(ask: Ask) -> Response:
    claim_id = _claim(ask)
    review.undo(ask.bench.db, claim_id, ask.who)
    return _back(claim_id, "undone")


def second(ask: Ask) -> Response:
    claim_id, agree = _claim(ask), ask.field("answer") == "agree"
    review.second(
        ask.bench.db, claim_id, ask.who, agree=agree, note=ask.field("note"),
        allowed=lambda one: reaches(ask, one),
    )  # fmt: skip
    return _back(claim_id, "agreed" if agree else "disagreed")


def reopen(ask: Ask) -> Response:
    claim_id = _claim(ask)
    review.reopen(ask.bench.db, claim_id, ask.who, ask.field("note"))
    return _back(claim_id, "reopened")


def appeal(ask: Ask) -> Response:
    claim_id = _claim(ask)
    review.reopen(ask.bench.db, claim_id, ask.who, ask.field("note"), appeal=True)
    return _back(claim_id, "appealed")


HANDLERS = {
    "take": take, "release": release, "snooze": snooze, "assign": assign, "decide": decide,
    "undo": undo, "second": second, "reopen": reopen, "appeal": appeal,
    "blind_check": blind_check,
}  # fmt: skip
