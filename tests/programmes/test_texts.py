"""Two texts beside each other, and every text kept once whoever holds it."""

import doctest

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_tables import AS_OF, tables

from fraud_pipeline.programmes import side_by_side, texts
from fraud_pipeline.programmes.check import Case
from fraud_pipeline.settings import ProgrammeSettings

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


def shelf(reports: list[tuple[str, str]]) -> texts.Shelf:
    claims = [
        {"claim_id": f"C{n}", "enterprise_id": firm, "report_text": text}
        for n, (firm, text) in enumerate(reports)
    ]
    given_ = tables(claims=claims)
    asked = given_["claims"].append_column("nth", pa.array(np.arange(len(claims))))
    return texts.shelved(
        Case(given_, asked, pa.table({"regime": [0]}), ProgrammeSettings(text_min_chars=4), AS_OF)
    )


def test_each_text_is_kept_once_and_blanks_do_not_count():
    found = shelf([("E1", "甲乙丙丁戊"), ("E2", "甲乙 丙丁\n戊"), ("E2", "甲乙丙丁戊"), ("E3", "己庚辛壬"),
                   ("E4", "甲 乙 丙")])  # fmt: skip
    assert found.texts.to_pylist() == [
        {"n": 0, "kind": "report", "text": "甲乙丙丁戊", "n_firms": 2, "n_documents": 3},
        {"n": 1, "kind": "report", "text": "己庚辛壬", "n_firms": 1, "n_documents": 1},
    ]
    assert found.holders["n"].to_pylist() == [0, 0, 0, 1]


def test_no_texts_at_all():
    assert shelf([("E1", None)]).texts.num_rows == 0 and shelf([]).holders.num_rows == 0
