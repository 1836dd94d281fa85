"""Habits of price: each kind planted and found, and an honest trade that shows none."""

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import pricing
from fraud_pipeline.core.money import from_fen
from fraud_pipeline.pricing.pattern_words import _EN, _ZH
from fraud_pipeline.pricing.patterns import PATTERNS, patterns
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import PricingSettings
from tests.pricing.test_judge import honest, world

SETTINGS = PricingSettings()
N = 240


def trade(change=None, **columns):
    """240 honest claims in order of days, 10 institutions in turn, changed by ``change``."""
    prices = honest(N, 11)
    days = np.datetime64("2016-01-01") + np.arange(N).astype("timedelta64[D]")
    given = {
        "institution_id": [f"I{k % 10}" for k in range(N)],
        "enterprise_id": [f"E{k}" for k in range(N)],
    } | columns
    if change is not None:
        change(prices, days, given)
    return world(prices, n_institutions=10, submitted_on=pa.array(days), **given)


def told(tables):
    return patterns(tables, pricing.judge(tables, SETTINGS), SETTINGS)


def of_kind(found, kind):
    return [row for row in found.to_pylist() if row["kind"] == kind]


def test_honest_trade_shows_no_habits():
    found = told(trade())
    assert found.schema == PATTERNS
    assert found.num_rows <= 1


def test_a_house_dear_all_through_is_told():
    def dear(prices, days, given):
        prices[np.arange(N) % 10 == 4] *= 1.8

    rows = of_kind(told(trade(dear)), "institution_level")
    assert [row["subject_id"] for row in rows] == ["I4"]
    assert 1.5 < rows[0]["measured"] < 2.1
    assert "I4" in rows[0]["sentence_zh"] and "I4" in rows[0]["sentence_en"]


def test_one_customer_who_pays_more_is_told_with_the_pair():
    def one(prices, days, given):
        for k in (103, 143, 183, 223):
            given["enterprise_id"][k] = "EX"
            prices[k] *= 2.0

    found = told(trade(one))
    for kind in ("customer", "pair_level"):
        assert [(r["subject_id"], r["other_id"]) for r in of_kind(found, kind)] == [("I3", "EX")]
    assert of_kind(found, "customer")[0]["peer_value"] < 1.3
    assert of_kind(found, "institution_level") == []


def test_contracts_crowding_below_a_limit_are_told():
    def crowd(prices, days, given):
        rows = np.arange(N) % 10 == 6
        prices[rows] = 49_000 + np.arange(rows.sum()) * 30.0

    rows = of_kind(told(trade(crowd)), "just_below")
    assert [(r["subject_id"], r["measured"], r["peer_value"]) for r in rows] == [("I6", 24.0, 0.0)]
    assert "50,000" in rows[0]["sentence_en"]


def test_a_price_too_low_to_be_real_is_told():
    def low(prices, days, given):
        prices[200] /= 5.0

    rows = of_kind(told(trade(low)), "too_low")
    assert [row["subject_id"] for row in rows] == ["C00200"]


def test_prices_in_another_unit_do_not_hide_one_another():
    def low(prices, days, given):
        prices[:8] *= 1e-4

    assert len(of_kind(told(trade(low)), "too_low")) == 8


def test_one_service_sold_in_parts_is_told():
    def apart(prices, days, given):
        for k in (150, 151, 152):
            given["institution_id"][k], given["enterprise_id"][k] = "I5", "EP"
            prices[k] = 500.0

    rows = of_kind(told(trade(apart)), "sold_apart")
    assert [(r["subject_id"], r["other_id"], r["n_claims"]) for r in rows] == [("I5", "EP", 3)]
    assert rows[0]["measured"] == pytest.approx(1.0, abs=0.15)


def test_tax_on_top_is_remarked_on():
    tables = trade(contract_id=[f"H{k}" for k in range(N)])
    billed = round(float(tables["claims"]["contract_amount"][100].as_py()) / 1.06, 2)
    invoices = pa.table(
        {
            "invoice_no": ["1"], "contract_id": ["H100"], "tax_rate": [0.06],
            "amount": from_fen(np.array([round(billed * 100)])),
        }
    )  # fmt: skip
    rows = of_kind(told(Tables({**tables, "invoices": invoices})), "tax_added")
    assert [row["subject_id"] for row in rows] == ["C00100"]
    assert rows[0]["peer_value"] / rows[0]["measured"] == pytest.approx(1.06)
    assert rows[0]["p_value"] is None and "6%" in rows[0]["sentence_zh"]


def test_sentences_accuse_nobody():
    for text in (*_ZH.values(), *_EN.values()):
        assert not any(word in text for word in ("骗", "违法", "舞弊", "fraud", "guilty", "cheat"))


def test_no_claims_no_habits():
    assert told(world(honest(0, 1))).num_rows == 0
