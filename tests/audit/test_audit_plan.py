"""What a plan promises: size, floors, enterprises, order independence, plain refusals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from fraud_pipeline import audit
from fraud_pipeline.audit.budget import enterprises_to_cover
from fraud_pipeline.errors import FraudPipelineError, InputError
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import AUDIT_FRAME, AUDIT_PLAN, RANKED_CLAIMS
from fraud_pipeline.settings import AuditSettings
from fraud_pipeline.store.integrity import check_table

AS_OF = date(2018, 1, 1)


def planned(made, budget=None, seed=1, settings=None, **more):
    return audit.make_plan(
        made.ranked, made.tables(), settings or AuditSettings(), budget=budget, seed=seed,
        as_of=AS_OF, **more,
    )  # fmt: skip


def test_tables_keep_the_schema_and_the_default_budget_is_a_tenth(world):
    made = world(300, 120, seed=1)
    plan = planned(made, requirements=audit.Requirements(0.10))
    check_table(plan.plan.schema, [plan.plan], AUDIT_PLAN)
    check_table(plan.frame.schema, [plan.frame], AUDIT_FRAME)
    assert plan.plan.num_rows == plan.summary["budget"] == 30
    assert plan.frame.num_rows == 300
    assert sum(plan.summary["strata"].values()) == 30
    assert sorted(plan.plan["draw"].to_pylist()) == list(range(1, 31))


def test_every_claim_has_its_floor_and_probabilities_add_up(world):
    made = world(500, 200, seed=2)
    plan = planned(made, 50)
    pi = plan.frame["inclusion_prob"].to_numpy()
    by_amount = np.minimum(0.05 * 50 * made.amount / made.amount.sum(), 1.0)
    assert (pi >= 0.05 * 50 / 500).all()
    assert (pi >= by_amount).all()
    assert pi.sum() == 50.0


def test_certainty_is_probability_one(world):
    plan = planned(world(500, 200, seed=2), 50)
    certain = np.array([s == "certainty" for s in plan.plan["stratum"].to_pylist()])
    assert certain.any()
    assert np.array_equal(certain, plan.plan["inclusion_prob"].to_numpy() == 1.0)


@pytest.mark.parametrize("share", [0.05, 0.10, 0.25, 0.33])
def test_enterprises_are_covered_whatever_the_seed(world, share):
    """Claims are clustered: the fifth of the firms with the highest scores has most claims."""
    made = world(400, 400, seed=3)
    order = np.argsort(-made.ranked["expected_loss"].to_numpy().astype(float))
    enterprises = np.array(made.ranked["enterprise_id"].to_pylist(), dtype=object)
    enterprises[order[:200]] = "E-ring"
    ranked = made.ranked.set_column(
        made.ranked.schema.get_field_index("enterprise_id"), "enterprise_id", pa.array(enterprises)
    )
    n_enterprises = len(set(enterprises))
    wanted = enterprises_to_cover(n_enterprises, share)
    for seed in range(20):
        plan = audit.make_plan(
            ranked, made.tables(), AuditSettings(target_half_width=1.0), budget=90, seed=seed,
            as_of=AS_OF, requirements=audit.Requirements(share),
        )  # fmt: skip
        covered = len(set(plan.plan["enterprise_id"].to_pylist()))
        assert covered >= wanted
        assert covered == plan.summary["n_enterprises_covered"]
        assert plan.plan.num_rows == 90


def test_a_budget_too_small_for_the_enterprises_is_refused_with_one_that_works(world):
    made = world(300, 300, seed=4)
    with pytest.raises(InputError, match=r"\d+ claims are needed") as refused:
        planned(made, 12, requirements=audit.Requirements(0.10))
    needed = int(str(refused.value).split("too small: ")[1].split(" ")[0])
    plan = planned(made, needed, requirements=audit.Requirements(0.10))
    assert plan.summary["n_enterprises_covered"] >= plan.summary["n_enterprises_guaranteed"]
    with pytest.raises(InputError):
        planned(made, needed - 1, requirements=audit.Requirements(0.10))
    assert (
        planned(made, requirements=audit.Requirements(0.5)).plan.num_rows >= 80
    )  # no budget given: raised


@pytest.mark.parametrize(
    ("budget", "words"), [(0, "at least 1"), (-3, "at least 1"), (61, "only 60")]
)
def test_impossible_budgets_say_so_in_one_line(world, budget, words):
    with pytest.raises(FraudPipelineError, match=words) as refused:
        planned(world(60, 20, seed=1), budget)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_impossible_shares_of_enterprises_are_refused(world, share):
    with pytest.raises(InputError, match="share of enterprises"):
        planned(world(60, 20, seed=1), 10, requirements=audit.Requirements(share))


@pytest.mark.parametrize("budget", [1, 2, 59, 60])
def test_small_and_whole_budgets_work(world, budget):
    plan = planned(world(60, 20, seed=1), budget)
    assert plan.plan.num_rows == budget
    assert plan.frame["inclusion_prob"].to_numpy().min() > 0
    if budget == 60:
        assert set(plan.plan["stratum"].to_pylist()) == {"certainty"}
        assert plan.summary["planned_half_width"] == 0.0
        assert plan.summary["precision"] == "met"


def test_nothing_and_one_claim(world):
    nothing = audit.make_plan(
        RANKED_CLAIMS.empty(), Tables({}), AuditSettings(), budget=None, seed=1, as_of=AS_OF,
        requirements=audit.Requirements(0.10),
    )  # fmt: skip
    assert nothing.plan.num_rows == nothing.frame.num_rows == 0
    assert nothing.summary["precision_zh"]
    audit.verify_plan(nothing.frame, nothing.plan, 1)
    one = planned(world(1, 1, seed=1), requirements=audit.Requirements(0.10))
    assert one.plan["stratum"].to_pylist() == ["certainty"]


def test_a_useless_list_of_zeros_still_gets_a_fair_plan(world):
    made = world(80, 30, seed=1)
    zero = made.ranked
    for name in ("risk", "expected_loss"):
        at = zero.schema.get_field_index(name)
        zero = zero.set_column(
            at, name, pa.array([Decimal(0)] * 80).cast(zero.schema.field(name).type)
        )
    plan = audit.make_plan(zero, made.tables(), AuditSettings(), budget=8, seed=1, as_of=AS_OF)
    pi = plan.frame["inclusion_prob"].to_numpy()
    assert plan.plan.num_rows == 8
    assert np.corrcoef(pi, made.amount)[0, 1] > 0.9  # nothing known but the money
    assert plan.summary["kept_of_top_share"] is None


def test_row_order_is_irrelevant_and_the_input_unchanged(world):
    made = world(200, 80, seed=5)
    shuffled = made.ranked.take(pa.array(np.random.default_rng(1).permutation(200)))
    before = shuffled.to_pylist()
    first = planned(made, 20, requirements=audit.Requirements(0.10))
    second = audit.make_plan(
        shuffled, made.tables(), AuditSettings(), budget=20, seed=1, as_of=AS_OF,
        requirements=audit.Requirements(0.10),
    )  # fmt: skip
    assert first.plan.equals(second.plan)
    assert first.frame.equals(second.frame)
    assert first.summary == second.summary
    assert shuffled.to_pylist() == before


def test_seeds_change_the_draw_but_not_the_design(world):
    made = world(200, 80, seed=5)
    first, again, other = planned(made, 20, 1), planned(made, 20, 1), planned(made, 20, 2)
    assert first.plan.equals(again.plan)
    assert not first.plan["claim_id"].equals(other.plan["claim_id"])
    assert first.summary["frame_sha256"] == other.summary["frame_sha256"]
    assert first.frame["inclusion_prob"].equals(other.frame["inclusion_prob"])


def test_mandatory_claims_are_certain(world):
    made = world(200, 80, seed=5)
    least = made.ranked.sort_by("expected_loss")["claim_id"][:3].combine_chunks()
    plan = planned(made, 20, requirements=audit.Requirements(mandatory=least))
    by_claim = dict(
        zip(plan.plan["claim_id"].to_pylist(), plan.plan["reason_en"].to_pylist(), strict=True)
    )
    assert all("must be audited" in by_claim[claim] for claim in least.to_pylist())
    with pytest.raises(InputError, match="C-unknown"):
        planned(made, 20, requirements=audit.Requirements(mandatory=pa.array(["C-unknown"])))
    with pytest.raises(InputError, match="3 mandatory"):
        planned(made, 2, requirements=audit.Requirements(mandatory=least))


def test_most_of_the_money_of_the_top_is_kept(world):
    made = world(1_071, 472, seed=6)
    plan = planned(made, requirements=audit.Requirements(0.10))
    assert plan.summary["kept_of_top_share"] > 0.90


def test_precision_costs_money_and_a_target_out_of_reach_is_refused(world):
    made = world(800, 300, seed=7)
    loose = planned(made, settings=AuditSettings(target_half_width=1.0)).summary
    tight = planned(
        made, settings=AuditSettings(target_half_width=0.001, precision_price=0.20)
    ).summary
    assert loose["precision"] == "met"
    assert tight["precision"] == "refused"
    assert tight["planned_half_width"] < loose["planned_half_width"]
    floor = 0.80 * loose["expected_recovery_of_design_amount"]
    assert tight["expected_recovery_of_design_amount"] >= 0.99 * floor
    assert str(tight["budget_needed"]) in tight["precision_en"].replace(",", "")
    enough = planned(made, 600, settings=AuditSettings(target_half_width=0.03)).summary
    assert enough["precision"] == "met"


def test_the_refused_precision_is_met_at_the_budget_named(world):
    made = world(800, 300, seed=8)
    refused = planned(made).summary
    assert refused["precision"] == "refused"
    granted = planned(made, round(refused["budget_needed"] * 1.02)).summary
    assert granted["precision"] == "met"


def test_huzhou_groups_are_drawn_when_asked(world):
    made = world(400, 60, seed=9)
    setting = AuditSettings(huzhou_share=0.3, target_half_width=1.0)
    plan = planned(made, 40, settings=setting)
    reasons = dict(
        zip(plan.plan["stratum"].to_pylist(), plan.plan["reason_zh"].to_pylist(), strict=True)
    )
    assert plan.summary["strata"]["huzhou"] > 0
    assert any(word in reasons["huzhou"] for word in ("补助额较多", "服务项目较多", "服务频繁"))
    assert planned(made, 40).summary["strata"]["huzhou"] == 0


@pytest.mark.parametrize(
    "wrong",
    [{"random_share": 0.0}, {"random_share": 0.7, "amount_share": 0.7}, {"budget_share": 0.0},
     {"confidence": 1.0}, {"amount_share": -0.1}],
)  # fmt: skip
def test_contradictory_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        AuditSettings(**wrong)


@given(
    n=st.integers(1, 60), enterprises=st.integers(1, 60), seed=st.integers(0, 10_000),
    part=st.floats(0.0, 1.0), cover=st.one_of(st.none(), st.floats(0.0, 1.0)),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_plan_is_whole_or_refused(world, n, enterprises, seed, part, cover):
    made = world(n, enterprises, seed)
    budget = max(1, round(part * n))
    try:
        plan = planned(made, budget, seed, requirements=audit.Requirements(cover))
    except InputError as refused:
        assert cover is not None, refused
        return
    pi = plan.frame["inclusion_prob"].to_numpy()
    assert plan.plan.num_rows == budget == round(pi.sum())
    assert pi.min() > 0
    assert pi.max() <= 1.0
    assert plan.summary["n_enterprises_covered"] >= plan.summary["n_enterprises_guaranteed"]
    audit.verify_plan(plan.frame, plan.plan, seed, plan.summary["frame_sha256"])
