"""docs/reference/sentences.md has every sentence of the pages, and no page prints another."""

import importlib.util
from pathlib import Path

import pytest

from fraud_pipeline.vocabulary.messages import __file__ as messages_file

ROOT = Path(messages_file).resolve().parents[2]
_SPEC = importlib.util.spec_from_file_location("sentences", ROOT / "tools" / "sentences.py")
sentences = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(sentences)

TEMPLATES = sorted(sentences.TEMPLATES.glob("*.html"))


def test_the_file_is_up_to_date():
    assert sentences.TARGET.read_text("utf-8") == sentences.page(), "run: python tools/sentences.py"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.stem)
def test_no_template_prints_chinese_without_english(path):
    # the name of the other language stands in that language
    loose = sentences.loose_chinese(path.read_text("utf-8"))
    assert [text for text in loose if "中文</option>" not in text] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.stem)
def test_every_choice_of_language_is_a_pair_the_file_has(path):
    from jinja2 import Environment, nodes

    tree = Environment(autoescape=True).parse(path.read_text("utf-8"))
    known = {zh for zh, _ in sentences.template_pairs(path.read_text("utf-8"))}
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t":
            texts = [sentences._text(argument) for argument in call.args]
            if texts and texts[0] and sentences.CHINESE.search(texts[0]):
                assert texts[0] in known, texts


def test_pairs_are_found_in_every_form():
    found = sentences.template_pairs(
        '{{ t("甲 %d" % n, "A %d" % n) }}{% for x in [("k", "乙", "B")] %}{% endfor %}'
    )
    assert set(found) == {("甲 %d", "A %d"), ("乙", "B")}
    found = sentences.module_pairs(
        'x = {"a": ("丙", "C")}\nf(1, "丁", "D")\ng(f"第 {n} 行：错 / line {n}: wrong")'
    )
    assert set(found) == {("丙", "C"), ("丁", "D"), ("第 … 行：错", "line …: wrong")}
    found = sentences.module_pairs(
        'x = "戊" if zh else "E"\ny = ("己", "庚") if zh else ("F", "G")'
    )
    assert set(found) == {("戊", "E"), ("己", "F"), ("庚", "G")}
    assert sentences.loose_chinese("<p>只有中文</p>{{ t('a', 'b') }}") == ["<p>只有中文</p>"]
