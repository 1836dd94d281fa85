"""What auditors miss: exact on small figures, and an interval that holds in simulation."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import audit
from fraud_pipeline.audit.closing import close
from fraud_pipeline.audit.interval import Interval
from fraud_pipeline.audit.paper import closing_page
from fraud_pipeline.audit.rounds import read_round
from fraud_pipeline.audit.second_looks import SecondLooks, missed, missed_note
from fraud_pipeline.audit.total import AuditSample, total_interval
from fraud_pipeline.settings import AuditSettings

AS_OF = date(2018, 12, 31)


def looks_at(*pairs):
    """A table of checks; each pair holds the two verdicts about one claim."""
    rows = [
        {"claim_id": f"C{i}", "auditor_id": who, "verdict": verdict}
        for i, pair in enumerate(pairs)
        for who, verdict in zip("AB", pair, strict=False)
    ]
    return pa.Table.from_pylist(rows)


def test_only_claims_with_two_decided_verdicts_count():
    checks = looks_at(("fraud", "irregular"), ("clean", "fraud"), ("irregular", "clean"),
                      ("clean", "clean"), ("fraud", "undetermined"), ("fraud",))  # fmt: skip
    assert SecondLooks.of(checks) == SecondLooks(both=1, one=2)


def test_sensitivity_is_what_both_of_two_equal_auditors_find():
    # each finds 0.8: both 0.64, one alone 0.32
    interval = SecondLooks(64, 32).sensitivity(0.95)
    assert interval.estimate == pytest.approx(0.8)
    assert 0.7 < interval.low < 0.8 < interval.high < 0.9
    assert SecondLooks(0, 0).sensitivity(0.95) is None


def test_misses_are_in_proportion_to_what_is_found():
    found = Interval(80.0, 80.0, 80.0)
    assert missed(SecondLooks(64, 32), found, 1e9, 0.95).estimate == pytest.approx(20.0)
    assert missed(SecondLooks(10, 0), found, 1e9, 0.95).low == 0.0
    nothing_twice = missed(SecondLooks(0, 3), found, 100.0, 0.95)
    assert (nothing_twice.estimate, nothing_twice.high) == (20.0, 20.0)
    assert missed(SecondLooks(0, 0), found, 100.0, 0.95) is None


@pytest.mark.parametrize("sensitivity", [(0.9, 0.9), (0.7, 0.7), (0.6, 0.8)])
def test_the_interval_of_misses_holds(sensitivity):
    first, second = sensitivity
    rng = np.random.default_rng(11)
    n, held = 2_000, []
    pi = np.full(n, 0.2)
    for _ in range(300):
        improper = rng.random(n) < 0.15
        would_find = improper & (rng.random(n) < first)
        at = np.flatnonzero(rng.random(n) < pi)
        sample = AuditSample.of(pi, np.ones(n), np.zeros(n), at)
        found = total_interval([sample], [would_find[at].astype(float)], n, 0.975)
        twice = rng.choice(at, 100, replace=False)
        again = improper[twice] & (rng.random(100) < second)
        both = int((would_find[twice] & again).sum())
        one = int((would_find[twice] ^ again).sum())
        interval = missed(SecondLooks(both, one), found, n, 0.95)
        held.append(
            interval is None or interval.low <= (improper & ~would_find).sum() <= interval.high
        )
    assert np.mean(held) >= 0.94


def test_closing_tells_misses_apart_from_what_was_found(world):
    made = world(600, 300, 1)
    plan = audit.make_plan(
        made.ranked, made.tables(), AuditSettings(), budget=60, seed=1, as_of=date(2018, 3, 1)
    )
    rounds = [read_round(plan.frame, made.audited(plan), date(2018, 3, 1), AS_OF)]
    checks = looks_at(("fraud", "fraud"), ("fraud", "fraud"), ("clean", "fraud"))
    without, with_checks = close(rounds, AuditSettings()), close(rounds, AuditSettings(), checks)
    assert with_checks.slice(0, without.num_rows).equals(without)
    rows = with_checks.slice(without.num_rows).to_pylist()
    assert [r["quantity"] for r in rows] == ["missed_amount", "missed_claim_share"]
    (known,) = (
        r for r in without.to_pylist() if r["scope"] == "all" and r["quantity"] == "improper_amount"
    )
    # q = 2/3, s = 4/5: a quarter of what was found
    assert rows[0]["estimate"] == pytest.approx(known["estimate"] / 4.0, rel=0.01)
    assert 0.0 <= rows[1]["low"] < rows[1]["estimate"] < rows[1]["high"] <= 1.0
    none = close(rounds, AuditSettings(), looks_at(("clean", "clean"))).to_pylist()[-1]
    assert none["estimate"] is None
    empty = pa.table({})
    for lang, note in zip(("zh", "en"), missed_note(SecondLooks(2, 1)), strict=True):
        page = closing_page(with_checks, empty, empty, empty, lang)
        assert note in page
        assert f"{rows[0]['estimate']:,.0f}" in page
        assert note not in closing_page(without, empty, empty, empty, lang)
