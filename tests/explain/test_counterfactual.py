"""What if: each sentence is checked by working the sum again."""

import math
import re
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import explain
from fraud_pipeline.schema.outputs import EXPLANATIONS, RANKED_CLAIMS

LINE = (1.2, 0.3)


class Calibrated:
    """What a fitted model answers, by one line."""

    kind = "calibrated"

    def probability(self, z):
        return 1 / (1 + np.exp(-(LINE[0] * z + LINE[1])))

    def band(self, z):
        return np.where(z > 0, "high", "low")


class Order(Calibrated):
    kind = "order"


def one(parts, amount="100000", share=0.5):
    """A claim whose groups contribute ``parts`` above a base of -3."""
    log_odds = -3.0 + sum(parts.values())
    risk = 1 / (1 + math.exp(-(LINE[0] * log_odds + LINE[1])))
    loss = (Decimal(amount) * Decimal(risk * share)).quantize(Decimal("0.01"))
    ranked = RANKED_CLAIMS.conform(pa.table({
        "claim_id": ["C1"], "rank": [1], "risk": [risk], "log_odds": [log_odds],
        "expected_loss": [loss], "claimed_amount": [Decimal(amount)], "rule_score": [0.8],
        "price_score": [0.0], "ring_score": [0.0], "behaviour_score": [0.0], "top_reason": ["x"],
        "programme": ["wuhan"], "enterprise_id": ["E"], "institution_id": ["I"],
    }))  # fmt: skip
    groups = [None, *parts]
    reasons = EXPLANATIONS.conform(pa.table({
        "claim_id": ["C1"] * len(groups), "position": list(range(len(groups))),
        "feature": ["base", *parts], "contribution": [-3.0, *parts.values()],
        "group": pa.array(groups, pa.string()), "sentence_zh": ["句"] * len(groups),
        "sentence_en": ["words"] * len(groups),
    }))  # fmt: skip
    return reasons, ranked, loss


def test_the_amount_named_is_where_the_claim_leaves_the_list():
    reasons, ranked, loss = one({"rules": 3.0, "price": 1.0})
    last = loss / 2
    sentences = explain.counterfactuals(reasons, ranked, last, Calibrated())
    below = Decimal(re.search(r"below ([\d,]+) yuan", sentences[0][1]).group(1).replace(",", ""))
    assert loss * (below - 1) / 100000 < last <= loss * (below + 1) / 100000


@pytest.mark.parametrize(("weight", "stays"), [(0.1, True), (4.0, False)])
def test_evidence_taken_away_is_the_sum_worked_again(weight, stays):
    reasons, ranked, loss = one({"ring": weight, "behaviour": 2.0})
    sentences = explain.counterfactuals(reasons, ranked, loss * Decimal("0.5"), Calibrated())
    ring = next(en for _, en in sentences if "evidence of ties" in en)
    left = 1 / (1 + math.exp(-(LINE[0] * (-1.0) + LINE[1])))
    assert f"to {left:.0%}" in ring
    assert ("would stay" in ring) is stays


def test_without_enough_verdicts_bands_are_named_and_no_percentage():
    reasons, ranked, loss = one({"rules": 4.0, "price": 0.5})
    sentences = explain.counterfactuals(reasons, ranked, loss * Decimal("0.5"), Order())
    assert any("evidence of rules its band would be low" in en for _, en in sentences)
    assert any("风险档为“低”" in zh for zh, _ in sentences)
    assert not any("%" in text for pair in sentences for text in pair)


def test_a_probability_is_never_printed_as_certainty():
    assert explain.percent(0.9999) == "99%" and explain.percent(0.99999, 1) == "99.9%"
    assert explain.percent(0.456, 1) == "45.6%"


@pytest.mark.parametrize(("kind", "expected"), [("order", "band high"), ("calibrated", "40.0%")])
def test_what_a_risk_may_be_called(kind, expected):
    claim = {"risk": 0.4, "risk_low": 0.2, "risk_high": 0.6, "risk_kind": kind, "band": "high"}
    assert expected in explain.likely(claim, "en")
    assert ("%" in explain.likely(claim, "zh")) is (kind == "calibrated")


def test_a_claim_off_the_list_is_told_how_far():
    reasons, ranked, loss = one({"price": 0.5})
    ((zh, en),) = explain.counterfactuals(reasons, ranked, loss * 2, Calibrated())
    assert "不在名单内" in zh and "Not on the list" in en


