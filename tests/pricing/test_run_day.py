"""The view of the day of the run: institutions, queues and words."""

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import pricing
from fraud_pipeline.pricing.evidence import running_mean, with_group
from fraud_pipeline.pricing.hedonic import shrunk_effects, variance_component
from fraud_pipeline.pricing.run_day import TAIL_CLAIMS, honest_tail
from fraud_pipeline.settings import PricingSettings
from tests.pricing.test_judge import honest, numbers, world

SETTINGS = PricingSettings()


def programme(seed=3, n=600, sellers=30):
    """Honest prices; institution k % sellers has claim k."""
    prices = honest(n, seed)
    institution = [f"I{k % sellers}" for k in range(n)]
    return prices, institution


def results_of(prices, institution, **columns):
    tables = world(prices, n_institutions=30, institution_id=institution, **columns)
    return pricing.judge(tables, SETTINGS)


def test_an_institution_that_overprices_is_found_where_one_claim_of_it_is_not():
    prices, institution = programme()
    dear = np.flatnonzero(np.array(institution) == "I4")
    prices[dear] *= 2
    alone = prices.copy()
    alone[dear[1:]] /= 2
    all_of_it = results_of(prices, institution)
    one = results_of(alone, institution)
    assert np.median(numbers(all_of_it, "local_fdr")[dear]) < 0.1
    assert numbers(one, "local_fdr")[dear[0]] > numbers(all_of_it, "local_fdr")[dear[0]] + 0.1
    sentence = all_of_it["institution_zh"][int(dear[0])].as_py()
    assert "该机构其余 19 笔" in sentence and " 1.9 倍" in sentence
    assert "charges its other clients" in all_of_it["institution_en"][int(dear[0])].as_py()


def test_a_price_beyond_the_queue_ratio_is_asked_about_and_costs_no_discovery():
    prices, institution = programme()
    before = numbers(results_of(prices, institution), "q_value")
    prices[7] *= 40
    result = results_of(prices, institution)
    assert result["price_queue"][7].as_py() == "quantity_unit_or_split"
    assert np.isnan(numbers(result, "q_value")[7])
    others = np.delete(np.arange(len(prices)), 7)
    assert numbers(result, "q_value")[others] == pytest.approx(before[others], abs=0.05)
    assert "拆分合同" in result["basis_zh"][7].as_py()


def test_one_slip_does_not_poison_a_cell():
    prices, institution = programme()
    prices[0] *= 1e-4
    middle = numbers(results_of(prices, institution), "market_mid")
    assert middle[1:] == pytest.approx(1500, rel=0.15)


@pytest.mark.parametrize("seed", range(3))
def test_an_honest_programme_has_few_alerts(seed):
    prices, institution = programme(seed)
    assert (numbers(results_of(prices, institution), "q_value") <= 0.1).sum() <= 2


def test_titles_that_differ_by_a_word_or_a_numeral_are_not_one():
    prices, institution = programme()
    title = np.where(np.arange(600) % 3 == 0, "国内外科技查新", "国内科技查新")
    prices[title == "国内外科技查新"] *= 1.7
    result = results_of(prices, institution, service_title=pa.array(title.tolist()))
    assert (numbers(result, "q_value") <= 0.1).sum() <= 2
    assert numbers(result, "market_mid")[0] == pytest.approx(2550, rel=0.1)


def test_the_view_is_named_and_one_claim_alone_has_that_of_its_own_day():
    prices, institution = programme(n=120)
    tables = world(prices, n_institutions=30, institution_id=institution)
    run = pricing.judge(tables, SETTINGS)
    one = pricing.judge(tables, SETTINGS, only=pa.array(["C00007"]))
    assert set(run["view"].to_pylist()) == {"run_day"} and one["view"].to_pylist() == ["claim_day"]
    same = [c for c in run.column_names if c.startswith("claim_day_")]
    assert one.select(same).to_pylist() == run.slice(7, 1).select(same).to_pylist()
    assert one["q_value"][0].as_py() is None


def test_the_running_mean_is_the_share_of_false_alerts():
    local = np.array([0.5, 0.1, np.nan, 0.3])
    assert running_mean(local, np.zeros(4))[[1, 3, 0]] == pytest.approx([0.1, 0.2, 0.3])
    assert running_mean(local, np.array([0, 1, 0, 1]))[[0, 1, 3]] == pytest.approx([0.5, 0.1, 0.2])


