"""The total over rounds: exact on small figures, its slope, and what few finds may claim."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gamma

from fraud_pipeline.audit.total import AuditSample, slopes, total_interval


def sample(pi, size, expected, drawn):
    return AuditSample.of(*(np.asarray(v, float) for v in (pi, size, expected)), np.asarray(drawn))


def test_the_sums_over_the_list_leave_certain_claims_out():
    one = sample([1.0, 0.5, 0.25], [9.0, 2.0, 4.0], [7.0, 1.0, 3.0], [0, 2])
    assert one.expected_total == 4.0
    assert one.size_total == 6.0
    assert one.weight_total == 2.0**2 * 1.0 + 4.0**2 * 3.0
    assert one.open.tolist() == [False, True]


def test_few_draws_are_weighted_up_without_a_slope():
    one = sample([1.0] + [0.5] * 8, [3.0] * 9, [1.0] * 9, range(5))
    interval = total_interval([one], [np.array([2.0, 3.0, 0.0, 0.0, 0.0])], 27.0, 0.95)
    # what is certain counts once; a claim of probability 1/2 stands for two
    assert interval.estimate == 2.0 + 3.0 / 0.5


def test_without_a_find_the_upper_end_is_one_find_of_the_lists_weight():
    one = sample([0.5] * 40, [2.0] * 40, [0.0] * 40, range(20))
    interval = total_interval([one], [np.zeros(20)], 1_000.0, 0.95)
    weight = 2.0  # 2^2 (1 / 0.5 - 1) / 2
    assert (interval.estimate, interval.low) == (0.0, 0.0)
    assert interval.high == pytest.approx(weight * gamma.ppf(0.975, 1.0))


def test_bounds_of_equal_finds_are_those_of_a_scaled_poisson_count():
    found = np.zeros(20)
    found[:6] = 1.0
    one = sample([0.5] * 40, [1.0] * 40, [0.0] * 40, range(20))
    interval = total_interval([one], [found], 40.0, 0.95)
    # of fixed size: (m / (m - 1)) (1 - pi) of the squared differences; of independent draws 12
    variance = max(0.5 * 20 / 19 * (6 * 1.4**2 + 14 * 0.6**2), 6 * 0.5 * 4.0)
    weight = variance / 12.0 / 2.0 + 1.0 / 2.0  # six finds count as much as the list's six
    assert interval.low == pytest.approx(max(weight * gamma.ppf(0.025, 12.0 / weight), 6.0))
    assert interval.high == pytest.approx(weight * gamma.ppf(0.975, 12.0 / weight + 0.75))


def test_a_perfect_model_leaves_no_error_and_a_useless_one_no_slope():
    rng = np.random.default_rng(3)
    pi, size = np.full(2_000, 0.2), np.ones(2_000)
    improper = (rng.random(2_000) < 0.3).astype(float)
    at = np.flatnonzero(rng.random(2_000) < 0.2)
    perfect = AuditSample.of(pi, size, improper, at)
    assert slopes([perfect], [improper[at]]) == pytest.approx(np.ones(len(at)))
    interval = total_interval([perfect], [improper[at]], 2_000.0, 0.95)
    assert interval.estimate == pytest.approx(improper.sum())
    plain = total_interval([AuditSample.of(pi, size, 0 * size, at)], [improper[at]], 2_000.0, 0.95)
    assert interval.high - interval.low < 0.3 * (plain.high - plain.low)
    against = AuditSample.of(pi, size, 1.0 - improper, at)
    assert (slopes([against], [improper[at]]) == 0.0).all()


def test_a_slope_is_fitted_on_other_draws_than_those_it_is_used_on():
    one = sample([0.5] * 60, [1.0] * 60, [1.0] * 60, range(30))
    found = np.zeros(30)
    found[::5] = 1.0  # the first of five folds alone
    slope = slopes([one], [found])
    assert slope[::5] == pytest.approx(0.0)
    assert slope[1::5] == pytest.approx(6 / 24)
    assert (
        slopes([sample([0.5] * 60, [1.0] * 60, [1.0] * 60, range(29))], [found[:29]]) == 0
    ).all()
    assert slopes([one], [10.0 * np.ones(30)]).max() == 2.0


def test_the_interval_stays_between_what_was_found_and_what_there_is():
    one = sample([0.9] * 10, [1.0] * 10, [0.0] * 10, range(9))
    interval = total_interval([one], [np.ones(9)], 10.0, 0.95)
    assert interval.low >= 9.0
    assert interval.high == 10.0


def test_rounds_add_up_to_more_precision_than_each():
    rng = np.random.default_rng(8)
    pi, size = np.full(1_000, 0.1), np.ones(1_000)
    rounds, found = [], []
    for _ in range(4):
        improper = (rng.random(1_000) < 0.1).astype(float)
        at = np.flatnonzero(rng.random(1_000) < 0.1)
        rounds.append(AuditSample.of(pi, size, 0.1 * size, at))
        found.append(improper[at])
    together = total_interval(rounds, found, 4_000.0, 0.95)
    singly = [total_interval([r], [y], 1_000.0, 0.95) for r, y in zip(rounds, found, strict=True)]
    mean = np.mean([i.high - i.low for i in singly])
    assert (together.high - together.low) / 4.0 == pytest.approx(mean / 2.0, rel=0.15)
