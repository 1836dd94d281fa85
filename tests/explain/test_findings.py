"""The reasons people read: few, in words, one for a fact, and honest about what weighs for the claim."""

import re
from decimal import Decimal

import pytest

from fraud_pipeline.explain.feature_facts import fact_of_feature, fact_of_rule, sentence
from fraud_pipeline.explain.findings import LEAST_WEIGHT, MOST_REASONS, evidence, findings, plain
from fraud_pipeline.features.catalogue import FEATURES
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.vocabulary.facts import FACTS


def row(feature, contribution, value=1.0, peer=0.0, group="behaviour"):
    return {"feature": feature, "contribution": contribution, "value": value, "peer_value": peer,
            "group": group}  # fmt: skip


def hit(
    code, severity="strong", zh="合同编号与另一申请相同", en="same contract number", shown=None
):
    return {"rule_code": code, "severity": severity, "sentence_zh": zh, "sentence_en": en,
            "evidence": shown}  # fmt: skip


RING = {"n_enterprises": 7, "n_institutions": 2, "n_claims": 9, "amount": Decimal("385557.70"),
        "kinds": (("电话", "phone"), ("设备", "device"))}  # fmt: skip
PRICE = {"outcome": "scored", "unit_price": Decimal(7800), "market_mid": Decimal(4991),
         "market_low": Decimal(4036), "market_high": Decimal(6172), "price_ratio": 1.56}  # fmt: skip


def test_a_duplicate_contract_says_what_to_ask_for():
    (one,) = findings(
        [row("flag_t16", 2.0, group="rules")], [hit("T16", shown="claims C0000140")]
    ).raises
    assert one.title[0] == "合同、发票或成果编号与另一申请相同"
    assert one.sentence_zh == "合同编号与另一申请相同" and one.evidence_zh == "申请 C0000140"
    assert one.ask[0] == "两份合同、发票和成果的原件" and one.share == 1.0


def test_one_fact_is_one_reason_however_many_features_carry_it():
    rows = [row("ring_score", 1.3, group="ring"), row("ring_surprise", 0.8, group="ring"),
            row("quantity_per_employee", 1.3, 13.0, 0.45), row("quantity_per_researcher", 1.1, 13.0, 1.4),
            row("base", -6.2, None, None, None), row("behaviour_rest", 0.3, None, None)]  # fmt: skip
    result = findings(rows, [], ring=RING)
    assert {f.fact: pytest.approx(f.weight) for f in result.raises} == {
        "capacity": 2.4,
        "ring": 2.1,
    }
    assert result.raises[1].sentence_zh == (
        "7家企业与2家机构往来密集：9件申请，合计385,557.70元，共用电话、设备"
    )
    assert result.raises[0].sentence_en.startswith("units bought for each employee: 13.00")


def test_what_sums_hits_up_belongs_to_the_facts_that_hit():
    rows = [row("strong_hits", 2.0, 2.0, 0.0, "rules"), row("flag_t14", 0.5, 1.0, 0.0, "rules")]
    result = findings(rows, [hit("T14"), hit("T16"), hit("T03", "info")])
    assert {f.fact: f.weight for f in result.raises} == {"money_back": 1.5, "duplicate": 1.0}
    none = findings([row("strong_hits", -0.4, 0.0, 0.0, "rules")], [])
    assert [f.fact for f in none.lowers] == ["no_flags"] and none.raises == ()


def test_no_row_that_changes_nothing_and_none_about_what_is_unknown():
    rows = [
        row("service_days", LEAST_WEIGHT / 2, 3.0),
        row("employees", 1.0, None, 20.0, "profile"),
    ]
    result = findings(rows, [])
    assert result.raises == () and result.lowers == ()


def test_at_most_five_and_the_rest_is_counted():
    rows = [row(f.name, 1.0 + k / 100, 2.0, 1.0, f.group)
            for k, f in enumerate(FEATURES) if f.unit in ("count", "days", "share")]  # fmt: skip
    result = findings(rows, [])
    assert len(result.raises) == MOST_REASONS and result.folded > 0
    assert [f.weight for f in result.raises] == sorted(
        (f.weight for f in result.raises), reverse=True
    )
    assert result.raises[0].share == 1.0


def test_a_price_is_said_in_yuan():
    (one,) = findings([row("price_surprise", 3.0, 3.2, 0.25, "price")], [], price=PRICE).raises
    assert one.sentence_zh == "单价7,800元，为同类中位价4,991元的1.56倍（市场价4,036–6,172元）"


@pytest.mark.parametrize("feature", FEATURES, ids=lambda f: f.name)
def test_every_feature_is_said_in_one_language_and_without_its_name(feature):
    assert fact_of_feature(feature.name, feature.group) in FACTS
    pair = sentence(row(feature.name, 1.0, 3.0, 1.0, feature.group))
    if pair is not None:
        zh, en = pair
        assert not re.search(r"[A-Za-z]{2,}", zh) and not re.search(r"[一-鿿]", en)
        assert (
            (feature.name not in en or "_" not in feature.name)
            and "_" not in zh + en
            and "对数" not in zh
        )


def test_every_rule_has_a_fact_and_every_fact_is_worded():
    assert {fact_of_rule(rule.code) for rule in ALL_RULES} <= set(FACTS)
    for title, ask in FACTS.values():
        assert title.zh and title.en and bool(ask.zh) == bool(ask.en)
        assert not re.search(r"[A-Za-z]", title.zh + ask.zh)


def test_codes_and_references_of_rules_become_words():
    assert plain("却申请technology_development", 0) == "却申请技术开发"
    assert plain("but claims technology_development", 1) == "but claims technology development"
    assert evidence("report texts of claims C1; C2 | word for word")[0] == "申请 C1、C2 的成果说明"
    assert evidence("something else") == ("something else", "something else")
