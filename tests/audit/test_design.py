"""What a design starts from: the spread of what each audit may find, against simulation."""

from dataclasses import replace
from importlib import import_module
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline.audit.allocation import GREEDIEST
from fraud_pipeline.audit.design import (
    audits_within,
    design,
    problem_of,
)
from fraud_pipeline.audit.floors import floors_of
from fraud_pipeline.audit.limits import Group, Load
from fraud_pipeline.audit.population import Population
from fraud_pipeline.errors import InputError
from fraud_pipeline.settings import AuditSettings

SETTINGS = AuditSettings(target_half_width=1.0)

AMOUNT = np.array([1_000.0, 20_000.0, 300.0, 50_000.0])
RISK = np.array([0.5, 0.2, 0.4, 0.05])
SEVERITY = np.array([1.0, 0.5, 0.8, 0.3])


def spreads(amount, risk, loss, **method):
    problem = problem_of(amount, risk, loss, np.full(len(amount), 0.01), **method)
    return problem.rates.money.spread, problem.benefit * problem.loss_unit


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


def test_fen_are_treated_as_yuan_are():
    """The spread grows with the unit of money, however small the amounts."""
    loss = RISK * SEVERITY * AMOUNT
    found, _ = spreads(AMOUNT, RISK, loss, blind_spot_prob=0.0)
    tiny, _ = spreads(AMOUNT * 1e-6, RISK, loss * 1e-6, blind_spot_prob=0.0)
    assert tiny == pytest.approx(found * 1e-6)


def test_losses_beyond_the_amounts_and_no_money_at_all_still_give_a_problem():
    found, _ = spreads(np.array([10.0, 10.0]), np.array([1.0, 1.0]), np.array([30.0, 30.0]))
    assert found == pytest.approx(10 * np.sqrt([0.5, 0.5]))  # nothing is believed beyond a half
    zero = problem_of(np.zeros(2), np.zeros(2), np.zeros(2), np.full(2, 0.01))
    assert np.isfinite(zero.spread).all() and (zero.spread > 0).all()


def test_a_claim_is_taken_to_be_no_surer_than_a_half_when_precision_is_planned():
    """A model certain of everything leaves each claim as uncertain as a coin."""
    amount = np.array([100.0, 200.0, 400.0])
    certain = problem_of(amount, np.ones(3), 0.0 * amount + 50.0, np.full(3, 0.01))
    half = problem_of(amount, np.full(3, 0.5), 0.0 * amount + 50.0, np.full(3, 0.01))
    assert certain.rates.claims.spread == pytest.approx(np.sqrt([0.5] * 3))
    assert half.rates.claims.spread == pytest.approx([0.5] * 3)


def test_the_spread_of_a_plan_is_that_of_both_rates_together():
    loss = RISK * SEVERITY * AMOUNT
    problem = problem_of(AMOUNT, RISK, loss, np.full(4, 0.01), blind_spot_prob=0.0)
    rate = RISK.mean()
    claims = np.sqrt(RISK * (1 - rate) ** 2 + (1 - RISK) * rate**2)
    assert problem.rates.claims.spread == pytest.approx(claims)
    both = np.hypot(problem.rates.money.spread / AMOUNT.sum(), claims / 4)
    assert problem.spread / problem.spread[0] == pytest.approx(both / both[0])


def test_small_claims_are_not_left_to_the_floor():
    """A plan for the money alone would give 900 small claims hardly more than the floor."""
    rng = np.random.default_rng(5)
    amount = np.where(np.arange(1_000) < 900, 1_000.0, 50_000.0)
    risk = rng.beta(1, 12, 1_000)
    claims = Population(
        pa.table({"claim_id": [f"C{k:04d}" for k in range(1_000)]}), risk, risk * amount, amount,
        np.ones(1_000, dtype=bool), np.zeros(1_000, dtype=bool), np.zeros((1_000, 3), dtype=bool),
    )  # fmt: skip
    made = design(claims, AuditSettings(), 200, 0)
    floor = made.floors.all[:900].sum()
    assert made.probabilities[:900].sum() > 2 * floor
    assert made.precision.widths.claims < 0.12


def claims_of(n=60, seed=1):
    """Claims of one enterprise each, with risks and amounts of many sizes."""
    rng = np.random.default_rng(seed)
    amount = np.round(np.exp(rng.normal(9, 1, n)), 2)
    risk = rng.beta(1, 5, n)
    none = np.zeros(n, dtype=bool)
    return Population(
        pa.table({"claim_id": [f"C{k:03d}" for k in range(n)]}), risk, risk * amount * 0.7, amount,
        np.ones(n, dtype=bool), none, np.zeros((n, 3), dtype=bool),
    )  # fmt: skip


class Recorded(Load):
    """A load that notes for how many parts of the draw its days are asked."""

    asked: ClassVar[list[int]] = []

    def day_budget(self, n_parts):
        self.asked.append(n_parts)
        return super().day_budget(n_parts)


