"""Two texts beside each other, and every text kept once whoever holds it."""

import doctest

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline.programmes import side_by_side, texts
from fraud_pipeline.programmes.rule import RuleContext
from fraud_pipeline.programmes.rules import t32_near_copy
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.testing.rows import AS_OF, tables

WORDS = st.text("甲乙丙丁戊。，12", max_size=40)


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS)
def test_side_by_side_loses_nothing(left, right):
    parts = side_by_side(left, right)
    assert "".join(part for _, part, _ in parts) == left
    assert "".join(part for _, _, part in parts) == right
    assert all((kind == "same") == (a == b) for kind, a, b in parts)


def test_the_example_in_the_docs_holds():
    assert doctest.testmod(texts).failed == 0


def corpus_table(reports: list[tuple[str, str]]) -> texts.TextCorpus:
    claims = [
        {"claim_id": f"C{n}", "enterprise_id": firm, "report_text": text}
        for n, (firm, text) in enumerate(reports)
    ]
    given_ = tables(claims=claims)
    asked = given_["claims"].append_column("nth", pa.array(np.arange(len(claims))))
    return texts.text_corpus(
        RuleContext(given_, asked, pa.table({"regime": [0]}), ProgrammeSettings(), AS_OF),
        min_chars=4,
    )


def test_each_text_is_kept_once_and_blanks_do_not_count():
    found = corpus_table([("E1", "甲乙丙丁戊"), ("E2", "甲乙 丙丁\n戊"), ("E2", "甲乙丙丁戊"), ("E3", "己庚辛壬"),
                   ("E4", "甲 乙 丙")])  # fmt: skip
    assert found.texts.to_pylist() == [
        {"n": 0, "kind": "report", "text": "甲乙丙丁戊", "n_enterprises": 2, "n_documents": 3},
        {"n": 1, "kind": "report", "text": "己庚辛壬", "n_enterprises": 1, "n_documents": 1},
    ]
    assert found.holders["n"].to_pylist() == [0, 0, 0, 1]


def test_a_form_hits_nobody_and_hides_no_copied_report():
    """Forty enterprises deliver the same form; the reports of two of them are one rewritten."""
    form = (
        "本单位确认已按合同约定收到全部技术成果并完成验收，双方对服务内容与费用均无异议，特此证明。"
    )
    report = "对送检的{n}批不锈钢试样进行了盐雾腐蚀试验，结果符合国家标准，委托方据此改进了表面处理工艺，返工率大幅降低。"
    claims = [
        {"claim_id": f"C{n:02}", "enterprise_id": f"E{n}",
         "report_text": report.format(n="三" if n else "五") if n < 2 else None}
        for n in range(40)
    ]  # fmt: skip
    deliverables = [
        {"deliverable_id": f"D{n}", "claim_id": claim["claim_id"], "text": form}
        for n, claim in enumerate(claims)
    ]
    rows = tables(claims=claims, deliverables=deliverables)
    asked = rows["claims"].append_column("nth", pa.array(np.arange(len(claims))))
    answer = t32_near_copy.RULE.evaluate(
        RuleContext(rows, asked, pa.table({"regime": [0]}), ProgrammeSettings(), AS_OF)
    )
    assert answer["hit"].to_pylist() == [True] * 2 + [False] * 38
    assert answer["measured"].to_pylist()[2:] == [1.0] * 38


def test_no_texts_at_all():
    assert (
        corpus_table([("E1", None)]).texts.num_rows == 0 and corpus_table([]).holders.num_rows == 0
    )


def test_no_order_of_rows_and_no_hash_decides_a_number():
    kind, nth = np.array([2, 1, 1, 2, 1, 0, 1]), np.array([0, 3, 1, 0, 3, 9, 3])
    plain = pa.array(["丙", "乙", "甲", "甲", "甲", "丁", "丙"])
    order = texts._in_order(kind, nth, plain)
    assert order.tolist() == [5, 2, 6, 1, 4, 0, 3]
    for seed in range(5):
        shuffled = np.random.default_rng(seed).permutation(7)
        again = texts._in_order(kind[shuffled], nth[shuffled], plain.take(pa.array(shuffled)))
        assert shuffled[again].tolist() == order.tolist()


def test_two_texts_with_one_hash_stay_two(monkeypatch):
    monkeypatch.setattr(texts, "_DOCUMENTS", texts._DOCUMENTS.replace("hash(plain)", "5::UBIGINT"))
    found = corpus_table([("E1", "甲乙丙丁戊"), ("E2", "己庚辛壬"), ("E3", "甲乙丙丁戊")])
    assert found.texts["text"].to_pylist() == ["甲乙丙丁戊", "己庚辛壬"]
    assert found.holders["n"].to_pylist() == [0, 1, 0]