def test_a_group_whose_others_are_out_of_line_raises_the_odds():
    odds = np.full(200, -4.0)
    bayes = np.full(200, -2.0)
    ring = np.repeat(np.arange(50), 4)
    bayes[:16] = 6.0  # four rings
    bayes[0] = 0.0
    raised = with_group(odds, bayes, ring, ring)
    assert raised[0] > odds[0] + 1 and raised[100] < odds[100] + 0.5


def test_effects_of_a_family_that_tells_nothing_are_shrunk_away():
    rng = np.random.default_rng(0)
    cell = rng.integers(0, 40, 4000)
    noise = rng.normal(0, 0.2, 4000)
    nothing, tau = shrunk_effects(noise, np.full(4000, 25.0), cell)
    assert tau < 0.02 and np.abs(nothing).max() < 0.02
    true = rng.normal(0, 0.3, 40)
    effects, tau = shrunk_effects(noise + true[cell], np.full(4000, 25.0), cell)
    assert tau == pytest.approx(0.3, rel=0.3) and np.corrcoef(effects, true)[0, 1] > 0.99


def test_the_variance_component_is_not_moved_by_one_wild_cell():
    rng = np.random.default_rng(1)
    mean, variance = rng.normal(0, 0.1, 60), np.full(60, 1e-4)
    plain = variance_component(mean, variance)
    mean[0] = 9.0
    assert variance_component(mean, variance) < 1.4 * plain


def test_sure_claims_do_not_pay_for_one_that_is_likely_honest():
    local = np.array([0.0] * 99 + [0.9])
    assert running_mean(local, np.zeros(100))[-1] == pytest.approx(0.9)


@pytest.mark.parametrize(("spread", "level"), [(0.3, 0.6), (0.45, 0.5)])
def test_one_dear_institution_among_institutions_that_differ_is_no_proof(spread, level):
    """Levels between .67 and 1.5 times the market, and one further out whose claims vary."""
    rng = np.random.default_rng(5)
    prices, institution = programme(n=900)
    number = np.arange(900) % 30
    levels = np.linspace(-0.4, 0.4, 30)
    levels[4] = level
    prices *= np.exp(levels[number] + rng.normal(0, np.where(number == 4, spread, 0.1)))
    assert (numbers(results_of(prices, institution), "q_value") <= 0.1).sum() <= 2


ONE = np.zeros(4, dtype=np.int64)  # all claims of one service


def test_a_p_value_counts_the_honest_claims_of_the_service_that_are_as_dear():
    score, tail = np.array([3.0, 2.0, 2.0, 1.0]), np.array([0.01, 0.02, 0.02, 0.2])
    honest = np.array([1.0, 0.5, np.nan, 1.0])
    p_value = honest_tail(score, tail, honest, ONE)
    # the others: how many as dear, of how many
    as_dear, of = np.array([0.0, 1.0, 1.5, 1.5]), np.array([1.5, 2.0, 2.5, 1.5])
    expected = (as_dear + TAIL_CLAIMS * tail) / (of + TAIL_CLAIMS)
    assert p_value[1:] == pytest.approx(expected[1:])
    assert p_value[0] == pytest.approx(0.01)  # none as dear: the t distribution


def test_a_p_value_knows_its_own_service_only():
    score, tail = np.array([1.0, 2.0, 3.0, 4.0]), np.full(4, 0.1)
    p_value = honest_tail(score, tail, np.ones(4), np.array([1, 0, 1, 0]))
    as_dear = np.array([1.0, 1.0, 0.0, 0.0])
    expected = (as_dear + TAIL_CLAIMS * 0.1) / (1 + TAIL_CLAIMS)
    assert p_value == pytest.approx(np.where(as_dear > 0, expected, 0.1))


def test_no_dearer_claim_makes_a_p_value_no_smaller_than_one_claim_in_so_many():
    tail = np.array([0.4, 0.001])
    p_value = honest_tail(np.array([1.0, 2.0]), tail, np.array([1.0, 99.0]), ONE[:2])
    assert p_value[1] == pytest.approx(0.001)  # the t distribution: one in two is no observation
    many = honest_tail(np.r_[np.zeros(999), 9.0], np.r_[np.full(999, 0.4), 0.03], np.ones(1000),
                       np.zeros(1000, dtype=np.int64))  # fmt: skip
    assert many[-1] == pytest.approx(1 / 1000)
    assert many[0] == 0.5  # above the middle all the same


def test_below_the_middle_sham_prices_do_not_hide_one_another():
    tail = np.array([0.3, 1 - 1e-9, 1 - 1e-9, 1 - 1e-9])
    p_value = honest_tail(np.array([1.0, -9.0, -9.0, -9.0]), tail, np.ones(4), ONE)
    assert (p_value[1:] == tail[1:]).all()
