"""The API for upstream systems: JSON, bearer tokens with scopes, described in OpenAPI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fraud_pipeline.errors import FraudPipelineError, InputError, UnknownRecordError
from fraud_pipeline.ingest.json_rows import parse_json
from fraud_pipeline.workbench.app_state import AppState
from fraud_pipeline.workbench.auth import accounts
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.auth.permissions import API_ROUTES, ApiRouteRule, Role
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.decisions import verdicts
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.exchange import intake, region_scope
from fraud_pipeline.workbench.exchange.openapi import description
from fraud_pipeline.workbench.pages import api_intake
from fraud_pipeline.workbench.pages.api_intake import BadRequestError
from fraud_pipeline.workbench.queue import assignment
from fraud_pipeline.workbench.queue.filters import Filter

_MOST_BYTES = {"api_receive": 4 << 20, "api_score": 1 << 20}
_FEW_BYTES = 1 << 16
_PAGE = 200
_QUEUE_COLUMNS = (
    "claim_id", "rank", "risk", "expected_loss", "claimed_amount", "programme", "enterprise_id",
    "institution_id", "submitted_on", "service_type", "region", "typologies", "ring_id", "stratum",
    "status", "top_reason", "top_reason_en",
)  # fmt: skip
ApiHandler = Callable[[AppState, Request, Person, dict[str, Any]], tuple[int, Any]]


def api_routes(app_state: AppState) -> list[Route]:
    """The routes of API_ROUTES, each behind its scope."""
    return [
        Route(rule.path, _endpoint(app_state, rule, _HANDLERS[rule.name]), methods=[rule.method])
        for rule in API_ROUTES
    ]


def _endpoint(
    app_state: AppState, rule: ApiRouteRule, handler: ApiHandler
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BYTES.get(rule.name, _FEW_BYTES):
                return _problem(413, "too large")
        return await run_in_threadpool(_guard, app_state, rule, handler, request, body)

    return answer


def _guard(
    app_state: AppState, rule: ApiRouteRule, handler: ApiHandler, request: Request, body: bytes
) -> Response:
    bearer = Person(0, "api", Role.AUDITOR, (), frozenset())
    if rule.needs is not None:
        token = _bearer(app_state, request)
        if token is None:
            return _problem(401, "a valid token is needed", {"WWW-Authenticate": "Bearer"})
        bearer, scopes = token
        if rule.needs.value not in scopes:
            return _problem(403, f"the token has no scope {rule.needs.value}")
    try:
        body_object = _object(body) if rule.method == "POST" else {}
        status, answer = handler(app_state, request, bearer, body_object)
    except (
        BadRequestError,
        ActionRefusedError,
        FraudPipelineError,
        intake.RowsRejectedError,
    ) as error:
        return _declined(error)
    return JSONResponse(answer, status)


def _declined(error: Exception) -> Response:
    """The error as JSON: 4xx when the caller can mend it, 503 when the server must."""
    if isinstance(error, intake.RowsRejectedError):
        return _problem(422, str(error), problems=error.problems)
    if isinstance(error, ActionRefusedError):
        is_conflict = error.key in ("taken", "decided")
        return _problem(409 if is_conflict else 422, str(error), code=error.key)
    if isinstance(error, UnknownRecordError):
        return _problem(404, str(error))
    return _problem(422 if isinstance(error, BadRequestError) else 503, str(error))


def _object(body: bytes) -> dict[str, Any]:
    try:
        body_object = parse_json(body, "the body", as_text=False)
    except InputError as error:
        raise BadRequestError(str(error)) from None
    if not isinstance(body_object, dict):
        raise BadRequestError("the body is not an object")
    return body_object


def _bearer(app_state: AppState, request: Request) -> tuple[Person, set[str]] | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return None
    k = t.TOKENS
    with app_state.db.reading() as connection:
        row = connection.execute(
            sa.select(k).where(
                k.c.token_hash == accounts.sha256(token.strip()), k.c.revoked_at.is_(None)
            )
        ).first()
    if row is None:
        return None
    # a token acts under its own name; no account has a negative id
    regions = accounts.parse_regions(row.regions)
    return Person(-row.id, f"token {row.name}", Role.REVIEWER, regions, frozenset()), set(
        row.scopes.split()
    )


def _queue(
    app_state: AppState, request: Request, caller: Person, body_object: dict[str, Any]
) -> tuple[int, Any]:
    chosen = Filter.parse(dict(request.query_params))
    page = assignment.list_claims(
        app_state.db, app_state.leads, app_state.state_cache, caller, chosen, size=_PAGE
    )
    _log(app_state, caller, "api-read", "queue", filter=chosen.query_string(), rows=len(page.rows))
    return 200, {
        "run_id": app_state.leads.run_id, "total": page.total, "page": page.page,
        "pages": page.pages, "claims": [_plain({k: r[k] for k in _QUEUE_COLUMNS}) for r in page.rows],
    }  # fmt: skip


def _claim(
    app_state: AppState, request: Request, caller: Person, body_object: dict[str, Any]
) -> tuple[int, Any]:
    lead = _lead(app_state, request, caller)
    hits = app_state.leads.query(
        "SELECT rule_code, measured, \"limit\", clause FROM rule_results "
        "WHERE claim_no = ? AND outcome = 'hit' ORDER BY rule_code",
        [app_state.leads.claim_number(lead["claim_id"])],
    )  # fmt: skip
    with app_state.db.reading() as connection:
        status = assignment.claim_state(connection, lead["claim_id"])["status"]
        past = verdicts.history(connection, lead["claim_id"])
    _log(app_state, caller, "api-read", f"claim {lead['claim_id']}")
    decision_fields = (
        "id",
        "kind",
        "verdict",
        "typology",
        "disallowed_fen",
        "reason",
        "at",
        "refers_to",
    )
    return 200, {
        **_plain({k: lead[k] for k in _QUEUE_COLUMNS if k != "status"}), "status": status,
        "run_id": app_state.leads.run_id, "rules": [_plain(h) for h in hits],
        "decisions": [{k: row[k] for k in decision_fields} for row in past],
    }  # fmt: skip


def _decide(
    app_state: AppState, request: Request, caller: Person, body_object: dict[str, Any]
) -> tuple[int, Any]:
    lead = _lead(app_state, request, caller)
    known = {"verdict", "reason", "typology", "disallowed_amount", "note"}
    if set(body_object) - known:
        raise BadRequestError(f"unknown field {sorted(set(body_object) - known)[0]}")
    wrong = [k for k, v in body_object.items() if not isinstance(v, str)]
    if wrong:
        raise BadRequestError(f"{sorted(wrong)[0]} must be a string")
    finding = verdicts.Finding(
        body_object.get("verdict", ""), body_object.get("reason", ""), body_object.get("typology", ""),
        body_object.get("disallowed_amount", ""), body_object.get("note", ""),
    )  # fmt: skip
    second = verdicts.decide(
        app_state.db, app_state.leads.run_id, lead, caller, finding, app_state.is_drawn
    )
    return 201, {"claim_id": lead["claim_id"], "needs_second": second}


def _outcomes(
    app_state: AppState, request: Request, caller: Person, body_object: dict[str, Any]
) -> tuple[int, Any]:
    table = region_scope.outcomes_in_scope(outcomes_table(app_state.db), app_state.leads, caller)
    _log(app_state, caller, "api-read", "outcomes", rows=table.num_rows)
    rows = table.drop_columns(["source_file", "source_sheet", "source_row"]).to_pylist()
    return 200, {"outcomes": [_plain(row) for row in rows]}


def _description(
    app_state: AppState, request: Request, caller: Person, body_object: dict[str, Any]
) -> tuple[int, Any]:
    return 200, description()


def _lead(app_state: AppState, request: Request, caller: Person) -> dict[str, Any]:
    """The queue's row of a claim. Raises UnknownRecordError, also outside the token's regions."""
    lead = app_state.leads.claim(str(request.path_params["claim_id"]))
    if lead is None or not caller.sees_region(lead["region"]):
        raise UnknownRecordError("there is no such claim")
    return app_state.with_signed_plan(lead)


def _log(app_state: AppState, caller: Person, action: str, subject: str, **detail: Any) -> None:
    with app_state.db.writing() as connection:
        audit_log.append(connection, None, caller.name, action, subject, **detail)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Money as exact text, days as ISO."""
    return {k: str(v) if isinstance(v, Decimal | date) else v for k, v in row.items()}


def _problem(
    status: int, detail: str, headers: dict[str, str] | None = None, code: str = "",
    problems: list[dict[str, Any]] | None = None,
) -> Response:  # fmt: skip
    content: dict[str, Any] = {"detail": detail} | ({"code": code} if code else {})
    content |= {"problems": problems} if problems else {}
    return JSONResponse(content, status, headers=headers)


_HANDLERS: dict[str, ApiHandler] = {
    "api_description": _description, "api_queue": _queue, "api_claim": _claim, "api_decide": _decide,
    "api_outcomes": _outcomes, "api_receive": api_intake.receive, "api_score": api_intake.score,
}  # fmt: skip
