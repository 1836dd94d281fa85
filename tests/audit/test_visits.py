"""After the draw: who goes where, who must not, what stands ready."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import audit
from fraud_pipeline.audit.findings import (
    agreement,
    exact_interval,
    hit_rates,
    missed_by_ranking,
    pooled,
)
from fraud_pipeline.audit.rounds import read_round
from fraud_pipeline.audit.visits import double_checks, reserves, visits
from fraud_pipeline.errors import InputError
from fraud_pipeline.settings import AuditSettings

AS_OF = date(2019, 1, 1)


def going(n=12):
    return pa.table(
        {
            "claim_id": [f"C{i}" for i in range(n)],
            "enterprise_id": [f"E{i // 2}" for i in range(n)],
            "institution_id": [f"I{i % 3}" for i in range(n)],
            "region": [("甲", "乙")[i // 6 % 2] for i in range(n)],
            "days": [1.0] * n,
        }
    )


def staff(**days):
    return pa.table({"auditor_id": list(days), "days": [float(d) for d in days.values()]})


def barred(*pairs):
    return pa.table(
        {"auditor_id": pa.array([a for a, _ in pairs], pa.string()),
         "party_id": pa.array([p for _, p in pairs], pa.string())}
    )  # fmt: skip


def test_one_visit_an_enterprise_one_auditor_a_visit_within_their_days():
    rows = visits(going(), staff(A=6, B=6), barred()).to_pylist()
    assert len(rows) == 12
    by_visit = {}
    for row in rows:
        by_visit.setdefault(row["visit"], set()).add((row["enterprise_id"], row["auditor_id"]))
    assert len(by_visit) == 6
    assert all(len(who) == 1 for who in by_visit.values())
    days = [sum(r["days"] for r in rows if r["auditor_id"] == a) for a in "AB"]
    assert days == [6.0, 6.0]
    assert len({r["auditor_id"] for r in rows if r["region"] == "甲"}) == 1  # one place, one trip


def test_no_auditor_on_a_conflicted_case_even_when_that_leaves_it_to_nobody():
    rows = visits(going(), staff(A=20, B=20), barred(("A", "E0"), ("B", "I2"))).to_pylist()
    for row in rows:
        if row["enterprise_id"] == "E0":
            assert row["auditor_id"] != "A"
        if row["institution_id"] == "I2":
            assert row["auditor_id"] != "B"
    both = visits(going(), staff(A=20, B=20), barred(("A", "E0"), ("B", "E0"))).to_pylist()
    assert {r["auditor_id"] for r in both if r["enterprise_id"] == "E0"} == {None}
    assert any("回避" in r["note_zh"] for r in both)
    assert len(both) == 12  # nothing is exchanged


def test_the_visit_with_the_least_choice_is_settled_first():
    """B may only do E5; A may do all but has days for five visits."""
    only = barred(*(("B", f"E{i}") for i in range(5)))
    rows = visits(going(), staff(A=10, B=2), only).to_pylist()
    assert all(row["auditor_id"] for row in rows)


def test_too_few_days_are_said():
    rows = visits(going(), staff(A=4), barred()).to_pylist()
    assert sum(row["auditor_id"] is None for row in rows) == 8
    assert any("No days are left" in row["note_en"] for row in rows)


@pytest.mark.parametrize(
    ("auditors", "conflicts", "words"),
    [(staff(A=1), barred(("Z", "E1")), "Z"),
     (pa.table({"auditor_id": ["A", "A"], "days": [1.0, 1.0]}), barred(), "twice")],
)  # fmt: skip
def test_lists_that_contradict_one_another_are_refused(auditors, conflicts, words):
    with pytest.raises(InputError, match=words):
        visits(going(), auditors, conflicts)


def test_spares_are_undrawn_fixed_by_the_seed_and_likelier_where_risk_is(world):
    made = world(300, 100, seed=1)
    plan = audit.make_plan(
        made.ranked, made.tables(), AuditSettings(), budget=30, seed=1, as_of=AS_OF
    )
    root = plan.summary["frame_sha256"]
    spare = reserves(plan.frame, 1, root, 10)
    assert spare.num_rows == 10
    assert not set(spare["claim_id"].to_pylist()) & set(plan.plan["claim_id"].to_pylist())
    assert reserves(plan.frame, 1, root, 5).equals(spare.slice(0, 5))
    assert not reserves(plan.frame, 2, root, 10).equals(spare)
    pi = dict(
        zip(plan.frame["claim_id"].to_pylist(), plan.frame["inclusion_prob"].to_pylist(),
            strict=True)
    )  # fmt: skip
    mean = np.mean([
        pi[c] for s in range(40) for c in reserves(plan.frame, s, root, 5)["claim_id"].to_pylist()
    ])  # fmt: skip
    open_ = [p for p in pi.values() if p < 1]
    assert mean > 1.5 * np.mean(open_)


def closed(world):
    made = world(600, 300, seed=2)
    plan = audit.make_plan(
        made.ranked, made.tables(), AuditSettings(random_share=0.4), budget=120, seed=3,
        as_of=AS_OF,
    )  # fmt: skip
    return made, plan, read_round(plan.frame, made.audited(plan), AS_OF, AS_OF)


def test_hit_rates_by_stratum_are_counts_with_exact_bounds(world):
    made, plan, round_ = closed(world)
    labels = plan.plan.select(["claim_id", "stratum"]).rename_columns(["claim_id", "key"])
    ids = plan.frame["claim_id"].combine_chunks()
    rows = hit_rates(round_, ids, [("stratum", labels)], 0.95)
    by_key = {row["key"]: row for row in rows.to_pylist()}
    drawn = plan.frame["drawn"].to_numpy(zero_copy_only=False)
    assert sum(r["n_decided"] for r in by_key.values()) == 120
    assert sum(r["n_improper"] for r in by_key.values()) == (made.improper[drawn] > 0).sum()
    assert sum(r["improper_amount"] for r in by_key.values()) == pytest.approx(
        made.improper[drawn].sum()
    )
    twice = {row["key"]: row for row in pooled([rows, rows], 0.95).to_pylist()}
    assert twice["random"]["n_decided"] == 2 * by_key["random"]["n_decided"]
    assert twice["random"]["high"] < by_key["random"]["high"]


def test_exact_bounds_are_the_published_ones():
    assert exact_interval(0, 10, 0.95) == (0.0, pytest.approx(0.3085, abs=1e-4))
    assert exact_interval(4, 20, 0.95) == pytest.approx((0.0573, 0.4366), abs=1e-4)


def test_what_the_ranking_missed_is_improper_and_ranked_below_the_budget(world):
    made, plan, round_ = closed(world)
    missed = missed_by_ranking(round_, plan.frame, plan.plan).to_pylist()
    truth = dict(zip(plan.frame["claim_id"].to_pylist(), made.improper, strict=True))
    assert missed
    for row in missed:
        assert row["rank"] > 120
        assert truth[row["claim_id"]] == pytest.approx(row["improper_amount"], abs=0.01)
    assert [r["improper_amount"] for r in missed] == sorted(
        (r["improper_amount"] for r in missed), reverse=True
    )
    assert "random" in {r["stratum"] for r in missed}


def test_double_checks_measure_agreement():
    verdicts = [("C1", "A", "fraud"), ("C1", "B", "irregular"), ("C2", "A", "clean"),
            ("C2", "B", "clean"), ("C3", "A", "clean"), ("C3", "B", "fraud"),
            ("C4", "A", "clean"), ("C5", "A", "undetermined"), ("C5", "B", "clean")]  # fmt: skip
    names = ("claim_id", "auditor_id", "verdict")
    row = agreement(pa.table(dict(zip(names, zip(*verdicts, strict=True), strict=True))), 0.95)
    row = row.to_pylist()[0]
    assert (row["n_double"], row["n_agreed"]) == (3, 2)
    assert row["kappa"] == pytest.approx((2 / 3 - 4 / 9) / (5 / 9))
    assert agreement(pa.table({n: pa.array([], pa.string()) for n in names}), 0.95).num_rows == 0


def test_double_checks_are_an_equal_probability_sample_of_the_plan(world):
    _, plan, _ = closed(world)
    root = plan.summary["frame_sha256"]
    ids = plan.plan["claim_id"].to_pylist()
    counts = dict.fromkeys(ids, 0)
    for seed in range(300):
        chosen = double_checks(plan.plan, seed, root, 0.05)["claim_id"].to_pylist()
        assert len(chosen) == 6
        for claim in chosen:
            counts[claim] += 1
    z = (np.array(list(counts.values())) - 15) / np.sqrt(15 * 0.95)
    assert np.abs(z).max() < 4.0
    assert double_checks(plan.plan, 1, root, 0.0).num_rows == 0
    with pytest.raises(InputError, match="share"):
        double_checks(plan.plan, 1, root, 1.5)
