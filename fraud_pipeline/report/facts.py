"""The facts of a run's page, as plain values; rendering comes after and adds none."""

from __future__ import annotations

from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import programmes, rings
from fraud_pipeline.explain.findings import findings, rings_of
from fraud_pipeline.schema import INPUT_TABLES, RingSet, Tables
from fraud_pipeline.settings import ReportSettings
from fraud_pipeline.vocabulary.rings import MEMBER_ROLES
from fraud_pipeline.vocabulary.term import label


class Inputs(Protocol):
    """Read access to the run's tables."""

    def table(self, name: str) -> pa.Table: ...
    def json(self, name: str) -> dict[str, Any]: ...
    def tables(self, stage: str) -> Tables: ...
    def rings(self) -> RingSet: ...
    def hits(self) -> pa.Table: ...


def facts(inputs: Inputs, about: dict[str, Any], settings: ReportSettings) -> dict[str, Any]:
    """Everything the page shows: JSON-able, no table types, no times of the clock."""
    known = inputs.tables("known")
    names = _names(known)
    ranked = inputs.table("ranked_claims")
    plan = inputs.table("audit_plan")
    return {
        "about": _about(about, known),
        "tiles": _tiles(ranked, plan, inputs),
        "claims": _claims(inputs, ranked, plan, names, settings),
        "rings": _rings(rings.masked(inputs.rings()), names, settings),
        "rules": _rows(
            inputs.table("rules").sort_by([("n_hit", "descending"), ("rule_code", "ascending")])
        ),
        "misread": programmes.misread(inputs.table("rules"), settings.misread_share),
        "estimates": _rows(inputs.table("estimates")),
        "plan": inputs.json("plan"),
        "quarantine": _counted(inputs.table("quarantine"), ["table", "reason_code", "column"]),
        "repairs": _counted(inputs.table("repairs"), ["table", "kind", "column"]),
    }


def _about(about: dict[str, Any], known: Tables) -> dict[str, Any]:
    missing = [n for n in INPUT_TABLES if not known.supplied(n)]
    keep = (
        "run_id",
        "as_of",
        "programmes",
        "tables",
        "notes",
        "inputs",
        "model",
        "packs",
        "code",
        "libraries",
    )
    return {**{k: about[k] for k in keep if k in about}, "missing": missing}


def _tiles(ranked: pa.Table, plan: pa.Table, inputs: Inputs) -> dict[str, Any]:
    listed = ranked.filter(pc.is_in(ranked["claim_id"], plan["claim_id"].combine_chunks()))
    return {
        "n_ranked": ranked.num_rows,
        "claimed": _sum(ranked, "claimed_amount"),
        "expected_loss": _sum(ranked, "expected_loss"),
        "n_listed": plan.num_rows,
        "at_risk": _sum(listed, "expected_loss"),
        "n_enterprises": int(pc.count_distinct(plan["enterprise_id"]).as_py()),
        "n_rings": inputs.table("rings").num_rows,
        "n_quarantined": inputs.table("quarantine").num_rows,
    }


