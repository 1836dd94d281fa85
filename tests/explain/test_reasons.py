"""Reasons: complete, ordered, adding up, in words of the rule that made them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import explain
from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.schema import RingSet, outputs
from fraud_pipeline.settings import ExplainSettings


def tables(n=40, seed=1):
    rng = np.random.default_rng(seed)
    ids = [f"C{k:03d}" for k in range(n)]
    features = pa.table({"claim_id": ids, **{f: rng.random(n) for f in FEATURE_NAMES}})
    parts = rng.normal(0, 0.3, (n, len(FEATURE_NAMES)))
    parts[rng.random(parts.shape) < 0.4] = 0.0
    parts[rng.random(parts.shape) < 0.2] *= 0.01
    shares = pa.table({"claim_id": ids, "base": np.full(n, -3.0),
                       **{f: parts[:, k] for k, f in enumerate(FEATURE_NAMES)}})  # fmt: skip
    return features, shares, -3.0 + parts.sum(axis=1)


def made(features, shares, rules=None, results=None):
    return explain.explain(features, shares, features, rules or outputs.RULES.empty(),
                           results or outputs.RULE_RESULTS.empty(), outputs.PRICE_RESULTS.empty(),
                           RingSet.empty(), ExplainSettings())  # fmt: skip


def test_reasons_add_up_to_the_score():
    features, shares, log_odds = tables()
    rows = made(features, shares).to_pandas()
    sums = rows.groupby("claim_id")["contribution"].sum()
    assert np.abs(sums.to_numpy() - log_odds).max() < 1e-6


def test_the_base_is_first_and_the_weightiest_follow():
    features, shares, _ = tables()
    for _, rows in made(features, shares).to_pandas().groupby("claim_id"):
        assert rows["position"].tolist() == list(range(len(rows)))
        assert rows["feature"].iloc[0] == "base"
        weights = rows["contribution"].abs().iloc[1:].to_numpy()
        assert (np.diff(weights) <= 1e-12).all()


def test_small_contributions_are_folded_not_dropped():
    features, shares, _ = tables()
    rows = made(features, shares).to_pandas()
    single = rows[~rows["feature"].str.endswith("_rest") & (rows["feature"] != "base")]
    assert (single["contribution"].abs() >= ExplainSettings().least_shown).all()
    assert rows["feature"].str.endswith("_rest").any()


def test_a_rules_own_sentence_is_the_reason():
    features, shares, _ = tables(3)
    shares = shares.set_column(
        shares.column_names.index("strong_hits"), "strong_hits", pa.array([1.5, 0.0, 0.0])
    )
    rules = outputs.RULES.conform(pa.table({"rule_code": ["T16"], "severity": ["strong"]}))
    results = outputs.RULE_RESULTS.conform(pa.table({
        "claim_id": ["C000"], "rule_code": ["T16"], "outcome": ["hit"],
        "sentence_zh": ["发票重复使用"], "sentence_en": ["invoice used twice"]}))  # fmt: skip
    rows = made(features, shares, rules, results)
    first = rows.filter(
        pc.and_(pc.equal(rows["claim_id"], "C000"), pc.equal(rows["position"], 1))
    ).to_pylist()[0]
    assert (
        first["sentence_zh"].startswith("发票重复使用")
        and "invoice used twice" in first["sentence_en"]
    )


def test_no_claims_no_reasons():
    features, shares, _ = tables()
    assert made(features.slice(0, 0), shares.slice(0, 0)).num_rows == 0


def test_the_plan_and_the_top_tenth_are_chosen_once_each():
    ranked = pa.table({"claim_id": [f"C{k}" for k in range(30)], "rank": list(range(1, 31))})
    plan = pa.table({"claim_id": ["C1", "C29"]})
    chosen = explain.chosen_claims(ranked, plan, ExplainSettings()).to_pylist()
    assert sorted(chosen) == ["C0", "C1", "C2", "C29"]


def test_a_share_of_the_list_is_rounded_up_so_that_a_short_list_has_its_reasons():
    """A tenth of 31 claims is four of them, of nine claims one, and of ten exactly one."""
    for n, wanted in ((31, 4), (9, 1), (10, 1), (1, 1)):
        ranked = pa.table({"claim_id": [f"C{k}" for k in range(n)], "rank": list(range(1, n + 1))})
        none = pa.table({"claim_id": pa.array([], pa.string())})
        chosen = explain.chosen_claims(ranked, none, ExplainSettings(top_share=0.1)).to_pylist()
        assert chosen == [f"C{k}" for k in range(wanted)]
