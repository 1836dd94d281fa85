"""Each code has one meaning, and no module outside the catalogue holds a code beside a label."""

from pathlib import Path

import pytest

import fraud_pipeline
from fraud_pipeline.features.catalogue import FEATURES, FLAGS, flag_feature
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema import codes
from fraud_pipeline.vocabulary import (
    documents,
    parties,
    rings,
    rules,
    services,
    typologies,
    verdicts,
)
from fraud_pipeline.vocabulary.term import Term, label
from fraud_pipeline.workbench import names, words
from tests.vocabulary.copies import catalogue, in_folder, in_python, in_template

PACKAGE = Path(fraud_pipeline.__file__).parent


def test_every_entry_has_both_languages_and_no_label_is_used_twice_in_a_list():
    lists = catalogue()
    assert len(lists) >= 30
    for name, entries in lists.items():
        for code, entry in entries.items():
            assert entry.zh.strip() and entry.en.strip(), (name, code)
            assert not entry.en.isspace() and entry.en.isascii(), (name, code)
        assert len({entry.zh for entry in entries.values()}) == len(entries), name
        assert len({entry.en for entry in entries.values()}) == len(entries), name


def test_every_typology_says_what_it_means_in_both_languages():
    assert list(typologies.CATALOGUE) == [f"T{n:02d}" for n in range(1, 27)]
    for code, kind in typologies.CATALOGUE.items():
        assert kind.label.meaning_zh.endswith("。"), code
        assert kind.label.meaning_en.endswith("."), code


def test_the_rules_are_named_by_the_catalogue():
    by_code = {rule.code: rule for rule in ALL_RULES}
    for code in set(typologies.CATALOGUE) - {"T12"}:  # T12 is no rule of a run
        rule = by_code[code]
        assert (rule.title_zh, rule.title_en) == typologies.FLAG_TITLES[code][:2]
        assert rule.typology == code


def test_the_weighed_flags_are_features_with_the_flags_words():
    named = {feature.name: feature for feature in FEATURES}
    assert len(set(FLAGS) & set(typologies.RED_FLAGS)) > 15
    for code in set(FLAGS) & set(typologies.RED_FLAGS):
        feature = named[flag_feature(code)]
        assert typologies.RED_FLAGS[code].zh in feature.zh
        assert typologies.RED_FLAGS[code].en in feature.en


@pytest.mark.parametrize(
    ("code", "zh"),
    [
        ("T01", "虚假合同"),
        ("T04", "价格虚高"),
        ("T09", "项目资金"),
        ("T12", "审批人员"),
        ("T24", "资格"),
    ],
)
def test_the_codes_that_were_once_named_wrongly(code, zh):
    assert zh in typologies.TYPOLOGIES[code].zh and words.TYPOLOGIES is typologies.TYPOLOGIES


def test_what_is_not_alleged_about_a_claim():
    assert set(typologies.TYPOLOGIES) - set(typologies.ALLEGED) == {"T08", "T09", "T12"}


def test_the_contracts_closed_lists_are_the_catalogues():
    assert set(services.SERVICES) == set(codes.SERVICE_TYPES)
    assert set(parties.INSTITUTION_CATEGORIES) == set(codes.INSTITUTION_CATEGORIES)
    assert set(typologies.TYPOLOGIES) == set(codes.TYPOLOGIES)
    assert set(verdicts.VERDICTS) == {*codes.VERDICTS, "explained"}
    assert words.STRATA is verdicts.STRATA and words.SERVICES is services.SERVICES
    assert names.CATEGORIES is parties.INSTITUTION_CATEGORIES
    assert words.TIE_KINDS is rings.TIE_KINDS and words.OUTCOMES is rules.OUTCOMES
    assert set(documents.PAPERS) <= {*typologies.TYPOLOGIES, "price"}


def test_no_module_outside_the_catalogue_holds_a_code_beside_a_label():
    assert in_folder(PACKAGE) == []


PLANTED = {
    "a label table, right": 'WORDS = {"fraud": ("涉嫌骗取", "suspected fraud"), "clean": ("未见问题", "clean")}',
    "a label table, wrong": 'TYPOLOGIES = {"T04": ("虚假合同", "sham contract"), "T08": ("价格虚高", "x")}',
    "a table of plain texts": 'SERVICES = {"testing": "检测", "talent": "人才", "other": "其他"}',
    "a rule's title": 'RULE = Rule(code="T16", title_zh="重复使用凭证", title_en="Document used twice")',
    "one pair": 'said = ("patent_purchase", "专利购买")',
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_copy_is_found_in_a_module(what, tmp_path):
    assert in_python(PLANTED[what], catalogue())
    (tmp_path / "copied.py").write_text(PLANTED[what], "utf-8")
    assert in_folder(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        '{{ {"hard": t("硬性", "hard"), "strong": t("强", "strong")}[r.severity] }}',
        '{% if code == "T12" %}{{ t("服务未发生", "service not rendered") }}{% endif %}',
        'const WORDS = {"T08": "价格虚高"};',
    ],
)
def test_a_planted_copy_is_found_in_a_template(text, tmp_path):
    assert in_template(text, catalogue())
    (tmp_path / "copied.html").write_text(text, "utf-8")
    assert in_folder(tmp_path)


def test_what_is_no_copy_is_let_through():
    for text in (
        'HEADERS = {"claim_id": ("申请号",), "phone": ("手机",), "name": ("名称",)}',
        'PLANTED = {"T04": (overprice, False, 0.0)}',
        'RULE = Rule(code="T16", title_zh=FLAG_TITLES["T16"].zh)',
    ):
        assert in_python(text, catalogue()) == []


def test_a_label_is_read_in_one_language():
    table = {"a": Term("甲", "first")}
    assert label(table, "a", "zh") == "甲" and label(table, "a", "en") == "first"
    assert label(table, "unknown", "zh") == "unknown" and label(table, None, "en") == ""
