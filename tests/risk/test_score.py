"""The ranked list: money at risk, scores of each kind of evidence, and the first reason."""

import math
from datetime import date
from decimal import Decimal
from importlib import import_module

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import risk
from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.risk.score import group_scores
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.schema.outputs import RULE_RESULTS, RULES
from fraud_pipeline.settings import RiskSettings
from fraud_pipeline.store.models import shipped_model

MODULE = import_module("fraud_pipeline.risk.score")  # the package has a function of that name
MODEL, SETTINGS = shipped_model(), RiskSettings()
WORDS = {
    "price_log_ratio": (
        "单价为同类中位价的2.72倍",
        "the unit price is 2.72 times the median of its kind",
    ),
    "ring_score": ("与其他申请同属一个疑似团伙", "one of the claims of a suspected ring"),
    "outlyingness": ("整体上与多数申请差别较大", "as a whole unlike most other claims"),
}


def features(n=1, **columns):
    x = np.full((n, len(FEATURE_NAMES)), np.nan)
    for name, values in columns.items():
        x[:, FEATURE_NAMES.index(name)] = values
    return x


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


def inputs(x, amounts, verdicts=(), rules=(), programmes=None, judged=0):
    """Features, rules and tables of claims C0, C1 ...

    ``verdicts``: (claim, verdict and maybe the amount disallowed), ``judged``: how many claims
    each rule passed.
    """
    ids = [f"C{k}" for k in range(len(x))]
    programmes = programmes or ["wuhan"] * len(x)
    table = pa.table({"claim_id": pa.array(ids, pa.string()),
                      "programme": pa.array(programmes, pa.string()), **{
        n: pa.array(x[:, k], from_pandas=True) for k, n in enumerate(FEATURE_NAMES)}})  # fmt: skip
    claims = {
        "claim_id": ids, "programme": programmes, "enterprise_id": [f"E{i}" for i in ids],
        "institution_id": ["I"] * len(x), "claimed_amount": [Decimal(a) for a in amounts],
    }  # fmt: skip
    outcomes = [
        {
            "outcome_id": f"O{k}",
            "claim_id": claim,
            "decided_on": date(2017, 1, 1),
            "verdict": word,
            "disallowed_amount": Decimal(lost[0]) if lost else None,
        }
        for k, (claim, word, *lost) in enumerate(verdicts)
    ]
    schema = INPUT_TABLES["outcomes"].arrow
    tables = Tables({
        "claims": INPUT_TABLES["claims"].conform(pa.table(claims)),
        "outcomes": pa.Table.from_pylist(outcomes, schema=schema),
    })  # fmt: skip
    known = pa.Table.from_pylist(
        [{"rule_code": c, "severity": s, "title_zh": f"{c}中", "title_en": f"{c}en",
          "n_hit": 0, "n_pass": judged, "n_not_applicable": 0, "n_error": 0} for c, s in rules],
        schema=RULES.arrow,
    )  # fmt: skip
    return table, known, tables


def ranked(x, amounts, verdicts=(), hits=(), **others):
    """The list of claims C0, C1 ...; ``hits``: (claim, code, outcome), others as of ``inputs``."""
    table, known, tables = inputs(x, amounts, verdicts, **others)
    results = pa.Table.from_pylist(
        [{"claim_id": claim, "rule_code": code, "outcome": outcome} for claim, code, outcome in hits],
        schema=RULE_RESULTS.arrow,
    )  # fmt: skip
    model = risk.fitted(MODEL, table, known, tables, SETTINGS)
    return risk.score(table, known, results, tables, model).to_pylist()


def test_claims_are_ranked_by_what_would_be_lost():
    """Risk times the share lost times the amount, to the fen; no claim of less than nothing."""
    x = features(5, price_surprise=[0.0, 6.0, 5.0, 0.0, 6.0])
    amounts = ["1000.00", "1000.00", "500.00", "1000.00", "-80.00"]
    rows = ranked(x, amounts)
    assert [r["rank"] for r in rows] == [1, 2, 3, 4, 5]
    losses = [r["expected_loss"] for r in rows]
    assert losses == sorted(losses, reverse=True)
    for row in rows:
        k = int(row["claim_id"][1])
        fen = round(row["risk"] * 100 * max(float(amounts[k]), 0.0))
        assert row["expected_loss"] == Decimal(fen) / 100
        assert row["claimed_amount"] == Decimal(amounts[k])


def test_nothing_claimed_is_nothing_lost_however_high_the_risk():
    rows = ranked(features(2, price_surprise=[0.0, 6.0]), ["0.00", "0.00"])
    assert [r["expected_loss"] for r in rows] == [0, 0]


def test_not_even_a_fen_is_lost_where_nothing_is_claimed():
    """One claim of forty stands out so far that its risk is above one half."""
    rows = ranked(features(40, price_surprise=[60.0, *[0.0] * 39], flag_t01=[1.0, *[0.0] * 39],
                           flag_t16=[1.0, *[0.0] * 39]), ["0.00"] * 40)  # fmt: skip
    assert max(r["risk"] for r in rows) > 0.5
    assert {r["expected_loss"] for r in rows} == {0}


