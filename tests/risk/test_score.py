"""The ranked list: money at risk, scores of each kind of evidence, and the first reason."""

from datetime import date
from decimal import Decimal
from importlib import import_module

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES
from fraud_pipeline.risk.score import floored, group_scores, loss_share, score
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.schema.outputs import RULE_RESULTS, RULES
from fraud_pipeline.settings import RiskSettings
from fraud_pipeline.store.models import shipped_model

MODULE = import_module("fraud_pipeline.risk.score")  # the package has a function of that name
MODEL, SETTINGS = shipped_model(), RiskSettings()
WORDS = {f.name: f"{f.zh} / {f.en}" for f in FEATURES}


def features(n=1, **columns):
    x = np.full((n, len(FEATURE_NAMES)), np.nan)
    for name, values in columns.items():
        x[:, FEATURE_NAMES.index(name)] = values
    return x


def test_a_claim_against_which_nothing_speaks_would_lose_seven_tenths():
    assert loss_share(features()) == pytest.approx([0.7])


@pytest.mark.parametrize(
    ("columns", "share"),
    [
        ({"rule_score": 0.9}, (0.9 + 0.07) / 1.0),
        ({"ring_score": 0.9}, (0.9 + 0.07) / 1.0),
        ({"rule_score": 0.4, "ring_score": 0.5}, (0.9 + 0.07) / 1.0),
        # a price six nats improbable, half of it excess: its weight is one
        ({"price_surprise": 6.0, "price_excess_share": 0.5}, (0.5 + 0.07) / 1.1),
        ({"price_surprise": 3.0, "price_excess_share": 0.2}, (0.5 * 0.2 + 0.07) / 0.6),
        ({"price_surprise": 6.0, "price_excess_share": 0.0}, 0.7),  # improbably cheap
        ({"price_surprise": 6.0, "price_excess_share": 0.5, "rule_score": 1.0},
         (1.0 + 0.5 + 0.07) / 2.1),
    ],
)  # fmt: skip
def test_what_is_lost_is_mixed_by_how_strongly_each_is_suspected(columns, share):
    assert loss_share(features(**columns)) == pytest.approx([share])


def test_a_share_is_between_none_and_all():
    x = features(3, price_surprise=6.0, price_excess_share=[5.0, 0.001, 2.0])
    assert loss_share(x)[[0, 2]].tolist() == [1.0, 1.0]
    assert 0.0 < loss_share(x)[1] < 0.1


def test_scores_of_each_kind_of_evidence_lie_between_none_and_one():
    x = features(
        4, rule_score=[np.nan, 0.4, -1.0, 3.0], outlyingness=[np.nan, 0.4, -1.0, 3.0],
        ring_score=[np.nan, 0.5, 0.0, 3.0], ring_strength=[0.5, 0.5, 0.9, 3.0],
        price_surprise=[np.nan, 3.0, -6.0, 60.0], price_log_ratio=[0.4, 0.4, 0.4, 0.4],
    )  # fmt: skip
    for name in ("rule", "behaviour"):
        assert group_scores(x)[name] == pytest.approx([0.0, 0.4, 0.0, 1.0]), name
    for name in ("ring", "price"):
        assert group_scores(x)[name] == pytest.approx([0.0, 0.5, 0.0, 1.0]), name


def test_a_price_speaks_only_when_it_is_above_the_market():
    x = features(4, price_surprise=3.0, price_log_ratio=[-0.1, 0.0, np.nan, 0.1])
    assert group_scores(x)["price"].tolist() == [0.0, 0.0, 0.0, 0.5]


def test_a_broken_hard_rule_lifts_risk_and_both_ends_of_its_interval_to_the_floor():
    x, log_odds = features(4, hard_hits=[np.nan, 0.0, 1.0, 2.0]), np.array([-9.0, -9.0, -9.0, 9.0])
    plain = floored(features(4), log_odds, MODEL, SETTINGS)
    lifted = floored(x, log_odds, MODEL, SETTINGS)
    assert plain[0][0] < SETTINGS.hard_floor < plain[0][3]
    for before, after in zip(plain, lifted, strict=True):
        assert after == pytest.approx([*before[:2], SETTINGS.hard_floor, before[3]])


def ranked(x, amounts, verdicts=(), rules=(), hits=(), **more):
    """The list of claims C0, C1 ...; ``verdicts``: (claim, verdict), ``hits``: (claim, code)."""
    ids = [f"C{k}" for k in range(len(x))]
    table = pa.table({"claim_id": pa.array(ids, pa.string()), **{
        n: pa.array(x[:, k], from_pandas=True) for k, n in enumerate(FEATURE_NAMES)}})  # fmt: skip
    claims = {
        "claim_id": ids, "programme": ["wuhan"] * len(x), "enterprise_id": [f"E{i}" for i in ids],
        "institution_id": ["I"] * len(x), "claimed_amount": [Decimal(a) for a in amounts],
    }  # fmt: skip
    outcomes = [
        {"outcome_id": f"O{k}", "claim_id": claim, "decided_on": date(2017, 1, 1), "verdict": word}
        for k, (claim, word) in enumerate(verdicts)
    ]
    schema = INPUT_TABLES["outcomes"].arrow
    tables = Tables({
        "claims": INPUT_TABLES["claims"].conform(pa.table(claims)),
        "outcomes": pa.Table.from_pylist(outcomes, schema=schema),
    })  # fmt: skip
    known = pa.Table.from_pylist(
        [{"rule_code": c, "severity": s, "title_zh": f"{c}中", "title_en": f"{c}en"} for c, s in rules],
        schema=RULES.arrow,
    )  # fmt: skip
    results = pa.Table.from_pylist(
        [{"claim_id": claim, "rule_code": code, "outcome": outcome} for claim, code, outcome in hits],
        schema=RULE_RESULTS.arrow,
    )  # fmt: skip
    return score(table, known, results, tables, MODEL, SETTINGS).to_pylist()


