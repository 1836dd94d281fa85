"""What upstream systems hand in: claims for the next night, one claim to score before it is paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from starlette.requests import Request

from fraud_pipeline.engine import run_queries
from fraud_pipeline.engine.setup import setup_of_run
from fraud_pipeline.engine.single_claim import FROM_LAST_RUN, Answer, ClaimScorer
from fraud_pipeline.errors import InputError
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.workbench.app_state import AppState
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.cases.masking import WORDS, scrub
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.exchange import intake, region_scope


class BadRequestError(Exception):
    """The request cannot be understood; the sentence says why."""


def _programmes(app_state: AppState) -> frozenset[str]:
    """The programmes a claim can be of: the shipped ones and those of the run at hand."""
    shipped = app_state.cached("packs", load_packs)
    return frozenset(shipped) | frozenset(app_state.leads.manifest["packs"])


def receive(
    app_state: AppState, request: Request, who: Person, given: dict[str, Any]
) -> tuple[int, Any]:
    """All rows or none: an upstream system must not wonder which half arrived."""
    rows = intake.parse_rows(given)
    loaded = intake.validate_rows(rows, _programmes(app_state))
    region_scope.reject_outside(app_state.db, app_state.leads, loaded.tables, who)
    new, known = intake.store_rows(app_state.db, rows, who.name)
    return 202, {"new": new, "known": known}


def score(
    app_state: AppState, request: Request, who: Person, given: dict[str, Any]
) -> tuple[int, Any]:
    """One claim, scored as the night would score it, before it is paid. Nothing is kept but the look."""
    rows = intake.parse_rows(given)
    if len(rows["claims"]) != 1:
        raise BadRequestError("one claim at a time is scored")
    loaded = intake.validate_rows(rows, _programmes(app_state))
    leads = app_state.leads
    region_scope.reject_outside(app_state.db, leads, loaded.tables, who)

    def made() -> ClaimScorer:
        setup = setup_of_run(leads.run, app_state.workspace)
        return ClaimScorer(run_queries.known_to(leads.run), leads.run, setup)

    counter = app_state.cached(("desk", leads.run_id), made)
    filed = {name: loaded.tables[name] for name in rows if rows[name]}
    try:
        answer = counter.score(filed)
    except InputError as error:
        raise BadRequestError(str(error)) from None
    claim_id = str(filed["claims"]["claim_id"][0].as_py())
    with app_state.db.writing() as connection:
        receipt = audit_log.append(
            connection, None, who.name, "api-score", f"claim {claim_id}", run=leads.run_id
        )
    return 200, {
        "claim_id": claim_id, "run_id": leads.run_id, "log_seq": receipt.seq, **_told(answer, leads)
    }  # fmt: skip


def _told(answer: Answer, leads: Leads) -> dict[str, Any]:
    """The answer as JSON; sentences without personal data, money as exact text."""
    ranked = answer.ranked.to_pylist()[0]
    hits = [r for r in answer.rule_results.to_pylist() if r["outcome"] in ("hit", "error")]
    open_ = [
        r["rule_code"] for r in answer.rule_results.to_pylist() if r["outcome"] == "not_applicable"
    ]
    price = (answer.price.to_pylist() or [{}])[0]
    return {
        "risk": ranked["risk"], "log_odds": ranked["log_odds"], "expected_loss": str(ranked["expected_loss"]),
        "place": answer.place, "of": leads.size,
        "rules": [_picked(r, "rule_code", "outcome", "measured", "limit", "clause", "sentence_zh",
                          "sentence_en") for r in hits],
        "not_applicable": open_,
        "price": _picked(price, "outcome", "unit_price", "market_low", "market_mid", "market_high",
                         "p_value", "reason"),
        "reasons": [_picked(r, "feature", "contribution", "sentence_zh", "sentence_en")
                    for r in answer.explanations.sort_by("position").to_pylist()],
        "what_if": [{"zh": zh, "en": en} for zh, en in answer.what_if],
        "rings": list(answer.ring_ids), "from_last_night": list(FROM_LAST_RUN),
    }  # fmt: skip


def _picked(row: dict[str, Any], *names: str) -> dict[str, Any]:
    made = {}
    for name in names:
        value = row.get(name)
        value = str(value) if isinstance(value, Decimal) else value
        made[name] = scrub(value) if isinstance(value, str) and name in WORDS else value
    return made
