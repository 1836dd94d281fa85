"""This product as it is shipped, and what it would be without one kind of evidence."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import audit, risk
from fraud_pipeline.benchmark.case import Case, Evidence
from fraud_pipeline.benchmark.detection import Detection, Detector
from fraud_pipeline.features.catalogue import FEATURES
from fraud_pipeline.schema import RingSet, Tables
from fraud_pipeline.schema.inputs import OUTCOMES


def detect(case: Case, _: object) -> Detection:
    evidence = case.evidence
    ranked = _ranked(case, evidence, evidence.features)
    plan = audit.make_plan(
        ranked, case.tables, case.tools.settings.audit, budget=case.budget, seed=case.seed,
        as_of=case.as_of,
    )  # fmt: skip
    return Detection(
        score=_in_order(case, ranked, pc.negate(ranked["rank"])),
        probability=_in_order(case, ranked, ranked["risk"]),
        groups=ring_parties(evidence.rings),
        drawn=frozenset(plan.plan["claim_id"].to_pylist()),
        interval=_estimated(case, plan.plan),
    )


def rules_alone(case: Case, _: object) -> Detection:
    """The gravest broken rules, times the amount: Korea's experience is that this is hard to beat."""
    score = _in_order(case, case.evidence.features, case.evidence.features["rule_score"])
    return Detection(
        score=score * case.claims["claimed_amount"].astype(float).to_numpy(), probability=score
    )


def without(group: str) -> Detector:
    """The product with every feature of one group unknown."""
    names = [f.name for f in FEATURES if f.group == group]

    def detect_less(case: Case, _: object) -> Detection:
        features = _forget(case.evidence.features, names)
        ranked = _ranked(case, case.evidence, features)
        return Detection(
            score=_in_order(case, ranked, pc.negate(ranked["rank"])),
            probability=_in_order(case, ranked, ranked["risk"]),
        )

    return Detector(f"product without {group}", detect_less, kind="ablation")


def without_text(case: Case, _: object) -> Detection:
    """The product if no contract or report had a text."""
    tables = Tables({name: _no_text(name, table) for name, table in case.tables.items()})
    evidence = Evidence.of(tables, case.as_of, case.tools)
    ranked = _ranked(case, evidence, evidence.features)
    return Detection(
        score=_in_order(case, ranked, pc.negate(ranked["rank"])),
        probability=_in_order(case, ranked, ranked["risk"]),
        groups=ring_parties(evidence.rings),
    )


def ring_parties(resultet: RingSet) -> list[frozenset[str]]:
    """Members of each ring, best first."""
    members: dict[str, set[str]] = defaultdict(set)
    pairs = zip(*(resultet.members[c].to_pylist() for c in ("ring_id", "party_id")), strict=True)
    for ring, party in pairs:
        members[ring].add(party)
    order = resultet.rings.sort_by([("score", "descending"), ("ring_id", "ascending")])
    return [frozenset(members[ring]) for ring in order["ring_id"].to_pylist()]


def _no_text(name: str, table: pa.Table) -> pa.Table:
    for column in ("text", "report_text"):
        if column in table.column_names:
            at = table.column_names.index(column)
            table = table.set_column(at, column, pa.nulls(table.num_rows, pa.string()))
    return table


def _forget(features: pa.Table, names: list[str]) -> pa.Table:
    for name in names:
        at = features.column_names.index(name)
        unknown = pa.nulls(features.num_rows, features.schema.field(name).type)
        features = features.set_column(at, features.schema.field(name), unknown)
    return features


def _ranked(case: Case, evidence: Evidence, features: pa.Table) -> pa.Table:
    tools = case.tools
    model = risk.fitted(tools.model, features, evidence.rules, case.tables, tools.settings.risk)
    return risk.score(features, evidence.rules, evidence.results, case.tables, model)


def _in_order(case: Case, table: pa.Table, values: pa.ChunkedArray) -> np.ndarray:
    at = pc.index_in(pa.array(case.claims["claim_id"]), table["claim_id"].combine_chunks())
    result: np.ndarray = pc.fill_null(
        values.combine_chunks().take(at).cast(pa.float64()), 0.0
    ).to_numpy()
    return result


def _estimated(case: Case, plan: pa.Table) -> tuple[float, float] | None:
    """What auditing the drawn claims would say of the share of improper claims.

    The auditors of this little play see the truth.
    """
    answer = case.answer.set_index("claim_id").loc[plan["claim_id"].to_pylist()]
    verdict = np.where(
        answer["is_fraud"], "fraud", np.where(answer["is_irregular"], "irregular", "clean")
    )
    n = plan.num_rows
    outcomes = OUTCOMES.conform(pa.table({
        "outcome_id": [f"o{k}" for k in range(n)], "claim_id": plan["claim_id"],
        "decided_on": pa.array([case.as_of] * n, pa.date32()), "verdict": verdict.tolist(),
        "selected_by": plan["stratum"], "inclusion_prob": plan["inclusion_prob"],
    }))  # fmt: skip
    claims = case.tables["claims"]
    open_claims = claims.filter(pc.is_in(claims["claim_id"], pa.array(case.claims["claim_id"])))
    tables = Tables({**case.tables, "claims": open_claims, "outcomes": outcomes})
    result = audit.estimate(tables, case.tools.settings.audit, case.as_of)
    row = result.filter(pc.equal(result["quantity"], "claim_share")).to_pylist()[0]
    return None if row["low"] is None else (row["low"], row["high"])


DETECTORS = [
    Detector("product", detect, kind="product", words="as shipped, no labels"),
    Detector("rules alone", rules_alone, words="the product's rules, no other evidence; times amount"),
    *(without(group) for group in ("rules", "price", "ring", "behaviour", "profile", "neighbourhood")),
    Detector("product without text", without_text, kind="ablation"),
]  # fmt: skip