def test_claims_are_ranked_by_what_would_be_lost():
    """Risk times the share lost times the amount, to the fen; no claim of less than nothing."""
    x = features(5, rule_score=[0.0, 0.9, 0.9, 0.0, 0.9])
    amounts = ["1000.00", "1000.00", "500.00", "1000.00", "-80.00"]
    rows = ranked(x, amounts)
    assert [r["claim_id"] for r in rows] == ["C1", "C2", "C0", "C3", "C4"]  # ties go by the id
    assert [r["rank"] for r in rows] == [1, 2, 3, 4, 5]
    risk, share = MODEL.probability(MODEL.log_odds(x)), loss_share(x)
    for row in rows:
        k = int(row["claim_id"][1])
        assert row["risk"] == pytest.approx(risk[k])
        fen = round(risk[k] * share[k] * 100 * max(float(amounts[k]), 0.0))
        assert row["expected_loss"] == Decimal(fen) / 100
        assert row["claimed_amount"] == Decimal(amounts[k])
        assert (row["enterprise_id"], row["rule_score"]) == (
            f"EC{k}",
            x[k, FEATURE_NAMES.index("rule_score")],
        )


def test_a_loss_of_half_a_yuan_is_counted():
    (row,) = ranked(features(), ["0.90"])
    risk = MODEL.probability(MODEL.log_odds(features()))[0]
    assert row["expected_loss"] == Decimal(round(risk * 0.7 * 90)) / 100 > 0


def test_nothing_claimed_is_nothing_lost_however_high_the_risk():
    (row,) = ranked(features(hard_hits=3.0, strong_hits=5.0, rule_score=1.0), ["0.00"])
    assert row["risk"] > 0.6  # half a fen would be rounded up
    assert row["expected_loss"] == 0


def test_many_claims_are_scored_in_pieces_of_any_size(monkeypatch):
    x = features(5, rule_score=[0.1, 0.9, 0.3, 0.7, 0.5])
    whole = ranked(x, ["1000.00"] * 5)
    for size in (1, 2, 3, 5, 6):
        monkeypatch.setattr(MODULE, "_CHUNK", size)
        assert ranked(x, ["1000.00"] * 5) == whole
    assert ranked(features(0), []) == []


def test_decided_claims_are_left_out_and_undetermined_ones_stay():
    verdicts = [("C0", "fraud"), ("C1", "irregular"), ("C2", "clean"), ("C3", "undetermined")]
    rows = ranked(features(5), ["100.00"] * 5, verdicts)
    assert [r["claim_id"] for r in rows] == ["C3", "C4"]


RULES_OF_ALL_KINDS = (("A", "weak"), ("B", "hard"), ("C", "strong"), ("D", "hard"), ("I", "info"))


@pytest.mark.parametrize(
    ("codes", "first"),
    [(["A"], "A"), (["A", "C"], "C"), (["C", "B"], "B"), (["A", "D", "B"], "B"),
        (["C", "D"], "D"), (["I", "A"], "A"),
     (["I"], None), ([], None)],
)  # fmt: skip
def test_the_gravest_rule_is_the_first_reason(codes, first):
    hits = [("C0", code, "hit") for code in codes] + [("C0", "D", "pass")]
    if "D" in codes:
        hits = hits[:-1]
    (row,) = ranked(features(), ["1.00"], rules=RULES_OF_ALL_KINDS, hits=hits)
    assert row["top_reason"] == (f"{first}中 / {first}en" if first else WORDS["outlyingness"])


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"rule_score": 0.2, "ring_score": 0.5, "ring_strength": 0.5}, "ring_score"),
        ({"rule_score": 0.5, "ring_score": 0.5, "ring_strength": 0.5}, "A"),  # as strong: the rule
        ({"rule_score": 0.8, "ring_score": 0.5, "ring_strength": 0.5}, "A"),
        ({"ring_score": 0.2, "ring_strength": 0.2}, "A"),  # a ring of 0.2 is too faint to come first
        ({"ring_score": 0.4, "ring_strength": 0.4}, "ring_score"),
        ({"rule_score": 0.2, "price_surprise": 3.0, "price_log_ratio": 1.0}, "price_log_ratio"),
        ({"rule_score": 0.5, "price_surprise": 3.0, "price_log_ratio": 1.0}, "A"),  # as strong
        ({"rule_score": 0.8, "price_surprise": 3.0, "price_log_ratio": 1.0}, "A"),
        ({"ring_score": 0.8, "ring_strength": 0.8, "price_surprise": 3.0, "price_log_ratio": 1.0},
         "ring_score"),
        ({"ring_score": 0.5, "ring_strength": 0.5, "price_surprise": 3.0, "price_log_ratio": 1.0},
         "ring_score"),  # as strong: the ring
        ({"ring_score": 0.4, "ring_strength": 0.4, "price_surprise": 3.0, "price_log_ratio": 1.0},
         "price_log_ratio"),
    ],
)  # fmt: skip
def test_a_ring_or_a_price_comes_first_where_it_is_the_stronger(columns, reason):
    (row,) = ranked(
        features(**columns), ["1.00"], rules=RULES_OF_ALL_KINDS, hits=[("C0", "A", "hit")]
    )
    assert row["top_reason"] == WORDS.get(reason, "A中 / Aen")
