"""Requests and responses of the API as pydantic models: what is read and written is what is described."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    create_model,
    model_validator,
)

from fraud_pipeline.schema import INPUT_TABLES, Column, Kind
from fraud_pipeline.vocabulary.facts import FACTS
from fraud_pipeline.vocabulary.risk import BANDS, RISK_KINDS
from fraud_pipeline.workbench.exchange.intake import ACCEPTED_TABLES
from fraud_pipeline.workbench.words import ALLEGED, REASONS, STATUSES, VERDICTS

_YUAN = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "description": "yuan, exact"}
Money = Annotated[Decimal, PlainSerializer(str, return_type=str), WithJsonSchema(_YUAN)]


def _one_of(codes: Iterable[str | None], words: str = "") -> Any:
    """Codes that the description lists; the workbench's own rules say why another is refused."""
    return Field(json_schema_extra={"enum": list(codes)}, description=words or None)


class Request(BaseModel):
    """A request: no conversion of types, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _can_be_written(cls, body: Any) -> Any:
        """A lone surrogate is valid JSON and no character: no file and no database holds it."""
        try:
            json.dumps(body, ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError:
            raise ValueError("a text holds half a character (a lone surrogate)") from None
        return body


class Answer(BaseModel):
    """A response, made from rows of the workbench's tables."""

    model_config = ConfigDict(extra="ignore")


class Lead(Answer):
    """A claim with its score; without one where the last run did not rank it."""

    claim_id: str
    rank: int | None
    risk: float | None = Field(description="a probability; null where only an order is known")
    risk_kind: Annotated[str | None, _one_of([*RISK_KINDS, None])]
    band: Annotated[str | None, _one_of([*BANDS, None])]
    expected_loss: Money | None
    claimed_amount: Money
    programme: str
    enterprise_id: str
    institution_id: str
    submitted_on: date
    service_type: str | None
    region: str
    typologies: str
    ring_id: str
    stratum: str
    status: Annotated[str, _one_of(STATUSES)]
    top_reason: str | None
    top_reason_en: str | None

    @model_validator(mode="before")
    @classmethod
    def _no_probability_of_an_order(cls, row: Any) -> Any:
        if isinstance(row, Mapping) and row.get("risk_kind") == "order":
            return {**row, "risk": None}
        return row


class Queue(Answer):
    run_id: str
    total: int
    page: int
    pages: int
    claims: list[Lead]


class Finding(Answer):
    """One fact about a claim in words: what was found, where it is shown, what to ask for."""

    fact: Annotated[str, _one_of(FACTS)]
    title_zh: str
    title_en: str
    sentence_zh: str
    sentence_en: str
    evidence_zh: str
    evidence_en: str
    ask_zh: str
    ask_en: str
    share: float = Field(description="weight beside the weightiest reason of the claim, 0 to 1")


class Hit(Answer):
    rule_code: str
    measured: float | None
    limit: float | None
    clause: str | None


class DecisionRow(Answer):
    id: int
    kind: str
    verdict: str | None
    typology: str | None
    reason: str
    disallowed_fen: int | None
    at: str
    refers_to: int | None


class Claim(Lead):
    run_id: str
    reasons: list[Finding]
    in_favour: list[Finding]
    rules: list[Hit]
    decisions: list[DecisionRow]


class Decision(Request):
    """A finding recorded by another system."""

    verdict: Annotated[str, _one_of(VERDICTS)]
    reason: Annotated[str, _one_of(REASONS)]
    typology: Annotated[
        str, _one_of(ALLEGED, "; ".join(f"{code}: {term.en}" for code, term in ALLEGED.items()))
    ] = ""
    disallowed_amount: str = Field("", description="yuan; needed for fraud and irregular")
    note: str = Field("", json_schema_extra={"maxLength": 2000})


class Recorded(Answer):
    claim_id: str
    needs_second: bool


class Accepted(Answer):
    new: int
    known: int


class ScoredRule(Answer):
    rule_code: str
    outcome: str
    measured: float | None
    limit: float | None
    clause: str | None
    sentence_zh: str | None
    sentence_en: str | None


class ScoredPrice(Answer):
    """The price against its market; everything null where there is no price."""

    outcome: str | None = None
    unit_price: Money | None = None
    market_low: Money | None = None
    market_mid: Money | None = None
    market_high: Money | None = None
    p_value: float | None = None
    reason: str | None = None


class ScoredReason(Answer):
    feature: str
    contribution: float
    sentence_zh: str | None
    sentence_en: str | None


class WhatIf(Answer):
    zh: str
    en: str


class Scored(Answer):
    claim_id: str
    run_id: str
    log_seq: int
    risk: float
    log_odds: float
    expected_loss: Money
    place: int
    of: int
    rules: list[ScoredRule]
    not_applicable: list[str]
    price: ScoredPrice
    reasons: list[ScoredReason]
    what_if: list[WhatIf]
    rings: list[str]
    from_last_night: list[str]


class Problem(Answer):
    detail: str
    code: str | None = None
    problems: list[dict[str, Any]] | None = None


class QueueFilters(Request):
    """Query parameters of the queue, as in the address of the page."""

    status: str = ""
    typology: str = ""
    region: str = ""
    ring: str = ""
    stratum: str = ""
    least: str = ""
    most: str = ""
    older: str = ""
    age: str = ""
    find: str = ""
    page: str = ""


_TEXTUAL = (Kind.TEXT, Kind.ID, Kind.CODE, Kind.DATE)
_RETURNED: Mapping[Kind, Any] = {
    Kind.MONEY: Money, Kind.NUMBER: float, Kind.SHARE: float, Kind.COUNT: int, Kind.DATE: date,
    Kind.FLAG: bool,
}  # fmt: skip


def _columns(table: str) -> list[Column]:
    return [c for c in INPUT_TABLES[table].columns if not c.name.startswith("source_")]


def _row(table: str) -> type[Request]:
    """A row of an input table as it is handed in; numbers may be text, as in a file."""
    fields: dict[str, Any] = {}
    for column in _columns(table):
        words = f"{column.zh} (YYYY-MM-DD)" if column.kind is Kind.DATE else column.zh
        textual = column.kind in _TEXTUAL
        value: Any = str if textual else str | float
        required = Field(description=words or None, min_length=1 if textual else None)
        if column.required:
            fields[column.name] = (value, required)
        else:
            fields[column.name] = (value | None, Field(None, description=words or None))
    return create_model(f"{table.title()}Row", __base__=Request, **fields)


def _batch() -> type[Request]:
    fields: dict[str, Any] = {}
    for name in ACCEPTED_TABLES:
        row = _row(name)
        first = Field(min_length=1) if name == "claims" else Field(default_factory=list)
        fields[name] = (list[row], first)  # type: ignore[valid-type]
    return create_model("Batch", __base__=Request, **fields)


def _outcome_row() -> type[Answer]:
    fields: dict[str, Any] = {
        c.name: (value if c.required else value | None, ...)
        for c in _columns("outcomes")
        for value in [_RETURNED.get(c.kind, str)]
    }
    return create_model("OutcomeRow", __base__=Answer, **fields)


Batch = _batch()
OutcomeRow = _outcome_row()


class Outcomes(Answer):
    outcomes: list[OutcomeRow]  # type: ignore[valid-type]
