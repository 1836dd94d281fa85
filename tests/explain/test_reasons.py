"""Reasons: complete, ordered, adding up, in words of the rule that made them."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import explain
from fraud_pipeline.explain.reasons import LEAST_SHOWN
from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES
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
    assert (single["contribution"].abs() >= LEAST_SHOWN).all()
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


def test_what_is_unknown_is_said_in_one_language():
    features, shares, _ = tables(3)
    name = FEATURE_NAMES[-1]
    at = features.column_names.index(name)
    features = features.set_column(at, name, pa.nulls(3, pa.float64()))
    shares = shares.set_column(shares.column_names.index(name), name, pa.array([2.0, 2.0, 2.0]))
    rows = [r for r in made(features, shares).to_pylist() if r["feature"] == name]
    assert len(rows) == 3
    for row in rows:
        assert "未知" in row["sentence_zh"] and "unknown" not in row["sentence_zh"]
        assert "unknown" in row["sentence_en"] and row["sentence_en"].isascii()


def test_no_claims_no_reasons():
    features, shares, _ = tables()
    assert made(features.slice(0, 0), shares.slice(0, 0)).num_rows == 0


def test_the_plan_and_the_top_tenth_are_chosen_once_each():
    ranked = pa.table({"claim_id": [f"C{k}" for k in range(30)], "rank": list(range(1, 31))})
    plan = pa.table({"claim_id": ["C1", "C29"]})
    chosen = explain.chosen_claims(ranked, plan, ExplainSettings(every_claim_up_to=0)).to_pylist()
    assert sorted(chosen) == ["C0", "C1", "C2", "C29"]


def test_a_share_of_the_list_is_rounded_up_so_that_a_short_list_has_its_reasons():
    """A tenth of 31 claims is four of them, of nine claims one, and of ten exactly one."""
    for n, wanted in ((31, 4), (9, 1), (10, 1), (1, 1)):
        ranked = pa.table({"claim_id": [f"C{k}" for k in range(n)], "rank": list(range(1, n + 1))})
        none = pa.table({"claim_id": pa.array([], pa.string())})
        chosen = explain.chosen_claims(
            ranked, none, ExplainSettings(top_share=0.1, every_claim_up_to=0)
        ).to_pylist()
        assert chosen == [f"C{k}" for k in range(wanted)]


def reasons_of(rows, claim="C000"):
    return {r["feature"]: r for r in rows.to_pylist() if r["claim_id"] == claim}


def weighing(shares, **weights):
    """``shares`` in which the first claim has these contributions."""
    for name, weight in weights.items():
        column = [weight, *[0.0] * (shares.num_rows - 1)]
        shares = shares.set_column(shares.column_names.index(name), name, pa.array(column))
    return shares


def test_a_contribution_of_just_the_least_shown_has_a_row_of_its_own():
    least = LEAST_SHOWN
    features, shares, _ = tables(2)
    shares = weighing(shares, strong_hits=least, weak_hits=np.nextafter(least, 0.0))
    found = reasons_of(made(features, shares))
    assert found["strong_hits"]["contribution"] == least
    assert "weak_hits" not in found


def test_of_claims_of_equal_weight_the_features_go_by_name_and_signs_do_not_matter():
    features, shares, _ = tables(1)
    shares = weighing(shares, **dict.fromkeys(FEATURE_NAMES, 0.0))
    shares = weighing(shares, weak_hits=0.9, strong_hits=-0.9, hard_hits=2.0, ring_score=-1.5)
    rows = made(features, shares).sort_by("position")
    assert rows["feature"].to_pylist() == [
        "base", "hard_hits", "ring_score", "strong_hits", "weak_hits",
    ]  # fmt: skip
    assert rows["position"].to_pylist() == [0, 1, 2, 3, 4]


def test_every_kind_of_sentence_made_elsewhere_is_the_reason_in_both_languages():
    features, shares, _ = tables(2)
    carried = ("hard_hits", "strong_hits", "weak_hits", "ring_score", "price_surprise", "flag_t16")
    shares = weighing(shares, **dict.fromkeys(carried, 1.0))
    kinds = {"L02": "hard", "T16": "strong", "T01": "weak"}
    rules = outputs.RULES.conform(
        pa.table({"rule_code": list(kinds), "severity": list(kinds.values())})
    )
    results = outputs.RULE_RESULTS.conform(pa.table({
        "claim_id": ["C000"] * 3, "rule_code": list(kinds), "outcome": ["hit"] * 3,
        "sentence_zh": ["超限", "重复", "雷同"], "sentence_en": ["over", "twice", "alike"]}))  # fmt: skip
    prices = outputs.PRICE_RESULTS.conform(
        pa.table(
            {
                "claim_id": ["C000"],
                "claim_day_basis_zh": ["同类"],
                "claim_day_basis_en": ["same kind"],
                "outcome": ["scored"],
            }
        )
    )
    rings = replace(
        RingSet.empty(),
        rings=pa.Table.from_pylist(
            [{"ring_id": "R1", "score": 0.9, "story_zh": "经过", "story_en": "story"}],
            schema=outputs.RINGS.arrow,
        ),
        claims=pa.Table.from_pylist(
            [{"ring_id": "R1", "claim_id": "C000"}], schema=outputs.RING_CLAIMS.arrow
        ),
    )
    rows = explain.explain(
        features, shares, features, rules, results, prices, rings, ExplainSettings()
    )
    found = reasons_of(rows)
    expected = {"hard_hits": ("超限", "over"), "strong_hits": ("重复", "twice"), "weak_hits": ("雷同", "alike"),
            "flag_t16": ("重复", "twice"), "ring_score": ("经过", "story"),
            "price_surprise": ("同类", "same kind")}  # fmt: skip
    for name, (zh, en) in expected.items():
        assert found[name]["sentence_zh"].startswith(zh), name
        assert found[name]["sentence_en"].startswith(en), name
    other = reasons_of(made(features, weighing(shares, strong_hits=1.0)))["strong_hits"]
    assert "twice" not in other["sentence_en"]  # without a hit the feature speaks for itself


def test_a_value_and_its_peers_are_shown_and_nothing_stays_nothing():
    features, shares, _ = tables(3)
    shares = weighing(shares, strong_hits=1.0, own_tie_weight=1.0)
    for name, column in (("strong_hits", [4.0, 1.0, 2.0]), ("own_tie_weight", [None] * 3)):
        place = features.column_names.index(name)
        features = features.set_column(place, name, pa.array(column, pa.float64()))
    found = reasons_of(made(features, shares))
    assert (found["strong_hits"]["value"], found["strong_hits"]["peer_value"]) == (4.0, 2.0)
    assert found["own_tie_weight"]["value"] is found["own_tie_weight"]["peer_value"] is None
    assert "未知" in found["own_tie_weight"]["sentence_zh"]
    assert "unknown" in found["own_tie_weight"]["sentence_en"]
    assert found["base"]["value"] is found["base"]["peer_value"] is None


def test_what_is_folded_is_folded_within_its_group_only():
    features, shares, _ = tables(1)
    shares = weighing(shares, **dict.fromkeys(FEATURE_NAMES, 0.0))
    tiny = LEAST_SHOWN / 4
    shares = weighing(shares, strong_hits=tiny, weak_hits=tiny, ring_score=-tiny)
    groups = {f.name: f.group for f in FEATURES}
    found = reasons_of(made(features, shares))
    assert set(found) == {"base", f"{groups['strong_hits']}_rest", f"{groups['ring_score']}_rest"}
    assert found[f"{groups['strong_hits']}_rest"]["contribution"] == 2 * tiny
    assert found[f"{groups['ring_score']}_rest"]["contribution"] == -tiny


def test_a_small_run_explains_every_claim():
    ranked = pa.table({"claim_id": [f"C{k}" for k in range(30)], "rank": list(range(1, 31))})
    plan = pa.table({"claim_id": pa.array([], pa.string())})
    for limit, wanted in ((30, 30), (29, 3)):
        settings = ExplainSettings(top_share=0.1, every_claim_up_to=limit)
        assert len(explain.chosen_claims(ranked, plan, settings)) == wanted
