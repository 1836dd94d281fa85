"""The conformance tests find what they promise to find, and say it in words."""

import dataclasses

import numpy as np
import pytest

from fraud_pipeline.benchmark import Detection, Detector, make_case
from fraud_pipeline.benchmark.case import Tools
from fraud_pipeline.benchmark.detectors import largest_amounts, random_order
from fraud_pipeline.programmes import parse_pack
from fraud_pipeline.programmes.rule import Rule
from fraud_pipeline.settings import Settings
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing import (
    ConformanceError,
    GoldenCase,
    check_detector,
    check_pack,
    check_rule,
    tables,
)

PACKS = load_packs()
STATEMENT = """
SELECT a.claim_id, a.contract_amount::DOUBLE AS measured, 20000.0 AS lim, measured > 20000 AS hit,
       NULL::VARCHAR AS why FROM claims_to_judge a ORDER BY a.nth
"""
GOOD = Rule(
    code="T90", severity="weak", title_zh="大额", title_en="Large", hit_zh="金额{measured:money}",
    hit_en="amount {measured:money}", evaluate=lambda context: context.query(STATEMENT),
)  # fmt: skip
CASE = GoldenCase(
    {"claims": [{"claim_id": "F1", "contract_amount": 30000}, {"claim_id": "P2"}]},
    {"F1": {"measured": 30000.0, "en": "amount 30,000"}},
)


def stated(statement, **changes):
    """The good rule with another statement or other fields."""
    return dataclasses.replace(
        GOOD, **changes, evaluate=lambda context: context.query(statement)
    )  # fmt: skip


def findings(check, *arguments):
    with pytest.raises(ConformanceError) as refused:
        check(*arguments)
    assert str(refused.value).count("\n- ") == len(refused.value.findings)
    return "\n".join(refused.value.findings)


def test_a_sound_rule_passes():
    check_rule(GOOD, CASE, PACKS)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (dataclasses.replace(GOOD, code="t90"), "code 't90'"),
        (dataclasses.replace(GOOD, severity="grave"), "severity 'grave' is none of hard"),
        (dataclasses.replace(GOOD, title_en=" "), "title_en is empty"),
        (dataclasses.replace(GOOD, needs=("moods",)), "'moods', which is no input table"),
        (dataclasses.replace(GOOD, hit_en="={measured:money}"), "a formula in a spreadsheet"),
        (stated(STATEMENT.replace("> 20000", "> 90000")), "F1: expected hit, found pass"),
        (stated(STATEMENT.replace("> 20000", "> 20")), "P2: expected pass, found hit"),
        (stated(STATEMENT.replace("AS measured", "+ 1 AS measured")), "measured is 30001.0"),
        (stated(STATEMENT.replace("20000.0 AS lim", "NULL::DOUBLE AS lim")), "measured and its limit"),
        (stated("SELECT nothing FROM claims_to_judge ORDER BY 1"), "F1: expected hit, found error"),
        (stated(STATEMENT.replace("> 20000", "> 20")), "of which nothing is known ends as hit"),
    ],
)  # fmt: skip
def test_a_rule_that_breaks_its_contract_is_named(rule, expected):
    assert expected in findings(check_rule, rule, CASE, PACKS)


def test_a_rule_that_depends_on_the_order_of_rows_is_named():
    statement = STATEMENT.replace("a.contract_amount::DOUBLE", "30000.0").replace(
        "measured > 20000", "(SELECT first(claim_id) FROM claims) = a.claim_id"
    )
    assert "depends on the order of the rows" in findings(
        check_rule, stated(statement), CASE, PACKS
    )


def test_a_golden_case_shows_a_hit_and_a_pass_of_claims_it_has():
    case = GoldenCase(
        {"claims": [{"claim_id": "P2"}, {"claim_id": "X"}]}, {"F9": {"measured": 1.0}}
    )
    answer = findings(check_rule, GOOD, case, PACKS)
    for part in ("both a hit", "X: the name of a claim begins with", "F9: expected figures"):
        assert part in answer


def test_rows_of_unknown_columns_are_refused():
    with pytest.raises(ValueError, match="no column 'amuont'"):
        tables(claims=[{"claim_id": "C1", "amuont": 3}])


@pytest.fixture(scope="module")
def world():
    return make_case("wuhan", 150, 3, 0, Tools(Settings(), PACKS, shipped_model()))


@pytest.mark.parametrize("module", [largest_amounts, random_order])
def test_the_detectors_that_come_along_conform(world, module):
    for detector in module.DETECTORS:
        check_detector(detector, world)


def detector(detect):
    return Detector("odd", detect, words="for a test")


CALLS = iter(range(1_000_000))


@pytest.mark.parametrize(
    ("detect", "expected"),
    [
        (lambda case, _: Detection(), "neither a score nor groups"),
        (lambda case, _: Detection(score=np.zeros(3)), "finite numbers"),
        (lambda case, _: Detection(score=np.full(len(case.claims), np.inf)), "finite numbers"),
        (lambda case, _: Detection(score=case.claims.index.to_numpy() * 1.0,
                                   probability=np.full(len(case.claims), 1.5)), "outside 0 to 1"),
        (lambda case, _: Detection(groups=[frozenset({"nobody"})]), "'nobody', which is no party"),
        (lambda case, _: Detection(groups=[frozenset()], drawn=frozenset({"C?"})), "draws 'C?'"),
        (lambda case, _: Detection(groups=[frozenset()], interval=(0.9, 0.2)), "none of a share"),
        (lambda case, _: Detection(score=case.answer["true_loss"].to_numpy()), "finite numbers"),
        (lambda case, _: Detection(score=np.full(len(case.claims), float(next(CALLS)))),
         "another the second time"),
        (lambda case, _: Detection(groups=[frozenset()] * next(CALLS)), "groups are others"),
    ],
)  # fmt: skip
def test_a_detector_that_breaks_its_contract_is_named(world, detect, expected):
    assert expected in findings(check_detector, detector(detect), world)


def test_a_detector_that_changes_what_it_was_shown_is_named(world):
    def detect(case, _):
        case.claims["claimed_amount"] = 0
        return Detection(score=np.zeros(len(case.claims)))

    changed = dataclasses.replace(world, claims=world.claims.copy(deep=True))
    assert "changes case.claims" in findings(check_detector, detector(detect), changed)


PACK = """
id = "here"
name_zh = "本地"
name_en = "Here"
currency = "CNY"
[sources.law]
title_zh = "办法"
title_en = "Rules"
[[rules]]
key = "voucher_share_of_contract_max"
value = 0.5
source = "law"
clause_zh = "不超过一半"
clause_en = "no more than half"
{more}
"""


def test_a_pack_without_the_words_of_its_source_is_named():
    answer = findings(check_pack, parse_pack(PACK.format(more=""), "here.toml"))
    assert "neither the source's words nor a summary" in answer
    check_pack(parse_pack(PACK.format(more='quote = "一半"'), "here.toml"))
