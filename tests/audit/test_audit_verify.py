"""A plan that was tampered with is found out."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import audit
from fraud_pipeline.core.money import from_fen, to_fen
from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.settings import AuditSettings


@pytest.fixture
def plan(world):
    made = world(120, 50, seed=1)
    return audit.make_plan(
        made.ranked, made.tables(), AuditSettings(), budget=15, seed=9, as_of=date(2018, 1, 1)
    )


def changed(table, name, row, value):
    values = table[name].to_pylist()
    values[row] = value
    at = table.schema.get_field_index(name)
    return table.set_column(at, name, pa.array(values, table.schema.field(name).type))


def test_the_true_plan_passes_in_any_row_order(plan):
    order = pa.array(np.random.default_rng(2).permutation(120))
    audit.verify_plan(plan.frame.take(order), plan.plan, 9, plan.summary["frame_sha256"])


def test_one_fen_on_one_claim_is_found_with_and_without_the_published_hash(plan):
    for row in (0, 60, 119):
        fen = to_fen(plan.frame["expected_loss"])
        fen[row] ^= 1
        at = plan.frame.schema.get_field_index("expected_loss")
        frame = plan.frame.set_column(at, "expected_loss", from_fen(fen))
        with pytest.raises(IntegrityError, match="hash"):
            audit.verify_plan(frame, plan.plan, 9, plan.summary["frame_sha256"])
        with pytest.raises(IntegrityError):
            audit.verify_plan(frame, plan.plan, 9)


def test_one_bit_of_a_probability_is_found(plan):
    pi = plan.frame["inclusion_prob"].to_pylist()
    row = next(i for i, p in enumerate(pi) if p < 1.0)
    for step in (2.0**-32, 2.0**-50):
        frame = changed(plan.frame, "inclusion_prob", row, pi[row] + step)
        with pytest.raises(IntegrityError):
            audit.verify_plan(frame, plan.plan, 9)


def test_other_seeds_removed_added_and_relabelled_claims_are_found(plan):
    with pytest.raises(IntegrityError, match="seed 10"):
        audit.verify_plan(plan.frame, plan.plan, 10)
    with pytest.raises(IntegrityError):
        audit.verify_plan(plan.frame, plan.plan.slice(1), 9)
    swapped = changed(plan.plan, "draw", 0, plan.plan["draw"][1].as_py())
    with pytest.raises(IntegrityError, match="draw"):
        audit.verify_plan(plan.frame, swapped, 9)
    at = plan.plan["stratum"].to_pylist().index("certainty")
    with pytest.raises(IntegrityError, match="certainty"):
        audit.verify_plan(plan.frame, changed(plan.plan, "stratum", at, "risk"), 9)
    hidden = changed(plan.frame, "drawn", plan.frame["drawn"].to_pylist().index(True), False)
    with pytest.raises(IntegrityError, match="marked"):
        audit.verify_plan(hidden, plan.plan, 9)
