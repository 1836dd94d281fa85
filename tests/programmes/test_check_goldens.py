"""Every check on a tiny input a person can judge: F fires, P passes, N cannot be judged."""

import dataclasses
import tomllib
from pathlib import Path

import pyarrow.compute as pc
import pytest
from tiny_tables import AS_OF, tables

from fraud_pipeline.programmes import evaluate
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.store.packs import load_packs

GOLDEN = Path(__file__).parent / "golden"
DOCS = Path(__file__).parents[2] / "docs" / "flags"
OUTCOMES = {"F": "hit", "P": "pass", "N": "not_applicable"}
PACKS = load_packs()
BY_CODE = {check.code: check for check in ALL_RULES}


def judged(code: str):
    case = tomllib.loads((GOLDEN / f"{code}.toml").read_text("utf-8"))
    expected = case.pop("expected")
    settings = dataclasses.replace(ProgrammeSettings(), **case.pop("settings", {}))
    # a real source brings its parties' tables; what a golden case leaves out has no rows
    needed = {name: [] for name in BY_CODE[code].needs}
    given = tables(**{**needed, **case})
    results, _ = evaluate(given, PACKS, AS_OF, settings, [BY_CODE[code]])
    return {row["claim_id"]: row for row in results.to_pylist()}, expected


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_outcomes(code):
    rows, _ = judged(code)
    found = {claim: row["outcome"] for claim, row in rows.items()}
    assert found == {claim: OUTCOMES[claim[0]] for claim in found}, [
        rows[c] for c in rows if rows[c]["outcome"] != OUTCOMES[c[0]]
    ]
    kinds = {claim[0] for claim in found}
    assert {"F", "P"} <= kinds, "a golden case shows at least what fires and what does not"


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_figures_and_sentences(code):
    rows, expected = judged(code)
    for claim, wanted in expected.items():
        row = rows[claim]
        named = {"zh": "sentence_zh", "en": "sentence_en"}
        for key, value in wanted.items():
            got = row[named.get(key, key)]
            assert got == (pytest.approx(value) if isinstance(value, float) else value)
    for row in rows.values():
        if row["outcome"] == "hit":
            assert row["measured"] is not None and row["limit"] is not None
            assert row["sentence_zh"] and row["sentence_en"]
            assert "?" not in row["sentence_en"] or "None" not in row["sentence_en"]
        if row["outcome"] == "not_applicable":
            assert row["sentence_zh"] and row["sentence_en"] and row["measured"] is None
        if row["outcome"] == "pass":
            assert row["sentence_zh"] is None and row["evidence"] is None
        for text in (row["sentence_zh"], row["sentence_en"], row["evidence"]):
            assert not (text or " ").startswith(tuple("=+-@\t\r"))


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_a_table_that_was_not_supplied_is_named(code):
    check = BY_CODE[code]
    for table in check.needs:
        results, rules = evaluate(
            tables(claims=[{"claim_id": "C1"}]), PACKS, AS_OF, ProgrammeSettings(), [check]
        )
        assert results["outcome"].to_pylist() == ["not_applicable"]
        assert check.needs[0] in results["sentence_en"][0].as_py(), table
        assert rules["n_not_applicable"].to_pylist() == [1]


def test_every_check_has_its_page_and_every_page_its_check():
    pages = {page.stem for page in DOCS.glob("[LT][0-9][0-9].md")}
    assert pages == set(BY_CODE) | {"T12"}  # the reviewer's lift is no check of a run
    for code, check in BY_CODE.items():
        text = (DOCS / f"{code}.md").read_text("utf-8")
        for heading in ("## What it measures", "## Worked example", "## Innocent explanations"):
            assert heading in text, (code, heading)
        assert check.title_en in text and check.title_zh in text


def test_codes_are_unique_and_sorted():
    codes = [check.code for check in ALL_RULES]
    assert codes == sorted(set(codes))


def test_hits_carry_the_clause_of_the_law_they_break():
    rows, _ = judged("L02")
    assert rows["F2"]["clause"] == "科技创新券的使用量不得超过合同总金额的50%"
    assert pc.is_null(rows["P3"]["clause"]).as_py()
