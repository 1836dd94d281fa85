"""Which claims may stand as comparables of a claim: known on its day, and not found against."""

import numpy as np

from fraud_pipeline.pricing.comparables import nearest

NEVER = 10**6


def comparables(day, bad_day=None, log_quantity=None, clean=None, most=5):
    """Rows of one group, each of its own institution and enterprise and of no ring."""
    n = len(day)
    sides = np.arange(n), np.arange(n), np.full(n, -1)
    found = nearest(
        [np.zeros(n, np.int64)], np.array(day, np.int64),
        np.zeros(n) if log_quantity is None else np.array(log_quantity, float), sides,
        np.ones(n, bool) if clean is None else np.array(clean),
        np.full(n, NEVER) if bad_day is None else np.array(bad_day, np.int64), most,
    )  # fmt: skip
    return [[int(k) for k in row if k >= 0] for row in found]


def test_claims_of_the_same_day_are_comparables_of_each_other_and_later_ones_are_not():
    first, second, later = comparables([10, 10, 11])
    assert first == [1] and second == [0]
    assert sorted(later) == [0, 1]


def test_what_was_found_against_on_the_claims_own_day_is_none():
    """The verdict of a day is known on that day: the first row's falls the day before,
    on and the day after the last row is submitted."""
    for verdict, wanted in ((19, []), (20, []), (21, [0])):
        assert comparables([10, 20], [verdict, NEVER])[1] == wanted


def test_the_nearest_quantity_and_day_come_first():
    """Distance: one unit of log quantity weighs as much as a year."""
    rows = comparables([0, 365, 700, 731], log_quantity=[0.1, 0.0, 3.0, 0.0], most=2)
    assert rows[3] == [1, 0]  # 366/365.25 years; then 2 years and 0.1; the third is 3 apart


def test_a_claim_that_is_not_clean_is_never_shown():
    assert comparables([1, 2, 3], clean=[True, False, True])[2] == [0]
