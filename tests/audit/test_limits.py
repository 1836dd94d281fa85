"""Limits are kept for every seed, and the probabilities stay exact under them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_audit_draw import check_frequencies

from fraud_pipeline import audit
from fraud_pipeline.audit import draw as drawing
from fraud_pipeline.audit.limits import Limits
from fraud_pipeline.audit.plan import draw_order
from fraud_pipeline.errors import InputError, IntegrityError
from fraud_pipeline.schema.inputs import ENTERPRISES
from fraud_pipeline.settings import AuditSettings

AS_OF = date(2018, 1, 1)
REGIONS = ("洪山区", "江夏区", "武昌区")


def with_regions(made):
    enterprises = sorted(set(made.ranked["enterprise_id"].to_pylist()))
    rows = {
        "enterprise_id": enterprises,
        "name": enterprises,
        "region": [REGIONS[i % 3] for i in range(len(enterprises))],
    }
    return made.tables().replaced(enterprises=ENTERPRISES.conform(pa.table(rows)))


def days_table(made, seed=1):
    rng = np.random.default_rng(seed)
    days = rng.choice([0.5, 1.0, 2.0, 4.0], made.ranked.num_rows)
    return pa.table({"claim_id": made.ranked["claim_id"], "days": days}), days


def planned(made, budget, limits, cover=None, seed=1):
    return audit.make_plan(
        made.ranked, with_regions(made), AuditSettings(), budget=budget, seed=seed, as_of=AS_OF,
        requirements=audit.Requirements(cover), limits=limits,
    )  # fmt: skip


def drawn_under(plan, seeds):
    root = drawing.frame_sha256(plan.frame)
    return [draw_order(plan.frame, seed, root) > 0 for seed in seeds]


@pytest.mark.parametrize("cover", [None, 0.10])
def test_places_never_get_more_than_their_limit(world, cover):
    made = world(400, 160, seed=3)
    free = planned(made, 60, Limits(region={"洪山区": 400}))
    regions = np.array([place.split("/")[0] for place in free.frame["place"].to_pylist()])
    assert max((drawn & (regions == "洪山区")).sum() for drawn in drawn_under(free, range(30))) > 12
    plan = planned(made, 60, Limits(region={"洪山区": 12, "江夏区": 15}), cover)
    for drawn in drawn_under(plan, range(200)):
        assert drawn.sum() == 60
        assert (drawn & (regions == "洪山区")).sum() <= 12
        assert (drawn & (regions == "江夏区")).sum() <= 15
    audit.verify_plan(plan.frame, plan.plan, 1, plan.summary["frame_sha256"])
    assert plan.summary["limits"]["region 洪山区"]["drawn"] <= 12


def test_no_institution_eats_the_budget(world):
    made = world(400, 160, seed=3)
    plan = planned(made, 60, Limits(each_institution=3))
    places = np.array(plan.frame["place"].to_pylist())
    institution = np.array([place.split("/")[1] for place in places])
    expected = plan.frame["inclusion_prob"].to_numpy()
    for name in np.unique(institution):
        assert expected[institution == name].sum() <= 3


@pytest.mark.parametrize("cover", [None, 0.10])
def test_no_seed_draws_more_days_than_the_budget(world, cover):
    made = world(400, 160, seed=4)
    table, days = days_table(made)
    plan = planned(made, None, Limits(days=60.0, days_by_claim=table), cover)
    spent = [float(days[drawn].sum()) for drawn in drawn_under(plan, range(300))]
    assert max(spent) <= 60.0
    assert np.mean(spent) > 48.0  # the budget is used, not only kept
    assert plan.summary["days_drawn"] == pytest.approx(spent[1])
    # cheap audits are preferred: more of them than an average price would buy
    assert plan.plan.num_rows > 60.0 / days.mean()


def test_a_budget_in_both_keeps_both(world):
    made = world(400, 160, seed=4)
    table, days = days_table(made)
    plan = planned(made, 30, Limits(days=45.0, days_by_claim=table))
    assert plan.plan.num_rows == 30
    assert max(float(days[drawn].sum()) for drawn in drawn_under(plan, range(200))) <= 45.0


@pytest.mark.parametrize("limits", ["days", "region", "both"])
def test_frequencies_under_limits_match_the_stored_probabilities(world, limits):
    made = world(150, 60, seed=5)
    table, _ = days_table(made)
    given = {
        "days": Limits(days=30.0, days_by_claim=table),
        "region": Limits(region={"洪山区": 5}),
        "both": Limits(days=30.0, days_by_claim=table, region={"洪山区": 5}),
    }[limits]
    plan = planned(made, 20, given)
    check_frequencies(plan.frame, 2_000)


@pytest.mark.long
@pytest.mark.parametrize("cover", [None, 0.10])
def test_frequencies_under_limits_over_20000_redraws(world, cover):
    made = world(400, 150, seed=6)
    table, _ = days_table(made)
    limits = Limits(
        days=80.0, days_by_claim=table, region={"洪山区": 15}, each_institution=6
    )  # fmt: skip
    check_frequencies(planned(made, 50, limits, cover).frame, 20_000)


@pytest.mark.parametrize(
    ("limits", "words"),
    [(Limits(region={"汉口": 3}), "not on the list"), (Limits(days=-1.0), "above 0"),
     (Limits(days=0.2), "too few"), (Limits(region={"洪山区": 0}), "too small"),
     (Limits(region=dict.fromkeys(REGIONS, 5)), "do not fit")],
)  # fmt: skip
def test_impossible_limits_say_so_in_one_line(world, limits, words):
    with pytest.raises(InputError, match=words) as refused:
        planned(world(200, 80, seed=1), 20, limits)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("column", ["part", "place", "cost_days"])
def test_a_changed_part_place_or_day_is_found(world, column):
    made = world(120, 50, seed=1)
    table, _ = days_table(made)
    plan = planned(made, 15, Limits(days=40.0, days_by_claim=table, each_institution=4))
    values = plan.frame[column].to_pylist()
    values[3] = values[3] + 0.001 if column == "cost_days" else values[3] + "x"
    at = plan.frame.schema.get_field_index(column)
    frame = plan.frame.set_column(at, column, pa.array(values, plan.frame.schema.field(at).type))
    with pytest.raises(IntegrityError):
        audit.verify_plan(frame, plan.plan, 1, plan.summary["frame_sha256"])


def test_enterprises_count_over_the_year(world):
    made = world(300, 120, seed=2)
    enterprises = sorted(set(made.ranked["enterprise_id"].to_pylist()))
    before = pa.array(enterprises[:20])
    as_of = date(2017, 12, 31)  # the claims of these worlds were filed in May 2017

    def plan(visited, cover, budget=40, seed=1):
        return audit.make_plan(
            made.ranked, made.tables(), AuditSettings(), budget=budget, seed=seed, as_of=as_of,
            requirements=audit.Requirements(cover, visited=visited),
        )  # fmt: skip

    wanted = int(np.ceil(0.40 * len(enterprises)))
    for seed in range(20):
        drawn = plan(before, 0.40, seed=seed)
        seen = set(drawn.plan["enterprise_id"].to_pylist()) | set(before.to_pylist())
        assert len(seen) >= wanted
    audit.verify_plan(drawn.frame, drawn.plan, 19, drawn.summary["frame_sha256"])
    assert drawn.summary["n_enterprises_guaranteed"] == wanted - 20
    check_frequencies(plan(before, 0.40).frame, 1_000)
    assert plan(before, 0.10).summary["n_enterprises_guaranteed"] == 0  # already visited
    with pytest.raises(InputError, match="more enterprises"):
        _unlisted(made, before, as_of)


def _unlisted(made, before, as_of):
    """A year whose other enterprises are not on the list any more."""
    few = made.ranked.slice(0, 20)
    return audit.make_plan(
        few, made.tables(), AuditSettings(), budget=10, seed=1, as_of=as_of,
        requirements=audit.Requirements(0.9, visited=before),
    )  # fmt: skip


@given(
    n=st.integers(20, 80), budget=st.integers(3, 20), most=st.integers(0, 8),
    each=st.one_of(st.none(), st.integers(1, 6)), days=st.one_of(st.none(), st.floats(3.0, 40.0)),
    cover=st.one_of(st.none(), st.floats(0.0, 0.3)), seed=st.integers(0, 1_000),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_any_limited_plan_keeps_its_limits_or_is_refused(
    world, n, budget, most, each, days, cover, seed
):
    made = world(n, n // 2 + 1, seed)
    table, spent = days_table(made, seed)
    limits = Limits(
        days=days, days_by_claim=table, region={"洪山区": most}, each_institution=each
    )  # fmt: skip
    try:
        plan = planned(made, budget, limits, cover, seed)
    except InputError as refused:
        assert "\n" not in str(refused)
        return
    audit.verify_plan(plan.frame, plan.plan, seed, plan.summary["frame_sha256"])
    pi = plan.frame["inclusion_prob"].to_numpy()
    assert pi.min() > 0
    regions = np.array([place.split("/")[0] for place in plan.frame["place"].to_pylist()])
    for drawn in drawn_under(plan, range(10)):
        assert drawn.sum() == round(pi.sum()) <= budget
        assert (drawn & (regions == "洪山区")).sum() <= most
    if days is not None:
        assert float(spent @ pi) <= days + 1e-6