def test_the_last_claim_of_the_list_is_on_it_and_one_of_no_loss_is_not():
    reasons, ranked, loss = one({"price": 0.5})
    assert len(explain.counterfactuals(reasons, ranked, loss, Calibrated())) == 2
    reasons, ranked, loss = one({"price": 0.5}, amount="0")
    ((_, en),) = explain.counterfactuals(reasons, ranked, Decimal(0), Calibrated())
    assert "Not on the list" in en


def test_kinds_of_evidence_are_taken_away_one_by_one_the_weightiest_first():
    """Contributions of a kind are added; the base and what lowers the risk are left alone."""
    reasons, ranked, loss = one({"price": 0.5, "ring": 1.5, "behaviour": -0.7, "rules": 0.9})
    sentences = explain.counterfactuals(reasons, ranked, loss / 2, Calibrated())
    kinds = [en.split(" the probability")[0] for _, en in sentences[1:]]
    assert len(kinds) == 3
    assert ["ties" in kinds[0], "rules" in kinds[1], "price" in kinds[2]] == [True] * 3
    twice = pa.concat_tables([reasons, reasons.filter(pa.compute.equal(reasons["group"], "price"))])
    both = explain.counterfactuals(twice, ranked, loss / 2, Calibrated())
    log_odds = ranked["log_odds"][0].as_py()
    for rows, weight in ((sentences, 0.5), (both, 1.0)):
        left = 1 / (1 + math.exp(-(LINE[0] * (log_odds - weight) + LINE[1])))
        assert any("evidence of price" in en and f"to {left:.0%}" in en for _, en in rows)


def test_several_claims_are_held_against_the_last_of_the_first_part():
    reasons, first, loss = one({"price": 1.0})
    rows = [
        {
            **first.to_pylist()[0],
            "claim_id": f"C{k}",
            "rank": k,
            "expected_loss": (loss / k).quantize(loss),
        }
        for k in range(1, 26)
    ]
    ranked = pa.Table.from_pylist(rows, schema=first.schema)
    named = pa.array([f"C{k}" for k in (1, 3, 4)] * 2)
    answer = pa.concat_tables([reasons.slice(k % 2, 1) for k in range(6)])
    answer = answer.set_column(0, answer.schema.field(0), named)
    found = explain.what_ifs(answer, ranked, ["C1", "C3", "C4"], 0.1, Calibrated())
    listed = {claim: "Not on the list" not in lines[0][1] for claim, lines in found.items()}
    assert listed == {"C1": True, "C3": True, "C4": False}  # a tenth of 25, rounded up, is three
    assert explain.what_ifs(answer, ranked.slice(0, 0), ["C1"], 0.1, Calibrated()) == {}


def test_a_claim_of_less_than_a_yuan_can_be_on_the_list():
    reasons, ranked, loss = one({"price": 0.5}, amount="1.50")
    assert 0 < loss < 1
    sentences = explain.counterfactuals(reasons, ranked, loss / 2, Calibrated())
    assert "Not on the list" not in sentences[0][1] and len(sentences) == 2


def test_evidence_that_weighs_nothing_is_not_taken_away():
    reasons, ranked, loss = one({"price": 0.5, "ring": 0.0})
    assert len(explain.counterfactuals(reasons, ranked, loss / 2, Calibrated())) == 2


@pytest.mark.parametrize("model", [Calibrated(), Order()])
def test_evidence_whose_absence_a_reader_would_not_see_is_not_mentioned(model):
    """Two thousandths of log-odds change neither the percentage shown nor the band."""
    reasons, ranked, loss = one({"price": 4.0, "ring": 0.002})
    at = ranked.schema.get_field_index("band")
    ranked = ranked.set_column(at, ranked.schema.field(at), pa.array(["high"]))
    kinds = [en for _, en in explain.counterfactuals(reasons, ranked, loss / 10, model)[1:]]
    assert len(kinds) == 1 and "evidence of price" in kinds[0]
    # where it decides whether the claim is on the list it is mentioned all the same
    at_the_edge = explain.counterfactuals(reasons, ranked, loss, model)
    assert sum("evidence of ties" in en and "leave the list" in en for _, en in at_the_edge) == 1
