"""Which outcomes count, and whether the estimate is right and its interval honest."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline import audit
from fraud_pipeline.audit import draw as drawing
from fraud_pipeline.audit.interval import gamma_bounds, rate_interval
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.inputs import OUTCOMES
from fraud_pipeline.schema.outputs import ESTIMATES
from fraud_pipeline.settings import AuditSettings
from fraud_pipeline.store.integrity import check_table

AS_OF = date(2019, 1, 1)


def estimated(tables, as_of=AS_OF):
    table = audit.estimate(tables, AuditSettings(), as_of)
    check_table(table.schema, [table], ESTIMATES)
    return {row["quantity"]: row for row in table.to_pylist()}


def with_outcomes(tables, rows):
    full = [
        {"outcome_id": f"O{i:04d}", "decided_on": date(2018, 3, 1), **row}
        for i, row in enumerate(rows)
    ]
    schema = OUTCOMES.arrow
    table = pa.Table.from_pylist(full, schema=schema)
    return tables.replaced(outcomes=table)


def drawn(claim, verdict="clean", by="random", prob=0.1, amount=None, **more):
    return {
        "claim_id": f"C{claim:07d}", "verdict": verdict, "selected_by": by,
        "inclusion_prob": prob, "disallowed_amount": amount, **more,
    }  # fmt: skip


def test_a_census_is_exact(world):
    made = world(90, 30, seed=1)
    plan = audit.make_plan(
        made.ranked, made.tables(), AuditSettings(), budget=90, seed=1, as_of=AS_OF
    )
    rows = estimated(made.audited(plan))
    for name, truth in (
        ("improper_share", made.rate),
        ("improper_amount", made.improper.sum()),
        ("claim_share", (made.improper > 0).mean()),
    ):
        row = rows[name]
        assert row["estimate"] == pytest.approx(truth)
        assert row["low"] == pytest.approx(truth)
        assert row["high"] == pytest.approx(truth)
    assert rows["claim_share"]["n_population"] == 90


def test_a_plan_gives_a_plausible_estimate_in_any_row_order(world):
    made = world(1_000, 400, seed=2)
    plan = audit.make_plan(
        made.ranked, made.tables(), AuditSettings(), budget=200, seed=3, as_of=AS_OF
    )
    tables = made.audited(plan)
    rows = estimated(tables)
    assert rows["improper_share"]["low"] <= made.rate <= rows["improper_share"]["high"]
    assert rows["improper_share"]["n_sampled"] == 200
    assert rows["improper_share"]["n_population"] == pytest.approx(1_000, rel=0.5)
    order = pa.array(np.random.default_rng(1).permutation(200))
    shuffled = tables.replaced(outcomes=tables["outcomes"].take(order))
    assert estimated(shuffled) == rows


def test_tips_old_lists_and_unknown_probabilities_never_count(world):
    tables = world(100, 40, seed=1).tables()
    others = [
        drawn(1, "fraud", "tip", 0.5, Decimal("100.00")),
        drawn(2, "fraud", "legacy", 0.5, Decimal("100.00")),
        drawn(3, "fraud", "risk", None, Decimal("100.00")),
        drawn(4, "fraud", None, 0.5, Decimal("100.00")),
    ]
    rows = estimated(with_outcomes(tables, others))
    assert all(row["estimate"] is row["low"] is row["high"] is None for row in rows.values())
    assert "举报" in rows["improper_share"]["note_zh"]
    counted = [drawn(i) for i in range(10, 40)] + [drawn(40, "fraud", amount=Decimal("1.00"))]
    assert estimated(with_outcomes(tables, others + counted))["claim_share"]["n_sampled"] == 31


def test_certain_claims_do_not_speak_for_the_others(world):
    tables = world(100, 40, seed=1).tables()
    only = [drawn(i, "fraud", "certainty", 1.0, Decimal("5.00")) for i in range(10)]
    row = estimated(with_outcomes(tables, only))["improper_share"]
    assert row["estimate"] is None
    assert "90" in row["note_en"]


def test_the_last_word_on_a_claim_counts_once_with_its_first_probability(world):
    tables = world(100, 40, seed=1).tables()
    rows = [drawn(i) for i in range(20)] + [drawn(20, "fraud", prob=0.25, amount=Decimal("9.00"))]
    appeal = drawn(20, "clean", None, None, decided_on=date(2018, 6, 1))
    tip = drawn(3, "fraud", "tip", None, decided_on=date(2018, 7, 1))
    found = estimated(with_outcomes(tables, [*rows, appeal, tip]))["claim_share"]
    assert found["estimate"] == 0.0
    assert found["n_sampled"] == 21
    assert found["n_population"] == 204
    late = drawn(20, "fraud", None, None, decided_on=date(2019, 6, 1))
    assert estimated(with_outcomes(tables, [*rows, appeal, late]))["claim_share"]["estimate"] == 0.0


def test_nothing_found_is_not_nothing_there(world):
    tables = world(300, 100, seed=1).tables()
    row = estimated(with_outcomes(tables, [drawn(i) for i in range(30)]))["claim_share"]
    assert row["estimate"] == row["low"] == 0.0
    assert 0.09 < row["high"] < 0.15  # 3.7 of 30: Poisson's upper end, two-sided


def test_undetermined_is_neither_clean_nor_improper(world):
    tables = world(100, 40, seed=1).tables()
    base = [drawn(i) for i in range(30)] + [
        drawn(i, "irregular", amount=Decimal("10.00")) for i in range(30, 35)
    ]
    open_ = [drawn(i, "undetermined") for i in range(40, 45)]
    sure = estimated(with_outcomes(tables, base))["claim_share"]
    unsure = estimated(with_outcomes(tables, base + open_))["claim_share"]
    assert unsure["estimate"] == pytest.approx(sure["estimate"]) == pytest.approx(5 / 35)
    assert unsure["low"] < sure["low"]
    assert unsure["high"] > sure["high"]
    assert "无定论" in unsure["note_zh"]
    assert estimated(with_outcomes(tables, open_))["claim_share"]["estimate"] is None


def test_an_improper_claim_without_an_amount_is_not_worth_zero(world):
    tables = world(100, 40, seed=1).tables()
    rows = [drawn(i) for i in range(30)] + [drawn(30, "irregular", amount=None)]
    found = estimated(with_outcomes(tables, rows))["improper_share"]
    assert found["estimate"] > 0
    assert found["low"] == 0.0
    assert "未记金额" in found["note_zh"]


def test_empty_tables():
    assert audit.estimate(Tables({}), AuditSettings(), AS_OF).num_rows == 0


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(1, 1e6), st.floats(0.005, 1.0)),
        min_size=1,
        max_size=30,
    )
)
@settings(max_examples=200, deadline=None)
def test_intervals_hold_their_estimate_and_stay_in_bounds(rows):
    share, size, pi = (np.array(column) for column in zip(*rows, strict=True))
    found = rate_interval(share * size, size, pi, 0.95)
    assert 0.0 <= found.low <= found.estimate + 1e-12
    assert found.estimate <= found.high + 1e-9 <= 1.0 + 2e-9


def test_gamma_bounds_are_the_exact_poisson_ones_for_equal_weights():
    low, high = gamma_bounds(5.0, 5.0, 1.0, 0.95)
    assert (low, high) == pytest.approx((1.6235, 11.6683), abs=1e-4)
    assert gamma_bounds(0.0, 0.0, 1.0, 0.95) == pytest.approx((0.0, 3.6889), abs=1e-4)


def simulate(world, n, budget, useless, worlds, draws):
    """Error of the Horvitz-Thompson rate, and how often each interval held."""
    off, money, claims, widths = [], [], [], []
    for seed in range(1, worlds + 1):
        made = world(n, n // 2, seed, useless=useless)
        plan = audit.make_plan(
            made.ranked, made.tables(), AuditSettings(), budget=budget, seed=seed, as_of=AS_OF
        )
        pi = plan.frame["inclusion_prob"].to_numpy()
        units, rng = drawing.to_units(pi), np.random.default_rng(seed)
        wrong, one, share = made.improper > 0, np.ones(n), (made.improper > 0).mean()
        for _ in range(draws):
            order = rng.permutation(n)
            at = order[drawing.hits(units[order], int(rng.integers(drawing.ONE)))]
            found = rate_interval(made.improper[at], made.amount[at], pi[at], 0.95)
            money.append(found.low <= made.rate <= found.high)
            widths.append((found.high - found.low) / 2.0 / plan.summary["planned_half_width"])
            found = rate_interval(wrong[at].astype(float), one[at], pi[at], 0.95)
            claims.append(found.low <= share <= found.high)
            off.append(float((made.improper[at] / pi[at]).sum()) / made.amount.sum() - made.rate)
    return np.array(off), np.mean(money), np.mean(claims), np.mean(widths)


def check_promises(off, money, claims, widths, *, foreseen):
    assert money >= 0.94
    assert claims >= 0.94
    assert abs(off.mean()) < 4.0 * off.std() / np.sqrt(len(off))
    if foreseen:  # a plan foresees the width if the model is right and draws are not a handful
        assert 0.85 < widths < 1.15


@pytest.mark.parametrize("useless", [False, True], ids=["model", "useless model"])
@pytest.mark.parametrize(("n", "budget"), [(200, 10), (420, 42)])
def test_coverage_bias_and_planned_width(world, n, budget, useless):
    found = simulate(world, n, budget, useless, worlds=25, draws=15)
    check_promises(*found, foreseen=budget >= 42 and not useless)


@pytest.mark.long
@pytest.mark.parametrize("useless", [False, True], ids=["model", "useless model"])
@pytest.mark.parametrize(("n", "budget"), [(200, 10), (420, 42), (1_071, 107), (3_000, 300)])
def test_promises_over_many_worlds(world, n, budget, useless):
    found = simulate(world, n, budget, useless, worlds=200, draws=100)
    check_promises(*found, foreseen=budget >= 42 and not useless)
