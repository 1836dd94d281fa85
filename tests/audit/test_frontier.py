"""The frontier of a plan: what the same audits could buy, in figures, words and a picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import audit
from fraud_pipeline.audit.design import allocated, problem_of
from fraud_pipeline.audit.floors import plain_floors
from fraud_pipeline.audit.frontier import FrontierPoint, frontier, yuan_per_tenth
from fraud_pipeline.audit.frontier_chart import frontier_chart
from fraud_pipeline.audit.frontier_words import frontier_words
from fraud_pipeline.audit.paper import plan_page
from fraud_pipeline.settings import AuditSettings


def summary(made, **changes):
    settings = AuditSettings(**changes)
    plan = audit.make_plan(made.ranked, made.tables(), settings, budget=100, seed=1,
                           as_of=date(2018, 1, 1))  # fmt: skip
    return plan.summary


def chosen_of(points):
    (chosen,) = (p for p in points if p["chosen"])
    return chosen


@pytest.fixture(scope="module")
def figures(world):
    return summary(world(900, 400, seed=3))


def test_money_falls_as_precision_grows_and_the_plan_is_one_of_the_points(figures):
    points = figures["frontier"]
    assert len(points) >= 5
    assert (np.diff([p["recovery_amount"] for p in points]) < 0).all()
    assert (np.diff([p["half_width"] for p in points]) < 0).all()
    chosen = chosen_of(points)
    assert chosen["recovery_amount"] == pytest.approx(
        figures["expected_recovery_of_design_amount"], rel=1e-6
    )
    wider = max(figures["planned_half_width"], figures["planned_claims_half_width"])
    assert chosen["half_width"] == pytest.approx(wider, rel=1e-6)
    assert chosen["kept_of_top_share"] == pytest.approx(figures["kept_of_top_share"], rel=1e-6)


def test_a_higher_price_chooses_a_more_precise_point(world):
    made = world(900, 400, seed=3)
    dear, free = summary(made, precision_price=0.0), summary(made, precision_price=1.0,
                                                             target_half_width=0.001)  # fmt: skip
    assert dear["frontier"][0]["chosen"]
    assert free["frontier"][-1]["chosen"]
    assert free["yuan_per_tenth_point"] is None


def test_no_other_allocation_of_the_same_audits_is_better_in_both(world):
    made = world(900, 400, seed=4)
    amount = made.amount
    risk = made.ranked["risk"].to_numpy().astype(float)
    loss = np.array([float(v) for v in made.ranked["expected_loss"].to_pylist()])
    settings = AuditSettings()
    problem = problem_of(amount, risk, loss, plain_floors(amount, 90, settings))
    points = frontier(problem, 90, 1e-3, 0.95)
    rng = np.random.default_rng(5)
    start = allocated(amount, risk, loss, 90, settings)
    for _ in range(20):  # audits moved between random pairs of claims, within their floors
        pi = start.copy()
        a, b = rng.permutation(len(pi))[: len(pi) // 2 * 2].reshape(2, -1)
        step = rng.uniform(0, 1, len(a)) * np.minimum(pi[a] - problem.floor[a], 1.0 - pi[b])
        pi[a] -= step
        pi[b] += step
        money, width = problem.money(pi), problem.half_widths(pi, 0.95).larger
        assert any(p.recovery >= money and p.half_width <= width + 1e-4 for p in points)


def test_with_equal_risks_the_two_curves_are_one(world):
    made = world(600, 300, seed=6)
    n = made.ranked.num_rows
    even = made.ranked.set_column(
        made.ranked.schema.get_field_index("risk"), "risk", pa.array(np.full(n, 0.08))
    )
    loss = pa.array(np.round(0.08 * made.amount, 2)).cast(
        made.ranked.schema.field("expected_loss").type, safe=False
    )
    even = even.set_column(even.schema.get_field_index("expected_loss"), "expected_loss", loss)
    for point in summary(replace(made, ranked=even))["frontier"]:
        assert point["unranked_half_width"] == pytest.approx(point["half_width"], rel=0.02)


def test_parts_add_up_to_the_plan(figures):
    parts = figures["parts"]
    assert sum(p["audits"] for p in parts) == 100
    assert sum(p["expected_recovery_amount"] for p in parts) == pytest.approx(
        figures["expected_recovery_amount"], abs=0.05
    )
    certain = next(p for p in parts if p["stratum"] == "certainty")
    assert certain["claims_stood_for"] == certain["audits"]
    assert sum(p["claims_stood_for"] for p in parts) == pytest.approx(900, rel=0.2)


def test_the_price_of_a_tenth_of_a_point():
    points = [
        FrontierPoint(1000.0, 1.0, 0.05, 0.06),
        FrontierPoint(900.0, 0.9, 0.04, 0.05, chosen=True),
        FrontierPoint(500.0, 0.5, 0.02, 0.03),
    ]
    # 400 yuan for two points of a hundredth: 20 yuan a tenth of one
    assert yuan_per_tenth(points) == pytest.approx(20.0)
    assert yuan_per_tenth(points[:2]) is None
    assert yuan_per_tenth([]) is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_picture_and_words_stand_on_the_leaders_page(figures, lang):
    picture = frontier_chart(figures["frontier"], lang)
    svg = ElementTree.fromstring(picture)  # noqa: S314 - made here
    (dot,) = svg.findall("circle")
    curves = [line.get("points").split() for line in svg.findall("polyline")]
    assert f"{dot.get('cx')},{dot.get('cy')}" in curves[1]
    assert len(curves[0]) == len(curves[1]) == len(figures["frontier"])
    words = frontier_words(figures, lang)
    chosen = chosen_of(figures["frontier"])
    assert f"{chosen['kept_of_top_share']:.0%}" in words
    assert f"{figures['yuan_per_tenth_point']:,.0f}" in words
    visits = pa.table({"region": ["a"], "visit": [1]})
    page = plan_page(figures, visits, lang)
    assert picture in page
    assert words in page
    assert f"{figures['parts'][0]['expected_recovery_amount']:,.0f}" in page


def test_without_points_there_is_no_picture():
    assert frontier_chart([], "zh") == ""
    assert frontier_words({"frontier": []}, "en") == ""
