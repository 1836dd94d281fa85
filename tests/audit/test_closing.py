"""What closed rounds say by time and place, and what they refuse to promise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import audit
from fraud_pipeline.audit import draw as drawing
from fraud_pipeline.audit.closing import CLOSING, close
from fraud_pipeline.audit.rounds import read_round
from fraud_pipeline.audit.total import AuditSample, total_interval
from fraud_pipeline.schema.inputs import ENTERPRISES, OUTCOMES
from fraud_pipeline.settings import AuditSettings

AS_OF = date(2020, 1, 1)


def rounds_of(world, seeds=(1, 2), n=600, budget=90):
    closed, worlds = [], []
    for seed in seeds:
        made = world(n, n // 2, seed)
        plan = audit.make_plan(
            made.ranked, made.tables(), AuditSettings(), budget=budget, seed=seed, as_of=AS_OF
        )
        tables = made.audited(plan)
        enterprises = sorted(set(made.ranked["enterprise_id"].to_pylist()))
        regions = [("洪山区", "江夏区")[i % 2] for i in range(len(enterprises))]
        rows = {"enterprise_id": enterprises, "name": enterprises, "region": regions}
        tables = tables.replaced(enterprises=ENTERPRISES.conform(pa.table(rows)))
        closed.append(read_round(plan.frame, tables, date(2017 + seed, 3, 1), AS_OF))
        worlds.append((made, plan, tables))
    return closed, worlds


def rows_of(closed, **settings):
    table = close(closed, AuditSettings(**settings))
    assert table.schema.equals(CLOSING)
    return {(r["scope"], r["key"], r["quantity"], r["estimator"]): r for r in table.to_pylist()}


def test_years_and_the_rolling_figure_stand_beside_the_rounds(world):
    closed, worlds = rounds_of(world)
    rows = rows_of(closed)
    names = {(scope, key) for scope, key, *_ in rows}
    assert {("round", "2018-03-01"), ("year", "2019"), ("three_years", "2017-2019")} <= names
    truth = sum(made.improper.sum() for made, *_ in worlds)
    money = rows["three_years", "2017-2019", "improper_amount", "difference"]
    assert money["low"] <= truth <= money["high"]
    one = rows["year", "2018", "improper_share", "difference"]
    both = rows["all", "", "improper_share", "difference"]
    assert both["half_width"] < one["half_width"]
    assert both["n_population"] == 1_200
    assert both["n_drawn"] == both["n_decided"] == 180


def test_regions_add_up_to_the_whole(world):
    closed, _ = rounds_of(world)
    rows = rows_of(closed)
    whole = rows["all", "", "improper_amount", "difference"]["estimate"]
    parts = [
        rows["region", name, "improper_amount", "difference"]["estimate"]
        for name in ("洪山区", "江夏区")
    ]
    assert sum(parts) == pytest.approx(whole)


def test_precision_that_is_not_had_is_refused_with_the_audits_it_would_take(world):
    closed, _ = rounds_of(world)
    row = rows_of(closed)["round", "2018-03-01", "improper_share", "difference"]
    assert row["precision"] == "refused"
    assert 90 < row["audits_needed"] <= 600
    assert str(row["audits_needed"]) in row["note_zh"]
    assert "rolling three-year" in row["note_en"]
    loose = rows_of(closed, target_half_width=0.9)
    assert loose["round", "2018-03-01", "improper_share", "difference"]["precision"] == "met"


def test_pending_claims_widen_the_interval_and_nothing_else_replaces_them(world):
    _, [(_, plan, tables), _] = rounds_of(world)
    outcomes = tables["outcomes"]
    some = outcomes.slice(10)
    fewer = tables.replaced(outcomes=some)
    full = rows_of([read_round(plan.frame, tables, AS_OF, AS_OF)])
    part = rows_of([read_round(plan.frame, fewer, AS_OF, AS_OF)])
    key = ("all", "", "improper_share", "difference")
    assert part[key]["n_decided"] == full[key]["n_decided"] - 10
    assert part[key]["low"] <= full[key]["estimate"] <= part[key]["high"]
    assert part[key]["half_width"] > full[key]["half_width"]
    undrawn = plan.frame.filter(pa.array(~plan.frame["drawn"].to_numpy(zero_copy_only=False)))
    extra = {  # a replacement was audited in place of one that was drawn
        "outcome_id": ["X1"], "claim_id": undrawn["claim_id"][:1], "decided_on": [AS_OF],
        "verdict": ["fraud"], "disallowed_amount": pa.array([Decimal("9.00")]),
    }  # fmt: skip
    more = fewer.replaced(outcomes=pa.concat_tables([some, OUTCOMES.conform(pa.table(extra))]))
    assert rows_of([read_round(plan.frame, more, AS_OF, AS_OF)])[key] == part[key]


def test_nothing_decided_is_said_and_not_estimated(world):
    _, [(_, plan, tables), _] = rounds_of(world)
    rows = rows_of([read_round(plan.frame, tables, AS_OF, date(2016, 1, 1))])
    row = rows["all", "", "improper_share", "difference"]
    assert row["estimate"] is None
    assert "不能推断" in row["note_zh"]
    assert close([], AuditSettings()).num_rows == 0


def test_an_appeal_changes_the_verdict_and_a_tip_does_not(world):
    _, [(_, plan, tables), _] = rounds_of(world)
    key = ("all", "", "claim_share", "difference")
    before = rows_of([read_round(plan.frame, tables, AS_OF, AS_OF)])[key]
    wrong = tables["outcomes"].to_pylist()
    row = next(r for r in wrong if r["verdict"] == "irregular")
    added = {**row, "outcome_id": "Z9", "decided_on": date(2019, 1, 1), "verdict": "clean",
             "selected_by": "tip"}  # fmt: skip
    tip = tables.replaced(outcomes=pa.Table.from_pylist([*wrong, added], schema=OUTCOMES.arrow))
    assert rows_of([read_round(plan.frame, tip, AS_OF, AS_OF)])[key] == before
    added |= {"selected_by": None}
    won = tables.replaced(outcomes=pa.Table.from_pylist([*wrong, added], schema=OUTCOMES.arrow))
    assert (
        rows_of([read_round(plan.frame, won, AS_OF, AS_OF)])[key]["estimate"] < before["estimate"]
    )


@pytest.mark.parametrize("belief", ["right", "shuffled", "certain"])
def test_totals_are_unbiased_and_intervals_hold_whatever_the_model_believes(world, belief):
    off, held = [], []
    for seed in range(1, 13):
        made = believed(world(1_000, 500, seed), belief, seed)
        plan = audit.make_plan(
            made.ranked, made.tables(), AuditSettings(), budget=100, seed=seed, as_of=AS_OF
        )
        pi = plan.frame["inclusion_prob"].to_numpy()
        loss = plan.frame["expected_loss"].cast(pa.float64()).to_numpy()
        units, rng = drawing.to_units(pi), np.random.default_rng(seed)
        for _ in range(20):
            order = rng.permutation(1_000)
            at = order[drawing.hits(units[order], int(rng.integers(drawing.ONE)))]
            for size, improper, expected in (
                (made.amount, made.improper, loss),
                (np.ones(1_000), (made.improper > 0).astype(float), loss / made.amount),
            ):
                sample = AuditSample.of(pi, size, expected, at)
                interval = total_interval([sample], [improper[at]], size.sum(), 0.95)
                held.append(interval.low <= improper.sum() <= interval.high)
                off.append(interval.estimate / improper.sum() - 1.0)
    assert np.mean(held) >= 0.93
    assert abs(np.mean(off)) < 4.0 * np.std(off) / np.sqrt(len(off))


def believed(made, belief, seed):
    """The world with the risks as they are, dealt out anew, or all at 1."""
    if belief == "right":
        return made
    risk = made.ranked["risk"].to_numpy()
    risk = np.random.default_rng(seed).permutation(risk) if belief == "shuffled" else 0 * risk + 1
    loss = pa.array(np.round(risk * made.amount, 2)).cast(pa.decimal128(18, 2), safe=False)
    ranked = made.ranked
    for name, values in (("risk", pa.array(risk)), ("expected_loss", loss)):
        at = ranked.schema.get_field_index(name)
        ranked = ranked.set_column(at, name, values.cast(ranked.schema.field(at).type))
    return replace(made, ranked=ranked)
