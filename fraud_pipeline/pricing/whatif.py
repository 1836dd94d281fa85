"""Before signing: what a service should cost here and today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.errors import InputError
from fraud_pipeline.pricing.claim_day import judge_on_claim_day
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.codes import INSTITUTION_CATEGORIES, SERVICE_TYPES
from fraud_pipeline.settings import PricingSettings

PLACEHOLDER = "?"  # stands for the claim, the enterprise and the institution of a question


@dataclass(frozen=True)
class Question:
    """A service thought of: ``quantity`` units at ``unit_price`` yuan, if a price was named."""

    service: str
    on: date
    quantity: float = 1.0
    region: str | None = None
    category: str | None = None
    title: str | None = None
    unit: str | None = None
    unit_price: Decimal | None = None


def what_if(
    tables: Tables, question: Question, settings: PricingSettings, ring_claims: pa.Table | None
) -> dict[str, Any]:
    """One row of PRICE_RESULTS for the claim thought of, as a dict.

    The p-value is what a claim at that price would get today (null without a price); no q,
    for one question is no batch. ``service`` is a listed kind or one of the bureau's own that its
    claims or its catalogue bear. Raises InputError for a code that does not exist.
    """
    own_kinds = _own_kinds(tables)
    _check(question, own_kinds)
    parent = own_kinds.get(question.service)
    column = "service_type" if parent is None else "source_kind"
    claims = tables["claims"].filter(pc.equal(tables["claims"][column], question.service))
    unit = question.unit or _usual(claims["unit"])
    title = question.title or _usual(claims["service_title"])
    price = question.unit_price or Decimal(1)
    claim_row: dict[str, list[Any]] = {
        "claim_id": [PLACEHOLDER], "programme": [PLACEHOLDER], "enterprise_id": [PLACEHOLDER],
        "institution_id": [PLACEHOLDER], "service_type": [parent or question.service],
        "source_kind": [question.service if parent else None],
        "contract_amount": [(price * Decimal(str(question.quantity))).quantize(Decimal("0.01"))],
        "claimed_amount": [Decimal("0.01")], "submitted_on": [question.on],
        "quantity": [question.quantity], "unit": [unit], "service_title": [title],
    }  # fmt: skip
    institution_row: dict[str, list[Any]] = {"institution_id": [PLACEHOLDER], "name": [PLACEHOLDER], "category": [question.category],
             "region": [question.region]}  # fmt: skip
    together = tables.replaced(
        claims=pa.concat_tables([claims, _row(claims, claim_row)]),
        institutions=pa.concat_tables(
            [tables["institutions"], _row(tables["institutions"], institution_row)]
        ),
    )
    verdicts = judge_on_claim_day(together, settings, ring_claims)
    answer: dict[str, Any] = verdicts.filter(
        pc.equal(verdicts["claim_id"], PLACEHOLDER)
    ).to_pylist()[0]
    answer["q_value"] = None
    if question.unit_price is None:
        for name in (
            "unit_price",
            "price_ratio",
            "p_value",
            "excess_amount",
            "basis",
            "basis_zh",
            "basis_en",
        ):
            answer[name] = None
    return answer | {"unit": unit, "quantity": question.quantity, "service_type": question.service}


def _own_kinds(tables: Tables) -> dict[str, str]:
    """The bureau's own kinds of service that claims or the catalogue bear -> the listed kind each falls back on."""
    parents: dict[str, str] = {}
    for table in (tables["market_prices"], tables["claims"]):
        kinds = table.select(["source_kind", "service_type"]).filter(
            pc.is_valid(table["source_kind"])
        )
        each = kinds.group_by(["source_kind", "service_type"]).aggregate([]).to_pylist()
        parents |= {row["source_kind"]: row["service_type"] for row in each}
    return {kind: parent for kind, parent in parents.items() if kind not in SERVICE_TYPES}


def _check(question: Question, own_kinds: Mapping[str, str]) -> None:
    known = (*SERVICE_TYPES, *sorted(own_kinds))
    if question.service not in known:
        raise InputError(
            f"there is no service type {question.service!r} (known: {', '.join(known)})"
        )
    if question.category is not None and question.category not in INSTITUTION_CATEGORIES:
        raise InputError(
            f"there is no institution category {question.category!r} "
            f"(known: {', '.join(INSTITUTION_CATEGORIES)})"
        )
    if question.quantity <= 0 or (question.unit_price is not None and question.unit_price <= 0):
        raise InputError("quantity and price must be above zero")


def _usual(words: pa.ChunkedArray) -> str | None:
    """The commonest word: who does not say otherwise means the usual thing."""
    counted = pc.value_counts(words.drop_null()).to_pylist()
    best = max(counted, key=lambda c: (c["counts"], c["values"]), default=None)
    return None if best is None else str(best["values"])


def _row(like: pa.Table, values: dict[str, list[Any]]) -> pa.Table:
    columns = [pa.array(values.get(f.name, [None]), f.type) for f in like.schema]
    return pa.Table.from_arrays(columns, schema=like.schema)
