"""The reviewer's lift: found where it was planted, quiet where work is handed out by chance."""

import datetime as dt

import numpy as np
import pytest

from fraud_pipeline.programmes import evaluate
from fraud_pipeline.programmes.insiders import _step_up, reviewer_lift
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing.rows import AS_OF, tables

SETTINGS = ProgrammeSettings()


def claims(seed: int, captured: float, n: int = 600) -> list[dict]:
    """Claims of 20 institutions with 6 reviewers; R1 draws ``captured`` of I1's to himself."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(n):
        institution = f"I{1 + int(rng.integers(20))}"
        mine = institution == "I1" and rng.random() < captured
        reviewer = "R1" if mine else f"R{1 + int(rng.integers(6))}"
        day = dt.date(2016, 1, 4) + dt.timedelta(days=int(rng.integers(360)))
        rows.append({"claim_id": f"C{k}", "institution_id": institution, "reviewer_id": reviewer,
                     "submitted_on": day})  # fmt: skip
    return rows


def test_a_planted_pair_is_found_first():
    found = reviewer_lift(tables(claims=claims(1, 0.9)), SETTINGS)
    assert found.slice(0, 1).select(["reviewer_id", "institution_id"]).to_pylist() == [
        {"reviewer_id": "R1", "institution_id": "I1"}
    ]
    assert found["lift"][0].as_py() > 3 and found["q_value"][0].as_py() < 0.001
    assert "R1" in found["sentence_zh"][0].as_py()


def test_chance_alone_makes_next_to_no_pairs():
    shown = sum(reviewer_lift(tables(claims=claims(s, 0.0)), SETTINGS).num_rows for s in range(40))
    assert shown <= 4  # runs with any false pair: at most 5 % expected


def test_a_reviewer_who_only_worked_in_the_institutions_own_quarter_is_no_lead():
    # I1 comes in spring only and R1 works in spring only: they meet as often as anybody
    rows = [
        {"claim_id": f"S{k}", "institution_id": f"I{1 + k % 3}", "reviewer_id": f"R{1 + k % 2}",
         "submitted_on": dt.date(2016, 2, 1)} for k in range(60)
    ] + [
        {"claim_id": f"A{k}", "institution_id": f"I{4 + k % 3}", "reviewer_id": f"R{3 + k % 2}",
         "submitted_on": dt.date(2016, 9, 1)} for k in range(60)
    ]  # fmt: skip
    assert reviewer_lift(tables(claims=rows), SETTINGS).num_rows == 0


def test_nobody_named_means_nobody_told():
    assert reviewer_lift(tables(claims=[{"claim_id": "C"}]), SETTINGS).num_rows == 0
    assert reviewer_lift(tables(claims=[]), SETTINGS).num_rows == 0


def test_it_stands_in_no_run():
    _, rules = evaluate(tables(claims=claims(1, 0.9)), load_packs(), AS_OF, SETTINGS)
    assert "T12" not in rules["rule_code"].to_pylist()


def test_step_up_counts_the_tests_that_were_not_shown():
    assert _step_up(np.array([0.01, 0.04]), 2) == pytest.approx([0.02, 0.04])
    assert _step_up(np.array([0.01, 0.04]), 10) == pytest.approx([0.1, 0.2])
