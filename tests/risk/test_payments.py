"""Payments: what is merely unusual is no lead, and what a payment of some risk loses."""

from decimal import Decimal

import numpy as np
import pytest

from fraud_pipeline import risk
from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES
from tests.risk.test_score import MODEL, MODULE, SETTINGS, features, inputs, ranked

TELLING = ("price", "ring", "text")
PAYMENTS = {"rules": [("T28", "strong")]}  # repeated payments are judged in files of payments only


def test_a_payment_that_is_merely_unusual_is_no_lead():
    """Among payments a burst alone brings no loss, however large; a grave hit or a ring does."""
    n = 400
    burst, hits, ring = np.zeros(n), np.zeros(n), np.zeros(n)
    burst[:3], hits[3], ring[4] = 9.0, 1.0, 0.9
    x = features(n, institution_burst=burst, strong_hits=hits, flag_t28=hits, ring_score=ring)
    amounts = ["9000000.00", *["1000.00"] * (n - 1)]
    payments = {r["claim_id"]: r for r in ranked(x, amounts, **PAYMENTS, judged=n)}
    assert [payments[f"C{k}"]["expected_loss"] for k in range(3)] == [Decimal(0)] * 3
    assert payments["C3"]["expected_loss"] > 0 and payments["C4"]["expected_loss"] > 0
    assert payments["C0"]["risk"] > payments["C9"]["risk"], "it is still named by its risk"
    claims = {r["claim_id"]: r for r in ranked(x, amounts)}
    assert claims["C0"]["rank"] == 1, "among claims for a subsidy its expected loss counts"


def test_a_payment_loses_what_its_risk_exceeds_the_usual_risk_by():
    x = features(40, price_surprise=[6.0, *[0.0] * 39])
    rows = ranked(x, ["1000.00"] * 40, **PAYMENTS, judged=40)
    usual = risk.fitted(
        MODEL, *inputs(x, ["1000.00"] * 40, **PAYMENTS, judged=40), SETTINGS
    ).usual_risk
    assert usual > 0
    first = rows[0]
    assert first["claim_id"] == "C0"
    assert float(first["expected_loss"]) == pytest.approx((first["risk"] - usual) * 1000, abs=0.01)


def test_what_speaks_against_a_payment_is_found_however_faint_in_pieces_of_any_size(monkeypatch):
    """A mark on one payment in ten says less than one nat, and is still more than mere habit."""
    x = features(
        40, ring_score=[0.5] * 4 + [0.0] * 36, strong_hits=[0.0] * 39 + [1.0], institution_burst=9.0
    )
    programmes = np.array(["wuhan", "shanxi"] * 20)
    amounts = ["1000.00"] * 40
    table, known, tables = inputs(x, amounts, **PAYMENTS, programmes=list(programmes), judged=40)
    model = risk.fitted(MODEL, table, known, tables, SETTINGS)
    assert 0 < model.evidence(x, programmes)[0, FEATURE_NAMES.index("ring_score")] < 1
    expected = [True] * 4 + [False] * 35 + [True]
    for size in (200_000, 1, 3, 7):
        monkeypatch.setattr(MODULE, "_CHUNK", size)
        assert MODULE._spoken_against(x, programmes, model).tolist() == expected, size


def test_only_prices_rings_and_texts_with_a_weight_speak_against_a_payment():
    for feature, first_weight in zip(FEATURES, MODEL.first_weights, strict=True):
        if feature.group not in (*TELLING, "behaviour"):
            continue
        x = features(40, **{feature.name: [9.0] + [0.0] * 39})
        table, known, tables = inputs(x, ["1000.00"] * 40, **PAYMENTS, judged=40)
        model = risk.fitted(MODEL, table, known, tables, SETTINGS)
        spoken = MODULE._spoken_against(x, np.array(["wuhan"] * 40), model)
        rare = model.evidence(x)[0, FEATURE_NAMES.index(feature.name)] > 0
        telling = feature.group in TELLING and first_weight > 0
        assert spoken[0] == (telling and rare), feature.name
        assert not spoken[1:].any()
