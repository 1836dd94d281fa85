"""The API for upstream systems: JSON, bearer tokens with scopes, described in OpenAPI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fraud_pipeline.errors import FraudPipelineError, InputError, UnknownRecordError
from fraud_pipeline.ingest.json_rows import parse_json
from fraud_pipeline.workbench.addresses import identifier_of
from fraud_pipeline.workbench.app_state import AppState
from fraud_pipeline.workbench.auth import tokens
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.auth.permissions import API_ROUTES, ApiRouteRule, Role
from fraud_pipeline.workbench.cases.claim_view import claim_facts, mask_facts
from fraud_pipeline.workbench.cases.regional import limit_claim
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.decisions import verdicts
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.exchange import api_models as models
from fraud_pipeline.workbench.exchange import intake, region_scope
from fraud_pipeline.workbench.pages import api_intake
from fraud_pipeline.workbench.pages.api_intake import BadRequestError
from fraud_pipeline.workbench.queue import assignment
from fraud_pipeline.workbench.queue.filters import Filter

_MOST_BYTES = {"api_receive": 4 << 20, "api_score": 1 << 20}
_FEW_BYTES = 1 << 16
_PAGE = 200
ApiHandler = Callable[
    [AppState, Request, Person, dict[str, Any]], tuple[int, models.Answer | dict[str, Any]]
]


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
    content = answer if isinstance(answer, dict) else answer.model_dump(mode="json")
    return JSONResponse(content, status)


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
    with app_state.db.reading() as connection:
        known = tokens.known(connection, token.strip())
    if known is None:
        return None
    # a token acts under its own name; no account has a negative id
    name = f"token {known.name}"
    return Person(-known.id, name, Role.REVIEWER, known.regions, frozenset()), set(known.scopes)


def _queue(
    app_state: AppState, request: Request, caller: Person, body_object: dict[str, Any]
) -> tuple[int, models.Queue]:
    chosen = Filter.parse(dict(request.query_params))
    page = assignment.list_claims(
        app_state.db, app_state.leads, app_state.state_cache, caller, chosen, size=_PAGE
    )
    _log(app_state, caller, "api-read", "queue", filter=chosen.query_string(), rows=len(page.rows))
    return 200, models.Queue(
        run_id=app_state.leads.run_id, total=page.total, page=page.page, pages=page.pages,
        claims=[models.Lead.model_validate(row) for row in page.rows],
    )  # fmt: skip


def _claim(
    app_state: AppState, request: Request, caller: Person, body_object: dict[str, Any]
) -> tuple[int, models.Claim]:
    lead = _lead(app_state, request, caller)
    hits = app_state.leads.query(
        "SELECT rule_code, measured, \"limit\", clause FROM rule_results "
        "WHERE claim_no = ? AND outcome = 'hit' ORDER BY rule_code",
        [app_state.leads.claim_number(lead["claim_id"])],
    )  # fmt: skip
    words = _findings(app_state, lead, caller)
    with app_state.db.reading() as connection:
        status = assignment.claim_state(connection, lead["claim_id"])["status"]
        past = verdicts.history(connection, lead["claim_id"])
    _log(app_state, caller, "api-read", f"claim {lead['claim_id']}")
    return 200, models.Claim.model_validate({
        **lead, "status": status, "run_id": app_state.leads.run_id, "rules": hits, "decisions": past,
        "reasons": words["raises"], "in_favour": words["lowers"],
    })  # fmt: skip


def _findings(app_state: AppState, lead: dict[str, Any], caller: Person) -> dict[str, Any]:
    """The reasons a person reads on the claim's page, with personal data masked."""
    facts = claim_facts(app_state.leads, app_state.workspace, lead, on_demand=False)
    facts = limit_claim(facts, app_state.leads, caller)
    return dict(mask_facts(facts, set())["findings"])


def _decide(
    app_state: AppState, request: Request, caller: Person, body_object: dict[str, Any]
) -> tuple[int, models.Recorded]:
    lead = _lead(app_state, request, caller)
    try:
        body = models.Decision.model_validate(body_object)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadRequestError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    finding = verdicts.Finding(
        body.verdict, body.reason, body.typology, body.disallowed_amount, body.note
    )
    second = verdicts.decide(
        app_state.db, app_state.leads.run_id, lead, caller, finding, app_state.is_drawn
    )
    return 201, models.Recorded(claim_id=lead["claim_id"], needs_second=second)


def _outcomes(
    app_state: AppState, request: Request, caller: Person, body_object: dict[str, Any]
) -> tuple[int, models.Outcomes]:
    table = region_scope.outcomes_in_scope(outcomes_table(app_state.db), app_state.leads, caller)
    _log(app_state, caller, "api-read", "outcomes", rows=table.num_rows)
    return 200, models.Outcomes.model_validate({"outcomes": table.to_pylist()})


def _description(
    app_state: AppState, request: Request, caller: Person, body_object: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    from fraud_pipeline.workbench.exchange.openapi import description  # noqa: PLC0415 - slow

    return 200, description()


def _lead(app_state: AppState, request: Request, caller: Person) -> dict[str, Any]:
    """The queue's row of a claim. Raises UnknownRecordError, also outside the token's regions."""
    lead = app_state.leads.claim(identifier_of(str(request.path_params["claim_id"])))
    if lead is None or not caller.sees_region(lead["region"]):
        raise UnknownRecordError("there is no such claim")
    return app_state.with_signed_plan(lead)


def _log(app_state: AppState, caller: Person, action: str, subject: str, **detail: Any) -> None:
    with app_state.db.writing() as connection:
        audit_log.append(connection, None, caller.name, action, subject, **detail)


def _problem(
    status: int, detail: str, headers: dict[str, str] | None = None, code: str = "",
    problems: list[dict[str, Any]] | None = None,
) -> Response:  # fmt: skip
    problem = models.Problem(detail=detail, code=code or None, problems=problems or None)
    return JSONResponse(problem.model_dump(mode="json", exclude_none=True), status, headers=headers)


_HANDLERS: dict[str, ApiHandler] = {
    "api_description": _description, "api_queue": _queue, "api_claim": _claim, "api_decide": _decide,
    "api_outcomes": _outcomes, "api_receive": api_intake.receive, "api_score": api_intake.score,
}  # fmt: skip
