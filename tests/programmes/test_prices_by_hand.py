"""T04 by peers: dear under an ordinary title is shown, dear under a title of its own is not."""

import pytest

from fraud_pipeline.programmes import evaluate
from fraud_pipeline.programmes.rules import t04_catalogue_price
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing.rows import AS_OF, tables

PACKS = load_packs()
CATALOGUE = [{"service_type": "testing", "unit": "项", "high": 1_200, "source": "P2016"}]


def judge_prices(prices, title="产品检测", further=(), catalogue=()):
    claims = [
        {"claim_id": f"C{n:02d}", "enterprise_id": f"E{n}", "service_title": title, "unit": "项",
         "quantity": 10, "contract_amount": 10 * price}
        for n, price in enumerate(prices)
    ] + list(further)  # fmt: skip
    given = tables(claims=claims, market_prices=list(catalogue))
    found, _ = evaluate(given, PACKS, AS_OF, ProgrammeSettings(), [t04_catalogue_price.RULE])
    return {row["claim_id"]: row for row in found.to_pylist()}


USUAL = [980, 990, 1_000, 1_000, 1_010, 1_020, 1_040]


def test_against_the_median_of_the_same_title():
    rows = judge_prices([*USUAL, 1_560, 1_600])
    assert {c: r["outcome"] for c, r in rows.items() if r["outcome"] != "pass"} == {"C08": "hit"}
    assert rows["C08"]["measured"] == pytest.approx(1_600 / 1_010) and rows["C08"]["limit"] == 1.55
    assert "the median that 9 enterprises paid under this title" in rows["C08"]["sentence_en"]
    assert "9家企业同名服务的中位价" in rows["C08"]["sentence_zh"]


def test_a_special_line_is_its_own_market_whatever_the_catalogue_says():
    dear = [{"claim_id": f"N{n}", "enterprise_id": f"F{n}", "service_title": "电磁兼容暗室全项检测",
             "unit": "项", "quantity": 1, "contract_amount": 3_500 + n} for n in range(6)]  # fmt: skip
    rows = judge_prices(USUAL, further=dear, catalogue=CATALOGUE)
    assert {row["outcome"] for row in rows.values()} == {"pass"}


def test_too_few_leave_it_to_the_catalogue_and_none_to_nobody():
    few = [{"claim_id": "N0", "service_title": "罕见检测", "unit": "项", "quantity": 1,
            "contract_amount": 3_100}]  # fmt: skip
    with_list = judge_prices(USUAL, further=few, catalogue=CATALOGUE)["N0"]
    assert (with_list["outcome"], with_list["evidence"]) == ("hit", "catalogue P2016")
    assert judge_prices(USUAL, further=few)["N0"]["outcome"] == "not_applicable"


def test_one_off_projects_have_no_unit_price():
    row = judge_prices(
        [20_000, 45_000, 80_000, 150_000, 260_000, 400_000, 900_000], "委托技术开发"
    )["C06"]
    assert row["outcome"] == "not_applicable" and "too wide apart" in row["sentence_en"]
