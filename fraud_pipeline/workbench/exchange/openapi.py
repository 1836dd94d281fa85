"""The OpenAPI description of the API, made from the route table that its guard reads."""

from __future__ import annotations

from typing import Any

import fraud_pipeline
from fraud_pipeline.workbench.auth.permissions import API_ROUTES, ApiRouteRule
from fraud_pipeline.workbench.exchange.api_schemas import SCHEMAS, TEXT


def description() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    paths: dict[str, Any] = {}
    for rule in API_ROUTES:
        paths.setdefault(rule.path, {})[rule.method.lower()] = _operation(rule)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fraud-pipeline workbench",
            "version": fraud_pipeline.__version__,
            "description": "Leads for review (疑点), never findings. Higher = look sooner.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": SCHEMAS,
        },
    }


_OPERATIONS: dict[str, tuple[str, str, str]] = {  # summary, status, schema
    "api_queue": ("The queue by expected recoverable loss, 200 a page", "200", "Queue"),
    "api_claim": (
        "One claim: its score, the rules that fired, the decisions on it",
        "200",
        "Claim",
    ),
    "api_decide": (
        "A decision made elsewhere; the rules of the workbench apply",
        "201",
        "Recorded",
    ),
    "api_outcomes": (
        "Every verdict that stands, as rows of the contract's outcomes",
        "200",
        "Outcomes",
    ),
    "api_receive": (
        "Claims and their documents, for the next run; all rows are taken or none",
        "202",
        "Taken",
    ),
    "api_score": (
        "One claim scored before it is paid, with the rules, prices and model of the last run",
        "200",
        "Scored",
    ),
}
_BODIES = {"api_decide": "Decision", "api_receive": "Batch", "api_score": "Batch"}
_FILTERS = (
    "status",
    "typology",
    "region",
    "ring",
    "stratum",
    "least",
    "most",
    "older",
    "age",
    "find",
    "page",
)


def _operation(rule: ApiRouteRule) -> dict[str, Any]:
    if rule.needs is None:
        return {
            "operationId": rule.name,
            "summary": "This description",
            "responses": {"200": {"description": "OpenAPI 3.1"}},
        }
    summary, status, schema = _OPERATIONS[rule.name]
    problems = {"401": "no valid token", "403": "the token lacks the scope"}
    operation: dict[str, Any] = {
        "operationId": rule.name,
        "summary": summary,
        "security": [{"token": []}],
        "description": f"Needs the scope `{rule.needs.value}`.",
    }
    if "{claim_id}" in rule.path:
        operation["parameters"] = [
            {
                "name": "claim_id",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "minLength": 1},
            }
        ]
        problems["404"] = "no such claim"
    if rule.name == "api_queue":
        operation["parameters"] = [{"name": n, "in": "query", "schema": TEXT} for n in _FILTERS]
    if rule.method == "POST":
        operation["requestBody"] = {"required": True, "content": _content(_BODIES[rule.name])}
        problems |= {"413": "too large", "422": "it cannot be taken so", "503": "not at this time"}
    if rule.name == "api_decide":
        problems["409"] = "somebody works on it, or it is decided"
    operation["responses"] = {
        status: {"description": "done", "content": _content(schema)},
        **{k: {"description": v, "content": _content("Problem")} for k, v in problems.items()},
    }
    return operation


def _content(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
