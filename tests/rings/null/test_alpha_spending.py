"""A year of nights spends no more error probability than it was given."""

import doctest
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.rings import Look, certified_rings, spend_alpha
from fraud_pipeline.rings.null import alpha_spending
from tests.rings.summary.test_lineage import night as ringset

DAY = date(2016, 1, 1)


def test_the_example_holds():
    assert doctest.testmod(alpha_spending).failed == 0


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 400)), max_size=60),
    st.integers(1, 2000), st.floats(0.001, 0.5),
)  # fmt: skip
def test_no_365_days_spend_more_than_the_budget(gaps, foreseen, budget):
    past, day = [], DAY
    for gap, new in gaps:
        day += timedelta(1 + gap)
        past.append(spend_alpha(past, day, new, foreseen, budget))
    assert all(n.level >= 0 for n in past)
    for first in past:
        year = [n.level for n in past if first.day <= n.day < first.day + timedelta(365)]
        assert sum(year) <= budget * (1 + 1e-9)


def test_what_is_not_spent_is_there_and_old_nights_are_forgotten():
    assert spend_alpha([], DAY, 0, 100).level == 0.0
    spent = [Look(DAY, 100, 0.05)]
    assert spend_alpha(spent, DAY + timedelta(364), 50, 100).level == 0.0
    assert spend_alpha(spent, DAY + timedelta(365), 50, 100).level == pytest.approx(0.025)


@pytest.mark.parametrize(("new", "year", "budget"), [(-1, 10, 0.05), (1, 0, 0.05), (1, 10, 1.0)])
def test_impossible_accounts_are_refused(new, year, budget):
    with pytest.raises(SettingsError):
        spend_alpha([], DAY, new, year, budget)


def test_certified_stays_certified_while_it_is_there():
    from dataclasses import replace

    import pyarrow as pa

    from fraud_pipeline.schema.outputs import RINGS

    rows = [{"ring_id": r, "p_value": p} for r, p in (("R1", 0.001), ("R2", 0.02), ("R3", 0.5))]
    found = replace(ringset(), rings=pa.Table.from_pylist(rows, schema=RINGS.arrow))
    assert certified_rings(found, 0.002) == ["R1"]
    assert certified_rings(found, 0.0, ["R2", "GONE"]) == ["R2"]
