"""JSON schemas of the API's requests and responses, for its OpenAPI description."""

from __future__ import annotations

from typing import Any

from fraud_pipeline.schema import INPUT_TABLES, Column, Kind
from fraud_pipeline.workbench.exchange import intake
from fraud_pipeline.workbench.words import ALLEGED, REASONS, STATUSES, VERDICTS

TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_COUNT = {"type": "integer"}
_MAYBE = {"type": ["string", "null"]}
_MONEY = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "description": "yuan, exact"}
_DAY = {"type": "string", "format": "date"}
_ROWS = {"type": "array", "items": {"type": "object"}}
_TEXTS = {"type": "array", "items": {"type": "string"}}


def _object(
    fields: dict[str, Any], *, closed: bool = False, required: tuple[str, ...] | None = None
) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": fields}
    schema["required"] = sorted(fields) if required is None else list(required)
    if closed:
        schema["additionalProperties"] = False
    return schema


def _list(of: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}


def _row(table: str) -> dict[str, Any]:
    """The schema of a row of an input table; numbers may be text, as in a file."""
    columns = [c for c in INPUT_TABLES[table].columns if not c.name.startswith("source_")]
    return _object(
        {c.name: _value(c) for c in columns}, closed=True,
        required=tuple(c.name for c in columns if c.required),
    )  # fmt: skip


def _value(column: Column) -> dict[str, Any]:
    kinds = (
        ["string"]
        if column.kind in (Kind.TEXT, Kind.ID, Kind.CODE, Kind.DATE)
        else ["string", "number"]
    )
    schema: dict[str, Any] = {"type": kinds if column.required else [*kinds, "null"]}
    if column.required and kinds == ["string"]:
        schema["minLength"] = 1
    if column.kind is Kind.DATE:
        schema["description"] = f"{column.zh} (YYYY-MM-DD)"
    elif column.zh:
        schema["description"] = column.zh
    return schema


_LEAD = {
    "claim_id": TEXT,
    "rank": _COUNT,
    "risk": _NUMBER,
    "expected_loss": _MONEY,
    "claimed_amount": _MONEY,
    "programme": TEXT,
    "enterprise_id": TEXT,
    "institution_id": TEXT,
    "submitted_on": _DAY,
    "service_type": TEXT,
    "region": TEXT,
    "typologies": TEXT,
    "ring_id": TEXT,
    "stratum": TEXT,
    "status": {"type": "string", "enum": list(STATUSES)},
    "top_reason": _MAYBE,
    "top_reason_en": _MAYBE,
}
SCHEMAS: dict[str, Any] = {
    "Lead": _object(_LEAD),
    "Queue": _object(
        {"run_id": TEXT, "total": _COUNT, "page": _COUNT, "pages": _COUNT, "claims": _list("Lead")}
    ),
    "Hit": _object(
        {
            "rule_code": TEXT,
            "measured": {"type": ["number", "null"]},
            "limit": {"type": ["number", "null"]},
            "clause": _MAYBE,
        }
    ),
    "DecisionRow": _object(
        {
            "id": _COUNT,
            "kind": TEXT,
            "verdict": _MAYBE,
            "typology": _MAYBE,
            "reason": TEXT,
            "disallowed_fen": {"type": ["integer", "null"]},
            "at": TEXT,
            "refers_to": {"type": ["integer", "null"]},
        }
    ),
    "Claim": _object(
        {**_LEAD, "run_id": TEXT, "rules": _list("Hit"), "decisions": _list("DecisionRow")}
    ),
    "Decision": _object(
        {
            "verdict": {"type": "string", "enum": list(VERDICTS)},
            "reason": {"type": "string", "enum": list(REASONS)},
            "typology": {
                "type": "string",
                "enum": list(ALLEGED),
                "description": "; ".join(f"{code}: {term.en}" for code, term in ALLEGED.items()),
            },
            "disallowed_amount": {
                "type": "string",
                "description": "yuan; needed for fraud and irregular",
            },
            "note": {"type": "string", "maxLength": 2000},
        },
        closed=True,
        required=("verdict", "reason"),
    ),
    "Recorded": _object({"claim_id": TEXT, "needs_second": {"type": "boolean"}}),
    "Outcomes": _object({"outcomes": {"type": "array", "items": {"type": "object"}}}),
    "Batch": _object(
        {
            name: {
                "type": "array",
                "items": _row(name),
                **({"minItems": 1} if name == "claims" else {}),
            }
            for name in intake.ACCEPTED_TABLES
        },
        closed=True,
        required=("claims",),
    ),
    "Taken": _object({"new": _COUNT, "known": _COUNT}),
    "Scored": _object(
        {
            "claim_id": TEXT,
            "run_id": TEXT,
            "log_seq": _COUNT,
            "risk": _NUMBER,
            "log_odds": _NUMBER,
            "expected_loss": _MONEY,
            "place": _COUNT,
            "of": _COUNT,
            "rules": _ROWS,
            "not_applicable": _TEXTS,
            "price": {"type": "object"},
            "reasons": _ROWS,
            "what_if": _ROWS,
            "rings": _TEXTS,
            "from_last_night": _TEXTS,
        },
    ),
    "Problem": _object(
        {
            "detail": TEXT,
            "code": TEXT,
            "problems": {"type": "array", "items": {"type": "object"}},
        },
        required=("detail",),
    ),
}
