"""The catalogues of messages: the same keys and values in both, one language in each, all in use."""

import re
import string
from pathlib import Path

import pytest

import fraud_pipeline
from fraud_pipeline.vocabulary.messages import catalogue, t, use_language

ZH, EN = catalogue("zh"), catalogue("en")
ROOT = Path(fraud_pipeline.__file__).parents[1]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_messages_with_the_same_values():
    assert ZH.keys() == EN.keys()
    assert {k: fields(v) for k, v in ZH.items()} == {k: fields(v) for k, v in EN.items()}


def test_each_catalogue_is_in_its_language():
    assert [k for k, text in EN.items() if CHINESE.search(text)] == []
    bare = {k: re.sub(r"\{[^}]*\}", "", text).strip() for k, text in ZH.items()}
    figures = {k for k, text in bare.items() if not re.search(r"[A-Za-z]{2}", text)}
    assert [k for k, text in bare.items() if not CHINESE.search(text) and k not in figures] == []


def test_every_message_is_used_and_every_used_one_is_there():
    sources = [*ROOT.glob("fraud_pipeline/**/*.py"), *ROOT.glob("flows/*.py")]
    used, begun = set(), set()
    for path in sources:
        text = path.read_text("utf-8")
        used |= set(re.findall(r"""["']([a-z]+\.[a-z_]+)["']""", text))
        begun |= set(re.findall(r"""\bt\(f?["']([a-z]+\.[a-z_]*)(?:["'] \+|\{)""", text))
    unused = {k for k in ZH if k not in used and not any(k.startswith(b) for b in begun)}
    assert unused == set()
    asked = {
        key
        for path in sources
        for key in re.findall(r"""\bt\(\s*["']([a-z]+\.[a-z_]+)["']""", path.read_text("utf-8"))
    }
    assert {key for key in asked if not key.endswith((".", "_"))} <= set(ZH)


def test_a_message_says_its_values_in_the_language_in_use():
    use_language("en")
    assert t("parties.counts", same=2, undecided=1).startswith("the same party: 2 pairs")
    use_language("zh")
    assert t("parties.counts", same=2, undecided=1).startswith("同一主体：2 对")
    use_language(None)
    with pytest.raises(KeyError):
        t("parties.counts", same=2)
    with pytest.raises(KeyError):
        t("no.such_message")
