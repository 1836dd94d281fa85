"""What behaviour features promise, whatever computes them."""

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fraud_pipeline import behaviour
from fraud_pipeline.features.catalogue import BEHAVIOUR_FEATURES
from fraud_pipeline.settings import BehaviourSettings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.testing import rows

SETTINGS = BehaviourSettings()
NAMES = [f.name for f in BEHAVIOUR_FEATURES]


@pytest.fixture(scope="module")
def tables():
    return simulate("wuhan", 400, 7).tables


def test_one_float_column_a_feature_sorted_by_claim(tables):
    found = behaviour.measure(tables, SETTINGS)
    assert found.column_names == ["claim_id", *NAMES]
    assert all(found[name].type == pa.float64() for name in NAMES)
    assert found["claim_id"].to_pylist() == sorted(tables["claims"]["claim_id"].to_pylist())


def test_claims_filed_later_change_no_earlier_feature(tables):
    claims = tables["claims"]
    early = claims.filter(pc.less(claims["submitted_on"], pa.scalar(date(2016, 9, 1))))
    assert 50 < early.num_rows < claims.num_rows
    alone = behaviour.measure(tables.replaced(claims=early), SETTINGS).drop(["outlyingness"])
    together = behaviour.measure(tables, SETTINGS).drop(["outlyingness"])
    known = pc.is_in(together["claim_id"], value_set=early["claim_id"].combine_chunks())
    kept = together.filter(known)
    assert [n for n in alone.column_names if not kept[n].equals(alone[n])] == []


def test_row_order_does_not_matter(tables):
    claims = tables["claims"]
    shuffled = claims.take(np.random.default_rng(0).permutation(claims.num_rows))
    assert behaviour.measure(tables.replaced(claims=shuffled), SETTINGS).equals(
        behaviour.measure(tables, SETTINGS)
    )


@pytest.mark.parametrize("rows", [0, 1])
def test_no_claims_and_one_claim(tables, rows):
    found = behaviour.measure(tables.replaced(claims=tables["claims"].slice(0, rows)), SETTINGS)
    assert found.num_rows == rows


def test_window_counts_against_a_slow_count(tables):
    rows = sorted(tables["claims"].to_pylist(), key=lambda c: c["claim_id"])
    found = behaviour.measure(tables, SETTINGS)
    for name, party, days in (("enterprise_claims_90d", "enterprise_id", 90),
                              ("institution_claims_365d", "institution_id", 365)):  # fmt: skip
        slow = [
            sum(o[party] == c[party] and 1 <= (c["submitted_on"] - o["submitted_on"]).days <= days for o in rows)
            for c in rows
        ]  # fmt: skip
        assert found[name].to_pylist() == slow


def test_dates_changed_round_and_declared_refunds_are_read_as_what_they_are():
    def paid(n, payer, payee, amount, purpose):
        return {"payment_id": f"P{n}", "contract_id": f"K{n % 2}", "payer_id": payer, "payee_id": payee,
                "amount": Decimal(amount), "paid_on": date(2016, 3, 1), "purpose": purpose}  # fmt: skip

    found = behaviour.measure(
        rows.tables(
            claims=[{"claim_id": f"C{n}", "contract_id": f"K{n}", "service_start_on": date(2016, 3, 9),
                     "service_end_on": date(2016, 3, end)} for n, end in ((0, 5), (1, 12))],
            contracts=[{"contract_id": "K0"}, {"contract_id": "K1"}],
            payments=[paid(0, "E1", "I1", 100, None), paid(1, "E1", "I1", 100, None),
                      paid(2, "I1", "E1", 30, "退还多付款"), paid(3, "I1", "E1", 30, "咨询费")],
        ),
        SETTINGS,
    )  # fmt: skip
    assert found["service_days"].to_pylist() == [4.0, 3.0]
    assert found["money_back_share"].to_pylist() == [0.0, 0.3]
