"""``price``: what a reviewer, a desk and a keeper of a catalogue get to see."""

import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from fraud_pipeline import pricing
from fraud_pipeline.cli.app import app
from fraud_pipeline.engine import price_queries
from fraud_pipeline.errors import InputError, UnknownRecordError
from fraud_pipeline.pricing.catalogue_lint import lint
from fraud_pipeline.pricing.show import answer_text, claim_text, reasons_similar, strip
from fraud_pipeline.pricing.whatif import Question, what_if
from fraud_pipeline.settings import PricingSettings
from fraud_pipeline.store.places import data_samples
from tests.pricing.test_judge import honest, world

SETTINGS = PricingSettings()
HEADER = "service_type,unit,low,reference,high,region,valid_from,valid_to,source\n"


@pytest.fixture(scope="module")
def workspace(tiny_run):
    return tiny_run


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_claim_is_shown_beside_its_market(workspace, lang):
    shown = CliRunner().invoke(app, ["price", "C0000050", "-w", str(workspace), "--lang", lang])
    assert shown.exit_code == 0
    assert "C0000050" in shown.output and "●" in shown.output and "[" in shown.output
    assert shown.output.count("C00000") >= 3  # itself and comparables


def test_a_question_before_signing_is_answered(workspace):
    asked = ["price", "what-if", "--service", "testing", "--quantity", "20", "--lang", "en"]
    shown = CliRunner().invoke(app, [*asked, "--price", "9000", "-w", str(workspace)])
    assert shown.exit_code == 0
    assert "times the middle" in shown.output and "together" in shown.output


def test_habits_are_listed(workspace):
    shown = CliRunner().invoke(app, ["price", "patterns", "-w", str(workspace)])
    assert shown.exit_code == 0 and shown.output.strip()


def test_what_is_not_there_is_said_in_one_line(workspace):
    with pytest.raises(UnknownRecordError, match="no claim 'X'"):
        price_queries.claim_page(workspace, None, "X", "zh")
    tables = world(honest(30, 1))
    for wrong in (Question("nope", date(2017, 1, 1)), Question("testing", date(2017, 1, 1), 0.0),
                  Question("testing", date(2017, 1, 1), category="shop")):  # fmt: skip
        with pytest.raises(InputError):
            what_if(tables, wrong, SETTINGS, None)


def test_a_question_is_judged_as_a_claim_would_be_and_changes_nothing():
    tables = world(honest(200, 3))
    before = tables["claims"]
    cheap, dear = (
        what_if(tables, Question("testing", date(2017, 1, 1), 10.0, unit_price=Decimal(price)),
                SETTINGS, None)
        for price in (1500, 4000)
    )  # fmt: skip
    assert cheap["p_value"] > 0.2 and dear["p_value"] < 0.01
    assert dear["price_ratio"] == pytest.approx(4000 / float(dear["market_mid"]), rel=1e-3)
    assert cheap["market_mid"] == dear["market_mid"] and dear["q_value"] is None
    assert tables["claims"].equals(before)
    asked = what_if(tables, Question("testing", date(2017, 1, 1)), SETTINGS, None)
    assert asked["p_value"] is None and asked["market_mid"] == dear["market_mid"]
    assert f"中位 {asked['market_mid']:,.0f}" in answer_text(asked, [], "zh")


def test_a_kind_of_the_bureaus_own_is_asked_about_and_named_where_it_is_not_there():
    own = world(honest(200, 3), service_type=["other"] * 200, source_kind=["computing power"] * 200)
    question = Question("computing power", date(2017, 1, 1), unit_price=Decimal(4000))
    answer = what_if(own, question, SETTINGS, None)
    listed = what_if(world(honest(200, 3)), dataclasses.replace(question, service="testing"), SETTINGS, None)  # fmt: skip
    assert answer["market_mid"] == listed["market_mid"] and answer["p_value"] < 0.01
    assert "computing power" in answer_text(answer, [], "en")
    with pytest.raises(InputError, match=r"no service type 'computing' .*other, computing power\)"):
        what_if(own, dataclasses.replace(question, service="computing"), SETTINGS, None)


def test_a_market_nobody_knows_is_not_made_up():
    answer = what_if(world(honest(30, 1)), Question("talent", date(2017, 1, 1)), SETTINGS, None)
    assert answer["outcome"] == "not_applicable"
    assert "可比申请不足" in answer_text(answer, [], "zh")
    assert "too few" in answer_text(answer, [], "en")