def test_the_loss_is_a_part_of_the_claim_where_audits_disallow_a_part():
    x = features(3, price_surprise=[6.0, 0.0, 6.0])
    rows = ranked(x, ["1000.00"] * 3, [("C0", "fraud", "400.00")])
    for row in rows:
        assert float(row["expected_loss"]) == pytest.approx(0.4 * row["risk"] * 1000, abs=0.01)


def test_claims_of_two_programmes_are_each_compared_with_their_own_in_every_piece(monkeypatch):
    x = features(6, price_surprise=[0.1, 0.9, 0.3, 8.0, 9.0, 7.0])
    programmes = ["wuhan"] * 3 + ["shanxi"] * 3
    whole = ranked(x, ["1000.00"] * 6, programmes=programmes)
    of = {r["claim_id"]: r["log_odds"] for r in whole}
    assert of["C1"] == of["C4"], "the dearest of each programme is as unusual as the other's"
    for size in (1, 2, 4, 5, 7):
        monkeypatch.setattr(MODULE, "_CHUNK", size)
        assert ranked(x, ["1000.00"] * 6, programmes=programmes) == whole


def test_many_claims_are_scored_in_pieces_of_any_size(monkeypatch):
    x = features(5, price_surprise=[0.1, 0.9, 0.3, 0.7, 0.5])
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
    words = (f"{first}中", f"{first}en") if first else WORDS["outlyingness"]
    assert (row["top_reason"], row["top_reason_en"]) == words


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
    words = WORDS.get(reason, ("A中", "Aen"))
    assert (row["top_reason"], row["top_reason_en"]) == words


def test_the_price_of_each_claim_stands_in_its_own_sentence():
    x = features(
        4, price_surprise=[6.0, 6.0, 6.0, 0.0], price_log_ratio=[math.log(3.0), 1.0, 1.0, math.nan]
    )
    rows = {r["claim_id"]: r["top_reason_en"] for r in ranked(x, ["1.00"] * 4)}
    assert rows == {
        "C0": "the unit price is 3.00 times the median of its kind",
        "C1": WORDS["price_log_ratio"][1], "C2": WORDS["price_log_ratio"][1],
        "C3": WORDS["outlyingness"][1],
    }  # fmt: skip


def test_two_places_one_by_money_one_by_risk_ties_by_claim_id():
    n = 4
    scored = pa.table({
        "claim_id": ["B", "A", "C", "D"], "risk": [0.5, 0.5, 0.9, 0.1], "log_odds": [0.0, 0.0, 2.0, -2.0],
        "expected_loss": [Decimal(v) for v in ("50.00", "50.00", "9.00", "90.00")],
        **{f"{k}_score": np.zeros(n) for k in ("rule", "price", "ring", "behaviour")},
        "top_reason": ["x"] * n, "programme": ["p"] * n, "enterprise_id": ["E"] * n,
        "institution_id": ["I"] * n, "claimed_amount": [Decimal("100.00")] * n,
        "risk_kind": ["order"] * n, "band": ["low"] * n,
    })  # fmt: skip
    found = {r["claim_id"]: (r["rank"], r["risk_rank"]) for r in risk.in_order(scored).to_pylist()}
    assert found == {"D": (1, 4), "A": (2, 2), "B": (3, 3), "C": (4, 1)}
    assert risk.in_order(risk.in_order(scored)).equals(risk.in_order(scored))
    by_risk = risk.in_order(scored, "risk")
    assert by_risk["rank"].equals(by_risk["risk_rank"])


@pytest.mark.parametrize("decided", [0, 12])
def test_log_odds_known_from_the_fit_give_the_same_list(decided):
    """With and without verdicts to learn from, of two programmes, to the byte."""
    n, rng = 60, np.random.default_rng(3)
    x = features(n, price_surprise=rng.exponential(2, n), institution_burst=rng.exponential(1, n))
    verdicts = [(f"C{5 * k}", "fraud" if k % 3 == 0 else "clean") for k in range(decided)]
    table, known, tables = inputs(
        x, ["1000.00"] * n, verdicts, programmes=["wuhan", "shanxi"] * (n // 2)
    )
    model, log_odds = risk.fitted_with_log_odds(MODEL, table, known, tables, SETTINGS)
    assert model.files == risk.fitted(MODEL, table, known, tables, SETTINGS).files
    assert (model.run["learned_from"] is None) == (decided == 0) and len(log_odds) == n - decided
    none = RULE_RESULTS.empty()
    computed = risk.score(table, known, none, tables, model)
    assert risk.score(table, known, none, tables, model, log_odds).equals(computed)
    assert not risk.score(table, known, none, tables, model, log_odds + 1.0).equals(computed)
