"""Every rule on a small input a person can judge: F hits, P passes, N cannot be judged."""

from pathlib import Path

import pytest

from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing import check_rule, judge, read_golden

GOLDEN = Path(__file__).parent / "golden"
DOCS = Path(__file__).parents[2] / "docs" / "flags"
PACKS = load_packs()
BY_CODE = {rule.code: rule for rule in ALL_RULES}


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_a_rule_conforms(code):
    check_rule(BY_CODE[code], read_golden(GOLDEN / f"{code}.toml"), PACKS)


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
    rows = judge(BY_CODE["L02"], read_golden(GOLDEN / "L02.toml"), PACKS)
    assert rows["F2"]["clause"] == "科技创新券的使用量不得超过合同总金额的50%"
    assert rows["P3"]["clause"] is None