def test_the_strip_marks_the_claim_where_it_lies():
    row = {"market_low": 100, "market_mid": 200, "market_high": 400, "unit_price": 800}
    line = strip(row, [100, 200], width=13)
    assert line.index("●") > line.index("]") > line.index("+") > line.index("[")


def test_why_a_comparable_is_one():
    claim = {"service_title": "检测", "category": "a", "region": "b", "quantity": 10.0,
             "submitted_on": date(2017, 6, 1)}  # fmt: skip
    other = {**claim, "category": "c", "quantity": 100.0, "submitted_on": date(2015, 6, 1)}
    assert reasons_similar(claim, claim) == ["title", "category", "region", "quantity", "recent"]
    assert reasons_similar(other, claim) == ["title", "region"]
    assert reasons_similar({**other, "service_title": None, "region": None}, claim) == ["service"]


def test_the_sentence_names_the_excess_and_calls_it_a_lead():
    prices = honest(300, 3)
    prices[299] *= 3.5
    result = pricing.judge(world(prices), SETTINGS).to_pylist()
    verdict = max(result, key=lambda r: r["price_ratio"] or 0)
    claim = {"service_type": "testing", "unit": "份", "quantity": 1.0, "service_title": None,
             "submitted_on": date(2016, 5, 1), "category": None, "region": None}  # fmt: skip
    assert "疑点" in claim_text(verdict, claim, [], [], "zh")
    assert "A lead" in claim_text(verdict, claim, [], [], "en")


def findings(tmp_path, lines):
    file = tmp_path / "prices.csv"
    file.write_text(HEADER + lines, "utf-8")
    return [(f.row, f.severity, f.code) for f in price_queries.catalogue_findings(file, None)]


def test_the_shipped_catalogue_has_nothing_to_mend():
    assert (
        price_queries.catalogue_findings(data_samples() / "wuhan" / "market_prices.csv", None) == []
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("testing,项,500,100,900,,2015-01-01,,x\n", (2, "error", "out_of_order")),
        ("testing,项,1,0,900,,2015-01-01,,x\n", (2, "error", "not_positive")),
        ("testing,项,1,2,3,,2015-01-01,2014-01-01,x\n", (2, "error", "ends_before")),
        ("testing,项,1,2,3,,2015-01-01,,\n", (2, "warning", "no_source")),
        ("testing,项,1,2,3,,,,x\n", (2, "warning", "no_start")),
        ("testing,项,,2,,,2015-01-01,,x\n", (2, "warning", "no_range")),
        ("testing,项,1,2,30,,2015-01-01,,x\n", (2, "warning", "wide")),
        ("testing,项,1,2,3,,2015-01-01,,x\ntesting,项,1,2.5,3,,2016-01-01,,x\n",
         (3, "error", "overlap")),
        ("testing,项,1,2,3,,2015-01-01,,x\ntesting,项,1,2,4,,2016-01-01,,x\n",
         (3, "warning", "repeated")),
        ("1234,项,1,2,3,,2015-01-01,,x\n", (2, "error", "unknown_code")),
    ],
)  # fmt: skip
def test_each_fault_of_a_catalogue_is_named_with_its_row(tmp_path, lines, expected):
    assert expected in findings(tmp_path, lines)


def test_a_later_price_after_the_earlier_ended_is_no_overlap(tmp_path):
    lines = "testing,项,1,2,3,,2015-01-01,2015-12-31,x\ntesting,项,1,2.5,3,,2016-01-01,,x\n"
    assert [f for f in findings(tmp_path, lines) if f[1] == "error"] == []


def test_a_unit_no_claim_uses_is_remarked_on():
    tables = world(honest(3, 1), catalogue={
        "service_type": ["testing"], "unit": ["天"], "reference": [Decimal(5)],
        "low": [Decimal(4)], "high": [Decimal(6)], "valid_from": [date(2015, 1, 1)],
        "source": ["x"],
    })  # fmt: skip
    used = tables["claims"].select(["service_type", "unit"])
    found = lint(tables["market_prices"], date(2017, 1, 1), used)
    assert [f.code for f in found] == ["unit_unused"]


def test_a_misleading_catalogue_ends_with_status_two(tmp_path):
    file = tmp_path / "prices.csv"
    file.write_text(HEADER + "testing,项,500,100,900,,2015-01-01,,x\n", "utf-8")
    assert CliRunner().invoke(app, ["price", "lint-catalogue", str(file)]).exit_code == 2
    with pytest.raises(InputError, match=r"prices\.txt|no such"):
        price_queries.catalogue_findings(tmp_path / "prices.txt", None)
