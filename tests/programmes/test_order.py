"""In which order checks are begun: none after its turn, and the long ones early, one at a time."""

import importlib
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fraud_pipeline.programmes.checks import CHECKS

evaluating = importlib.import_module("fraud_pipeline.programmes.evaluate")


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_long_checks_are_begun_before_the_short_ones_told_before_them(long):
    checks = [replace(CHECKS[0], code=f"X{n:02}", long=flag) for n, flag in enumerate(long)]
    begun = evaluating._begun(checks)
    assert sorted(begun, key=lambda c: c.code) == checks
    place = {check.code: n for n, check in enumerate(begun)}
    # four may be begun and untold: a check one place behind its turn is always among them
    assert all(place[check.code] <= n + 1 for n, check in enumerate(checks))
    told = 0  # checks that must have been told before the next long one
    for n, check in enumerate(checks):
        if check.long:
            assert place[check.code] == told
            told = n + 1


def test_the_two_that_take_longest_are_long():
    assert {check.code for check in CHECKS if check.long} == {"T01", "T16"}
