"""Three simulated years: the promises of the sampled audit, over few worlds or many."""

from __future__ import annotations

import os

import pytest

from benchmarks.three_years import FIELD, KINDS_OF_WORLD, PLAN, TOP, figures

WORLDS = 200 if os.environ.get("FRAUD_LONG") != "reduced" else 16
# binomial spread of a coverage near 0.96 over the years of these worlds, three sigma
SLACK = 3.0 * (0.96 * 0.04 / (3 * WORLDS)) ** 0.5
SEEDS = range(1_000, 1_000 + WORLDS)
BY_NAME = {kind.name: kind for kind in KINDS_OF_WORLD}


@pytest.mark.long
@pytest.mark.parametrize("name", BY_NAME)
def test_the_intervals_of_the_plan_hold_in_every_kind_of_world(name):
    rates = figures(BY_NAME[name], PLAN, SEEDS).rates
    for span in ("month", "year"):
        assert rates[span][0] >= 0.94 - SLACK, (span, rates[span])
    _, width, bias = rates["year"]
    assert abs(bias) < 4.0 * (width / 2.0) / (3 * WORLDS) ** 0.5  # four standard errors


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "kept"),
    [("late kind appears", 0.93), ("late, fast forgetting", 0.93), ("fraud adapts", 0.85)],
)
def test_the_money_of_the_top_is_kept_and_the_rate_is_known(name, kept):
    plan, top, field = (figures(BY_NAME[name], policy, SEEDS) for policy in (PLAN, TOP, FIELD))
    spare = 0.0 if WORLDS >= 200 else 0.02
    assert plan.found / top.found >= kept - spare
    assert plan.found / field.found >= 3.0
    # of the money; the same audits are planned for the share of claims too
    assert plan.rates["year"][1] <= 1.95 + (0.0 if WORLDS >= 200 else 0.1)
    if not BY_NAME[name].adaptive:  # within five quarters of the late kind's first month
        assert plan.late_15 >= 0.40
        assert plan.late_auc >= (0.84 if BY_NAME[name].keeps < 0.7 else 0.76) - spare
    else:
        assert plan.gamers > top.gamers - spare
        assert plan.gained < top.gained * (1.0 + 2 * spare)


def test_one_world_runs_and_a_plan_beats_chance():
    kind = BY_NAME["late kind appears"]
    plan, chance = (figures(kind, policy, range(2)) for policy in (PLAN, "random"))
    assert plan.found > 3.0 * chance.found
    assert set(plan.rates) == {"month", "year", "three years"}
