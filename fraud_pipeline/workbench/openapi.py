"""The machine-readable description of the API, made from the same table as its guard."""

from __future__ import annotations

from typing import Any

import fraud_pipeline
from fraud_pipeline.workbench.permissions import API_ROUTES, ApiRule
from fraud_pipeline.workbench.words import REASONS, STATUSES, TYPOLOGIES, VERDICTS

_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_COUNT = {"type": "integer"}
_MAYBE = {"type": ["string", "null"]}
_MONEY = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "description": "yuan, exact"}
_DAY = {"type": "string", "format": "date"}


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
            "schemas": _SCHEMAS,
        },
    }


def _object(
    fields: dict[str, Any], *, closed: bool = False, required: tuple[str, ...] | None = None
) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": fields}
    made["required"] = sorted(fields) if required is None else list(required)
    if closed:
        made["additionalProperties"] = False
    return made


def _list(of: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}


_LEAD = {
    "claim_id": _TEXT,
    "rank": _COUNT,
    "risk": _NUMBER,
    "expected_loss": _MONEY,
    "claimed_amount": _MONEY,
    "programme": _TEXT,
    "enterprise_id": _TEXT,
    "institution_id": _TEXT,
    "submitted_on": _DAY,
    "service_type": _TEXT,
    "region": _TEXT,
    "typologies": _TEXT,
    "ring_id": _TEXT,
    "stratum": _TEXT,
    "status": {"type": "string", "enum": list(STATUSES)},
    "top_reason": _MAYBE,
}
_SCHEMAS = {
    "Lead": _object(_LEAD),
    "Queue": _object(
        {"run_id": _TEXT, "total": _COUNT, "page": _COUNT, "pages": _COUNT, "claims": _list("Lead")}
    ),
    "Hit": _object(
        {
            "rule_code": _TEXT,
            "measured": {"type": ["number", "null"]},
            "limit": {"type": ["number", "null"]},
            "clause": _MAYBE,
        }
    ),
    "DecisionRow": _object(
        {
            "id": _COUNT,
            "kind": _TEXT,
            "verdict": _MAYBE,
            "typology": _MAYBE,
            "reason": _TEXT,
            "disallowed_fen": {"type": ["integer", "null"]},
            "at": _TEXT,
            "refers_to": {"type": ["integer", "null"]},
        }
    ),
    "Claim": _object(
        {**_LEAD, "run_id": _TEXT, "rules": _list("Hit"), "decisions": _list("DecisionRow")}
    ),
    "Decision": _object(
        {
            "verdict": {"type": "string", "enum": list(VERDICTS)},
            "reason": {"type": "string", "enum": list(REASONS)},
            "typology": {"type": "string", "enum": list(TYPOLOGIES)},
            "disallowed_amount": {
                "type": "string",
                "description": "yuan; needed for fraud and irregular",
            },
            "note": {"type": "string", "maxLength": 2000},
        },
        closed=True,
        required=("verdict", "reason"),
    ),
    "Recorded": _object({"claim_id": _TEXT, "needs_second": {"type": "boolean"}}),
    "Outcomes": _object({"outcomes": {"type": "array", "items": {"type": "object"}}}),
    "Problem": _object({"detail": _TEXT, "code": _TEXT}, required=("detail",)),
}

_SAYS: dict[str, tuple[str, str, str]] = {  # summary, status, schema
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
}
_FILTERS = (
    "status",
    "typology",
    "region",
    "ring",
    "stratum",
    "least",
    "most",
    "older",
    "find",
    "page",
)


def _operation(rule: ApiRule) -> dict[str, Any]:
    if rule.needs is None:
        return {
            "operationId": rule.name,
            "summary": "This description",
            "responses": {"200": {"description": "OpenAPI 3.1"}},
        }
    summary, status, schema = _SAYS[rule.name]
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
        operation["parameters"] = [{"name": n, "in": "query", "schema": _TEXT} for n in _FILTERS]
    if rule.method == "POST":
        operation["requestBody"] = {"required": True, "content": _content("Decision")}
        problems |= {
            "409": "somebody works on it, or it is decided",
            "413": "too large",
            "422": "the decision cannot be recorded so",
        }
    operation["responses"] = {
        status: {"description": "done", "content": _content(schema)},
        **{k: {"description": v, "content": _content("Problem")} for k, v in problems.items()},
    }
    return operation


def _content(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
