"""API requests with claims: rows for the next run, and one claim to score before payment."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from fraud_pipeline.engine import run_queries
from fraud_pipeline.engine.setup import setup_of_run
from fraud_pipeline.engine.single_claim import FROM_LAST_RUN, Answer, ClaimScorer
from fraud_pipeline.errors import InputError
from fraud_pipeline.programmes.currency import currencies_of
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.workbench.app_state import AppState
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.cases.masking import FREE_TEXT, scrub
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.exchange import api_models as models
from fraud_pipeline.workbench.exchange import intake, region_scope


class BadRequestError(Exception):
    """The request cannot be understood; the sentence says why."""


def _programmes(app_state: AppState) -> dict[str, str]:
    """The currency of each programme a claim can belong to: the shipped ones and those of the run.

    A pack that only the run knows counts in the currency of the amounts handed in.
    """
    shipped = currencies_of(app_state.cached("packs", load_packs))
    return {**dict.fromkeys(app_state.leads.manifest["packs"], "XXX"), **shipped}


def receive(
    app_state: AppState, request: Request, caller: Person, body_object: dict[str, Any]
) -> tuple[int, models.Accepted]:
    """Accepts the rows for the next run: all of them, or none with the reasons."""
    rows = intake.parse_rows(body_object)
    loaded = intake.validate_rows(rows, _programmes(app_state))
    region_scope.reject_outside(app_state.db, app_state.leads, loaded.tables, caller)
    new, known = intake.store_rows(app_state.db, rows, caller.name)
    return 202, models.Accepted(new=new, known=known)


def score(
    app_state: AppState, request: Request, caller: Person, body_object: dict[str, Any]
) -> tuple[int, models.Scored]:
    """Scores one claim as the run would, before it is paid; nothing is stored but the log row."""
    rows = intake.parse_rows(body_object)
    if len(rows["claims"]) != 1:
        raise BadRequestError("one claim at a time is scored")
    loaded = intake.validate_rows(rows, _programmes(app_state))
    leads = app_state.leads
    region_scope.reject_outside(app_state.db, leads, loaded.tables, caller)

    def make_scorer() -> ClaimScorer:
        setup = setup_of_run(leads.run, app_state.workspace)
        return ClaimScorer(run_queries.known_to(leads.run), leads.run, setup)

    scorer = app_state.cached(("claim scorer", leads.run_id), make_scorer)
    inputs = {name: loaded.tables[name] for name in rows if rows[name]}
    try:
        answer = scorer.score(inputs)
    except InputError as error:
        raise BadRequestError(str(error)) from None
    claim_id = str(inputs["claims"]["claim_id"][0].as_py())
    with app_state.db.writing() as connection:
        receipt = audit_log.append(
            connection, None, caller.name, "api-score", f"claim {claim_id}", run=leads.run_id
        )
    facts = {"claim_id": claim_id, "run_id": leads.run_id, "log_seq": receipt.seq}
    return 200, models.Scored.model_validate(facts | _score_response(answer, leads))


def _score_response(answer: Answer, leads: Leads) -> dict[str, Any]:
    """The fields of the score, sentences with personal data masked."""
    ranked = answer.ranked.to_pylist()[0]
    hits = [r for r in answer.rule_results.to_pylist() if r["outcome"] in ("hit", "error")]
    not_applicable = [
        r["rule_code"] for r in answer.rule_results.to_pylist() if r["outcome"] == "not_applicable"
    ]
    return {
        "risk": ranked["risk"], "log_odds": ranked["log_odds"], "expected_loss": ranked["expected_loss"],
        "place": answer.place, "of": leads.size, "rules": [_masked(row) for row in hits],
        "not_applicable": not_applicable, "price": _masked((answer.price.to_pylist() or [{}])[0]),
        "reasons": [_masked(r) for r in answer.explanations.sort_by("position").to_pylist()],
        "what_if": [{"zh": zh, "en": en} for zh, en in answer.what_if],
        "rings": list(answer.ring_ids), "from_last_night": list(FROM_LAST_RUN),
    }  # fmt: skip


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: scrub(value) if isinstance(value, str) and name in FREE_TEXT else value
        for name, value in row.items()
    }
