"""All fifteen packs: what is published is kept to the fen, broken by one, and open when unknown."""

import pytest
from published_limits import LIMITS, published, rows_of

from fraud_pipeline.programmes import evaluate
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing import check_packs
from fraud_pipeline.testing.rows import AS_OF, tables

PACKS = load_packs()
OWN = {"wuhan", "beijing", "shanghai", "zhejiang", "huzhou", "changxing", "shanxi", "changping",
       "suqian", "wenling", "netherlands", "ireland", "uk", "alberta", "singapore"}  # fmt: skip
CASES = [(name, n) for name in sorted(OWN) for n in range(len(published(PACKS[name])))]
BY_CODE = {check.code: check for check in ALL_RULES}


def test_the_fifteen_packs_are_there():
    assert set(PACKS) >= OWN
    silent = {name for name in OWN if not published(PACKS[name])}
    assert silent <= {"suqian", "wenling", "huzhou"}  # little is published of these


def test_all_packs_conform():
    check_packs(list(PACKS.values()), PACKS)


@pytest.mark.parametrize(("programme", "n"), CASES)
def test_each_published_limit_at_its_boundary(programme, n):
    pack = PACKS[programme]
    entry = published(pack)[n]
    rule, given, expected = rows_of(pack, entry)
    found, _ = evaluate(tables(**given), PACKS, AS_OF, ProgrammeSettings(), [BY_CODE[rule]])
    assert {r["claim_id"]: r["outcome"] for r in found.to_pylist()} == expected, entry
    broken = [r for r in found.to_pylist() if r["outcome"] == "hit"]
    assert all(r["sentence_zh"] and r["sentence_en"] for r in broken)
    assert all(r["clause"] in (entry.clause_zh, entry.quote) for r in broken), entry.clause_zh


def test_the_limits_cover_many_rules_and_packs():
    assert {rule for rule, _ in LIMITS.values()} >= {
        "L02",
        "L03",
        "L06",
        "L16",
        "L17",
        "L19",
        "L21",
    }
    assert len({programme for programme, _ in CASES}) >= 12 and len(CASES) >= 30
