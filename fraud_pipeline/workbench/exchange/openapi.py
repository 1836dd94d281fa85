"""The OpenAPI description of the API: FastAPI makes it from the models of :mod:`api_models` and
from the route table that the guard reads.

The functions below only declare parameters, body and response of each operation; their docstrings
are the summaries. ``pages/api.py`` answers. FastAPI is slow to import, so this module is imported
when the description is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Path, Query, Security
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

import fraud_pipeline
from fraud_pipeline.workbench.auth.permissions import API_ROUTES, ApiRouteRule
from fraud_pipeline.workbench.exchange import api_models as models

ClaimId = Annotated[str, Path(min_length=1)]
_STATUS = {"api_decide": 201, "api_receive": 202}


def description() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    return get_openapi(
        title="fraud-pipeline workbench", version=fraud_pipeline.__version__, openapi_version="3.1.0",
        description="Leads for review (疑点), never findings. Higher = look sooner.",
        routes=[_documented(rule) for rule in API_ROUTES],
    )  # fmt: skip


def _documented(rule: ApiRouteRule) -> APIRoute:
    declared = _OPERATIONS[rule.name]
    return APIRoute(
        rule.path, declared, methods=[rule.method], operation_id=rule.name, summary=declared.__doc__,
        description=f"Needs the scope `{rule.needs.value}`." if rule.needs else "Needs no token.",
        status_code=_STATUS.get(rule.name, 200),
        responses={k: {"description": v, "model": models.Problem} for k, v in _problems(rule).items()},
        dependencies=[Security(HTTPBearer(scheme_name="token"))] if rule.needs else [],
    )  # fmt: skip


def _problems(rule: ApiRouteRule) -> dict[int | str, str]:
    if rule.needs is None:
        return {}
    problems: dict[int | str, str] = {
        401: "no valid token", 403: "the token lacks the scope", 422: "it cannot be accepted as it is",
    }  # fmt: skip
    if "{claim_id}" in rule.path:
        problems[404] = "no such claim"
    if rule.method == "POST":
        problems |= {413: "too large", 503: "not available at this time"}
    if rule.name == "api_decide":
        problems[409] = "somebody works on it, or it is decided"
    return problems


def _description() -> dict[str, Any]:
    """This description"""
    raise NotImplementedError


def _queue(filters: Annotated[models.QueueFilters, Query()]) -> models.Queue:
    """The queue by expected recoverable loss, 200 a page"""
    raise NotImplementedError


def _claim(claim_id: ClaimId) -> models.Claim:
    """One claim: its score, the rules that fired, the decisions on it"""
    raise NotImplementedError


def _decide(claim_id: ClaimId, body: models.Decision) -> models.Recorded:
    """A decision made elsewhere; the rules of the workbench apply"""
    raise NotImplementedError


def _outcomes() -> models.Outcomes:
    """Every verdict that stands, as rows of the contract's outcomes"""
    raise NotImplementedError


def _receive(body: models.Batch) -> models.Accepted:  # type: ignore[valid-type]
    """Claims and their documents, for the next run; all rows are accepted or none"""
    raise NotImplementedError


def _score(body: models.Batch) -> models.Scored:  # type: ignore[valid-type]
    """One claim scored before it is paid, with the rules, prices and model of the last run"""
    raise NotImplementedError


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "api_description": _description, "api_queue": _queue, "api_claim": _claim, "api_decide": _decide,
    "api_outcomes": _outcomes, "api_receive": _receive, "api_score": _score,
}  # fmt: skip