def _claims(
    inputs: Inputs,
    ranked: pa.Table,
    plan: pa.Table,
    names: dict[str, str],
    settings: ReportSettings,
) -> list[dict[str, Any]]:
    plan_by_claim = {r["claim_id"]: r for r in _rows(plan)}
    listed = ranked.filter(pc.is_in(ranked["claim_id"], plan["claim_id"].combine_chunks()))
    listed = listed.sort_by("rank").slice(0, settings.top_claims)
    ids = listed["claim_id"].combine_chunks()
    reasons = _grouped(inputs.table("explanations"), ids)
    hits = inputs.hits()
    rules = inputs.table("rules")
    info = rules.filter(pc.equal(rules["severity"], "info"))["rule_code"].combine_chunks()
    hits = _grouped(hits.filter(pc.invert(pc.is_in(hits["rule_code"], info))), ids)
    prices = _grouped(inputs.table("price_results"), ids)
    ring_by_claim = rings_of(inputs.rings(), ids.to_pylist())
    unit_prices = inputs.table("price_results").select(["claim_id", "unit_price"])
    claims = []
    for row in _rows(listed):
        claim_id = row["claim_id"]
        price = next(iter(prices.get(claim_id, [])), None)
        claims.append(
            {
                **row, **{k: plan_by_claim[claim_id][k] for k in ("stratum", "inclusion_prob", "reason_zh", "reason_en")},
                "enterprise": names.get(row["enterprise_id"], row["enterprise_id"]),
                "institution": names.get(row["institution_id"], row["institution_id"]),
                "reasons": sorted(reasons.get(claim_id, []), key=lambda r: r["position"]),
                "hits": hits.get(claim_id, []),
                "price": _priced(price, unit_prices),
                "findings": findings(
                    reasons.get(claim_id, []), hits.get(claim_id, []), price, ring_by_claim.get(claim_id)
                ).as_dict(),
            }
        )  # fmt: skip
    return claims


def _priced(price: dict[str, Any] | None, unit_prices: pa.Table) -> dict[str, Any] | None:
    if price is None or price["outcome"] != "scored":
        return price
    ids = pa.array((price["comparables"] or "").split(";"))
    others = unit_prices.filter(pc.is_in(unit_prices["claim_id"], ids))["unit_price"]
    return {**price, "others": sorted(float(v) for v in others.to_pylist() if v is not None)}


def _rings(
    ringset: RingSet, names: dict[str, str], settings: ReportSettings
) -> list[dict[str, Any]]:
    order = [("score", "descending"), ("p_value", "ascending"), ("ring_id", "ascending")]
    first = ringset.rings.sort_by(order).slice(0, settings.top_rings)
    ids = first["ring_id"].combine_chunks()
    members = _grouped(ringset.members, ids, "ring_id")
    evidence = _grouped(ringset.evidence, ids, "ring_id")
    claims = _grouped(ringset.claims, ids, "ring_id")
    return [
        {
            **ring,
            "members": [
                _member(m, names) for m in members.get(ring["ring_id"], [])
            ],
            "edges": [{**e, "left": e["left_id"], "right": e["right_id"]} for e in evidence.get(ring["ring_id"], [])],
            "claims": [c["claim_id"] for c in claims.get(ring["ring_id"], [])],
        }
        for ring in _rows(first)
    ]  # fmt: skip


def _member(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """A member as table and picture show it; the picture's tooltip (``role``) has both languages."""
    zh, en = (label(MEMBER_ROLES, row["role"], language) for language in ("zh", "en"))
    shown = names.get(row["party_id"], row["party_id"])
    return {**row, "kind": row["party_kind"], "label": shown, "role_zh": zh, "role_en": en,
            "role": f"{zh} {en}"}  # fmt: skip


def _names(known: Tables) -> dict[str, str]:
    name_by_party: dict[str, str] = {}
    for table, key in (("enterprises", "enterprise_id"), ("institutions", "institution_id")):
        name_by_party |= dict(
            zip(known[table][key].to_pylist(), known[table]["name"].to_pylist(), strict=True)
        )
    return name_by_party


def _grouped(
    table: pa.Table, ids: pa.Array, key: str = "claim_id"
) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(table.filter(pc.is_in(table[key], value_set=ids))):
        grouped.setdefault(row[key], []).append(row)
    return grouped


def _counted(table: pa.Table, keys: list[str]) -> list[dict[str, Any]]:
    counted = table.group_by(keys).aggregate([([], "count_all")])
    return _rows(counted.sort_by([("count_all", "descending"), *((k, "ascending") for k in keys)]))


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows as plain values: money as exact text, dates as ISO."""
    return [{k: _plain(v) for k, v in row.items()} for row in table.to_pylist()]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _sum(table: pa.Table, column: str) -> str:
    return str(pc.sum(table[column]).as_py() or 0)
