"""What if: each sentence is checked by working the sum again."""

import math
import re
from decimal import Decimal

import pyarrow as pa
import pytest

from fraud_pipeline import explain
from fraud_pipeline.schema.outputs import EXPLANATIONS, RANKED_CLAIMS

LINE = (1.2, 0.3)


def one(parts, amount="100000", share=0.5, floor=None):
    """A claim whose groups contribute ``parts`` above a base of -3."""
    log_odds = -3.0 + sum(parts.values())
    risk = 1 / (1 + math.exp(-(LINE[0] * log_odds + LINE[1])))
    risk = max(risk, floor) if floor else risk
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
    said = explain.counterfactuals(reasons, ranked, last, LINE, 0.5)
    below = Decimal(re.search(r"below ([\d,]+) yuan", said[0][1]).group(1).replace(",", ""))
    assert loss * (below - 1) / 100000 < last <= loss * (below + 1) / 100000


@pytest.mark.parametrize(("weight", "stays"), [(0.1, True), (4.0, False)])
def test_evidence_taken_away_is_the_sum_worked_again(weight, stays):
    reasons, ranked, loss = one({"ring": weight, "behaviour": 2.0})
    said = explain.counterfactuals(reasons, ranked, loss * Decimal("0.5"), LINE, 0.99)
    ring = next(en for _, en in said if "evidence of ties" in en)
    left = 1 / (1 + math.exp(-(LINE[0] * (-1.0) + LINE[1])))
    assert f"to {left:.0%}" in ring
    assert ("would stay" in ring) is stays


def test_a_broken_limit_holds_whatever_else_is_taken_away():
    reasons, ranked, loss = one({"rules": 1.0, "price": 0.5}, floor=0.5)
    said = [
        en for _, en in explain.counterfactuals(reasons, ranked, loss * Decimal("0.9"), LINE, 0.5)
    ]
    assert any("evidence of price" in s and "to 50%" in s and "would stay" in s for s in said)
    assert any("evidence of rules" in s and "would leave" in s for s in said)


def test_a_claim_off_the_list_is_told_how_far():
    reasons, ranked, loss = one({"price": 0.5})
    ((zh, en),) = explain.counterfactuals(reasons, ranked, loss * 2, LINE, 0.5)
    assert "不在名单内" in zh and "Not on the list" in en
