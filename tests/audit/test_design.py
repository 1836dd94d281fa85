"""What a design starts from: the spread of what each audit may find, against simulation."""

import numpy as np
import pytest

from fraud_pipeline.audit.design import problem_of
from fraud_pipeline.settings import AuditSettings

AMOUNT = np.array([1_000.0, 20_000.0, 300.0, 50_000.0])
RISK = np.array([0.5, 0.2, 0.9, 0.05])
SEVERITY = np.array([1.0, 0.5, 0.8, 0.3])


def spreads(amount, risk, loss, **settings):
    problem = problem_of(amount, risk, loss, np.full(len(amount), 0.01), AuditSettings(**settings))
    return problem.spread * problem.spread_unit, problem.benefit * problem.loss_unit


def test_the_spread_is_that_of_the_residual_of_the_ratio_estimate():
    """E (y - R x)^2 with y = severity x amount at probability risk, else nothing."""
    loss = RISK * SEVERITY * AMOUNT
    rate = loss.sum() / AMOUNT.sum()
    found, benefit = spreads(AMOUNT, RISK, loss, blind_spot_prob=0.0)
    with_loss = (SEVERITY * AMOUNT - rate * AMOUNT) ** 2
    wanted = np.sqrt(RISK * with_loss + (1 - RISK) * (rate * AMOUNT) ** 2)
    assert found == pytest.approx(wanted)
    assert benefit == pytest.approx(loss)


def test_a_blind_spot_has_at_least_the_settings_probability_of_a_loss():
    loss = RISK * SEVERITY * AMOUNT
    low, _ = spreads(AMOUNT, RISK, loss, blind_spot_prob=0.0)
    high, _ = spreads(AMOUNT, RISK, loss, blind_spot_prob=0.3)
    assert (high[[1, 3]] > low[[1, 3]]).all()
    assert high[[0, 2]] == pytest.approx(low[[0, 2]])
    rate = loss.sum() / AMOUNT.sum()
    wanted = AMOUNT[3] * np.sqrt(0.3 * (0.3 - rate) ** 2 + 0.7 * rate**2)
    assert high[3] == pytest.approx(wanted)


def test_a_claim_without_money_at_stake_is_taken_for_a_whole_loss():
    """Severity is one where risk or amount is nought, and never more than one."""
    amount, risk = np.array([100.0, 100.0, 100.0]), np.array([0.0, 0.2, 0.2])
    loss = np.array([0.0, 100.0, 10.0])  # the second expects more than is claimed at its risk
    found, _ = spreads(amount, risk, loss, blind_spot_prob=0.1)
    rate = 110.0 / 300.0
    wanted = [
        100 * np.sqrt(p * (s - rate) ** 2 + (1 - p) * rate**2)
        for p, s in ((0.1, 1.0), (0.2, 1.0), (0.2, 0.5))
    ]
    assert found == pytest.approx(wanted)


def test_losses_beyond_the_amounts_and_no_money_at_all_still_give_a_problem():
    found, _ = spreads(np.array([10.0, 10.0]), np.array([1.0, 1.0]), np.array([30.0, 30.0]))
    assert found == pytest.approx([0.0, 0.0], abs=0.02)  # all is lost for certain: lifted, tiny
    found, _ = spreads(np.zeros(2), np.zeros(2), np.zeros(2))
    assert np.isfinite(found).all() and (found > 0).all()