def days_for(claims, seed=2, low=1.0, high=3.0):
    return np.random.default_rng(seed).uniform(low, high, len(claims))


def test_without_limits_all_audits_are_drawn():
    made = design(claims_of(), SETTINGS, 12, 0)
    assert made.n == 12 and made.probabilities.sum() == pytest.approx(12)
    assert [part.name for part in made.parts] == ["all"]


@pytest.mark.parametrize(("covered", "n_parts"), [(0, 1), (1, 2), (3, 2)])
def test_days_are_kept_back_for_each_part_of_the_draw(covered, n_parts):
    claims = claims_of()
    load = Recorded(days_for(claims), 40.0)
    Recorded.asked.clear()
    made = design(claims, SETTINGS, 30, covered, load)
    assert set(Recorded.asked) == {n_parts}
    budget = Load(load.days, load.most_days).day_budget(n_parts)
    spent = float(load.days @ made.probabilities)
    assert 0.95 * budget <= spent <= budget
    assert made.n < 30  # fewer than asked for, as the days do not allow more
    Recorded.asked.clear()
    audits_within(claims, SETTINGS, load, covered)
    assert set(Recorded.asked) == {n_parts}


def test_days_that_a_limit_moves_to_dearer_claims_are_found_elsewhere():
    """Cheap claims are limited; the audits go to dear ones, and days are planned anew."""
    tried = 0
    for seed in range(12):
        claims = claims_of(seed=seed)
        days = np.where(
            np.arange(60) < 30, days_for(claims, seed, 0.5, 1.0), days_for(claims, seed, 1, 4)
        )
        group = Group("region A", np.arange(30), 4.0)
        load = Load(
            days, 26.0, (group,), places=tuple("A/I" if k < 30 else "B/I" for k in range(60))
        )
        try:
            made = design(claims, SETTINGS, 14, 0, load)
        except InputError as refused:
            assert "do not fit into 26 auditor-days" in str(refused)
            continue
        tried += 1
        spent = float(days @ made.probabilities)
        assert spent <= load.day_budget(1)
        assert made.probabilities[:30].sum() <= 4.0
        assert made.n == 14
    assert tried >= 6


def test_limits_and_days_that_exclude_each_other_are_refused_with_the_days():
    claims = claims_of()
    days = np.where(np.arange(60) < 30, 0.5, 4.0)
    load = Load(days, 20.0, (Group("region A", np.arange(30), 2.0),), places=("A/I",) * 60)
    with pytest.raises(InputError, match="do not fit into 20 auditor-days"):
        design(claims, SETTINGS, 20, 0, load)


@pytest.mark.parametrize(("met", "target", "wanted"), [(True, 1.0, True), (False, 1.0, False),
                                                       (True, 1e-6, False)])  # fmt: skip
def test_precision_is_met_when_it_was_promised_and_the_final_design_keeps_it(
    monkeypatch, met, target, wanted
):
    module = import_module("fraud_pipeline.audit.design")  # the package has a function so called
    real = module.choose_precision
    monkeypatch.setattr(module, "choose_precision", lambda *a: replace(real(*a), met=met))
    settings = AuditSettings(target_half_width=target)
    assert design(claims_of(), settings, 12, 0).precision.met is wanted


def test_without_days_every_claim_can_be_audited():
    assert audits_within(claims_of(), SETTINGS, Load(), 0) == 60


def test_days_for_one_audit_are_the_least_that_is_accepted():
    claims = claims_of()
    same = np.full(60, 2.0)
    with pytest.raises(InputError, match="2 auditor-days are too few"):
        audits_within(claims, SETTINGS, Load(same, 2.0), 0)
    assert audits_within(claims, SETTINGS, Load(same, 2.1), 0) == 1
    mixed = np.where(np.arange(60) == 0, 4.0, 1.0)
    assert audits_within(claims, SETTINGS, Load(mixed, 5.5), 0) >= 1  # 2.5 to plan: less than 4
    assert audits_within(claims, SETTINGS, Load(same, 120.0), 0) == 60
    assert audits_within(claims, SETTINGS, Load(same, 119.0), 0) == 59
    assert audits_within(claims, SETTINGS, Load(same, 118.0), 0) == 59


@pytest.mark.parametrize("most_days", [12.0, 30.0, 70.0])
def test_the_floors_of_as_many_audits_as_the_days_allow_on_average_are_kept(most_days):
    claims = claims_of()
    load = Load(days_for(claims), most_days)
    settings = AuditSettings(random_share=0.6, amount_share=0.3)
    most = load.day_budget(1)
    n = max(int(most / load.days.mean()), 1)
    floor = floors_of(claims, n, settings).all
    problem = problem_of(claims.amount, claims.risk, claims.loss, floor)
    pi = replace(problem, cost=load.days).probabilities(most, GREEDIEST)
    assert audits_within(claims, settings, load, 0) == int(pi.sum() + 1e-6)
