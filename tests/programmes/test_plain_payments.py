"""Plain payments: limits that the data themselves show, tariffs, payees that are not named."""

from datetime import date, timedelta

import pytest

from fraud_pipeline.core.placeholders import is_no_value, names_nobody
from fraud_pipeline.engine.scope import ClaimView
from fraud_pipeline.engine.single_claim.related_rows import related_rows
from fraud_pipeline.programmes import evaluate
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing.rows import tables

PACKS = load_packs()
DAY = date(2019, 1, 7)


def hits(code, claims):
    rule = next(r for r in ALL_RULES if r.code == code)
    found, _ = evaluate(tables(claims=claims), PACKS, date(2020, 1, 1), ProgrammeSettings(), [rule])
    return {r["claim_id"]: r for r in found.to_pylist() if r["outcome"] == "hit"}


def answers(rows, rule):
    """claim -> (outcome, measured) of one rule on these tables."""
    found, _ = evaluate(rows, PACKS, date(2020, 1, 1), ProgrammeSettings(), [rule])
    return {r["claim_id"]: (r["outcome"], r["measured"]) for r in found.to_pylist()}


def payment(k, payee, amount, day, programme="payments_gbp"):
    return {"claim_id": f"P{k}", "programme": programme, "institution_id": payee, "service_type": "other",
            "contract_id": None, "contract_amount": amount, "claimed_amount": amount,
            "submitted_on": DAY + timedelta(days=day)}  # fmt: skip


def below_a_limit(above):
    """Payments just below 15,000 to one payee, forty others near it, and ``above`` above it."""
    rows = [payment(k, "Luna", 14_990 - k, 3 * k) for k in range(4)]
    rows += [payment(100 + k, f"S{k}", 14_200 + 3 * k, k) for k in range(40)]
    return rows + [payment(200 + k, f"S{k}", 15_200 + 3 * k, k) for k in range(above)]


def test_a_round_sum_that_payments_stay_below_is_a_limit():
    found = hits("T17", below_a_limit(above=5))
    assert set(found) == {"P0", "P1", "P2", "P3"}
    assert found["P0"]["sentence_en"].startswith(
        "4 payments between the two within 30 days (usual: 1), each just below 15,000 pounds"
    )
    assert "支付4笔略低于15,000英镑的付款" in found["P0"]["sentence_zh"]


def test_a_round_sum_with_as_many_above_it_is_none():
    assert not hits("T17", below_a_limit(above=40))


def test_a_rent_below_a_limit_is_no_split():
    rows = below_a_limit(above=5)[4:] + [payment(k, "Landlord", 14_900, 10 * k) for k in range(8)]
    assert not hits("T17", rows)


@pytest.mark.parametrize("payee", ["REDACTED PERSONAL DATA", "Various", "不详", "000000", "N/A"])
def test_payments_to_nobody_in_particular_are_not_judged(payee):
    rows = [payment(k, payee, 812.4, k) for k in range(2)]
    assert not hits("T28", rows)
    rows = [payment(k, "Acme Ltd", 812.4, k) for k in range(2)]
    assert set(hits("T28", rows)) == {"P1"}


def test_a_number_that_many_payees_share_is_no_document():
    rows = [{**payment(k, f"S{k % 20}", 500 + k, 40 * k), "contract_id": "0001"} for k in range(20)]
    rows += [{**payment(50, "S0", 500, 90), "contract_id": "0001"}]
    assert not hits("T28", rows)


@pytest.mark.parametrize(
    "value", ["不详", "无", "n/a", "00000000", "0", "123456", "111111", "S/N", "-", "？"]
)
def test_placeholders(value):
    assert is_no_value(value) and names_nobody(value)


@pytest.mark.parametrize(
    "value", ["Varian Ltd", "02787654321", "无锡某某公司", "Individual Solutions Ltd", "6222021234"]
)
def test_names_and_numbers_that_only_resemble_placeholders(value):
    assert not is_no_value(value) and not names_nobody(value)


def test_a_limit_is_found_for_one_claim_as_among_all():
    """Other payers gather below it too, so the scope of one claim reaches beyond its own payer."""
    rows = [
        {**row, "enterprise_id": f"PAYER {k % 7}"} if k >= 4 else row
        for k, row in enumerate(below_a_limit(above=5))
    ]
    rows += [{**payment(300 + k, f"S{k}", 900 + k, k), "enterprise_id": "FAR"} for k in range(30)]
    whole, asked = tables(claims=rows), next(rule for rule in ALL_RULES if rule.code == "T17")
    among_all = answers(whole, asked)
    for claim_id in ("P0", "P3", "P110", "P310"):
        view = ClaimView(claim_id, related_rows(whole, claim_id), whole, None).tables(asked.scope)
        assert view["claims"].num_rows < whole["claims"].num_rows
        assert answers(view, asked)[claim_id] == among_all[claim_id]
    assert among_all["P0"] == ("hit", 4.0)
