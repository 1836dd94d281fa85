"""The market test on any table: what it ranks first, and when it keeps quiet."""

import numpy as np
import pytest

from fraud_pipeline.pricing import market_outliers
from fraud_pipeline.pricing.forecast import CUT_ABOVE, CUT_BELOW, VARIANCE_LEFT, Earlier
from fraud_pipeline.pricing.peers import Side
from fraud_pipeline.pricing.rarity import rarity_of


def table(n=2000, seed=1):
    rng = np.random.default_rng(seed)
    item, seller = rng.integers(0, 20, n), rng.integers(0, 50, n)
    return item, seller, np.exp(item * 0.3 + rng.normal(0, 0.25, n)), rng


def column(found, name):
    return found[name].to_numpy(zero_copy_only=False).astype(float)


def test_planted_prices_rank_first_both_ways():
    item, seller, price, rng = table()
    planted = rng.choice(len(price), 20, replace=False)
    price[planted] *= np.where(np.arange(20) % 2, 6.0, 1 / 6.0)
    found = market_outliers(item, price, seller=seller)
    assert set(np.argsort(-column(found, "rarity"))[:20]) == set(planted)
    price[planted] *= np.where(np.arange(20) % 2, 30.0, 1 / 30.0)  # now far out
    assert (column(market_outliers(item, price, seller=seller), "q_value") <= 0.1).sum() >= 5


def test_a_house_dear_all_through_is_less_rare_than_one_odd_price():
    item, seller, price, _ = table()
    price[seller == 7] *= 3.0
    odd = int(np.flatnonzero(seller == 8)[0])
    price[odd] *= 3.0
    found = market_outliers(item, price, seller=seller)
    assert column(found, "rarity")[odd] > np.median(column(found, "rarity")[seller == 7])
    assert np.median(column(found, "seller_level")[seller == 7]) > 0.5


def test_a_discount_for_quantity_is_not_odd():
    item, _, price, rng = table()
    many = np.exp(rng.normal(3, 1.5, len(price)))
    cheaper = price * many**-0.3
    with_it = column(market_outliers(item, cheaper, quantity=many), "rarity")
    without = column(market_outliers(item, cheaper), "rarity")
    large = many > np.quantile(many, 0.98)
    assert with_it[large].mean() < without[large].mean()


def test_steps_of_a_tariff_are_no_alerts():
    price = np.r_[np.tile([280.0, 280, 280, 280, 140, 560], 60)]
    found = market_outliers(["fee"] * len(price), price)
    assert (column(found, "q_value") <= 0.1).sum() == 0


def test_honest_prices_of_heavy_tails_are_rarely_listed():
    rng = np.random.default_rng(5)
    price = np.exp(rng.standard_t(5, 4000))
    found = market_outliers(rng.integers(0, 40, 4000), price)
    assert (column(found, "q_value") <= 0.1).mean() < 0.01


def test_what_cannot_be_judged_stays_unknown_and_in_place():
    price = np.array([10.0] * 30 + [np.nan, -5.0, 0.0, np.inf])
    found = market_outliers(["a"] * 34, price)
    assert found.num_rows == 34
    assert np.isnan(column(found, "p_high")[30:]).all()
    assert not np.isnan(column(found, "p_high")[:30]).any()
    missing = market_outliers(
        ["a"] * 3, [1, 2, 3], date=np.array(["2017-01-01", "NaT", "2017-01-02"], "M8[D]")
    )
    assert np.isnan(column(missing, "n_peers")[1]) and column(missing, "n_peers")[2] == 1
    assert market_outliers([], []).num_rows == 0
    unnamed = market_outliers([*["a"] * 9, None], [10.0] * 10, seller=[None] * 9 + ["x"])
    assert column(unnamed, "n_peers")[:9].tolist() == [8.0] * 9
    assert np.isnan(column(unnamed, "n_peers")[9])


def test_later_rows_change_no_earlier_rarity():
    item, seller, price, rng = table(600)
    day = np.datetime64("2017-01-01") + rng.integers(0, 300, 600).astype("timedelta64[D]")
    early = day < np.datetime64("2017-06-01")
    alone = market_outliers(item[early], price[early], day[early], seller[early])
    whole = market_outliers(item, price, day, seller)
    np.testing.assert_allclose(column(whole, "rarity")[early], column(alone, "rarity"))


@pytest.mark.parametrize("seed", range(5))
def test_forecast_errors_agree_with_the_definition(seed):
    rng = np.random.default_rng(seed)
    n = 60
    day = rng.integers(0, 12, n)
    side = Side(day, day + rng.integers(0, 9, n), rng.integers(0, 5, n), rng.integers(0, 6, n),
                np.full(n, -1))  # fmt: skip
    service, error = rng.integers(0, 2, n), rng.normal(0, 0.2, n)
    earlier = Earlier(service, side)
    square, number = earlier.mean_square(error, np.full(n, 0.2)), earlier.number
    lean = earlier.lean(error, np.full(n, 0.2), 4.0)
    turns, weight = {}, np.zeros(n)
    for k in np.lexsort((np.arange(n), day)):
        key = (service[k], side.institution[k])
        turns[key] = turns.get(key, 0) + 1
        weight[k] = 1 / np.sqrt(turns[key])
    cut = np.clip(error / 0.2, -CUT_BELOW, CUT_ABOVE) * 0.2
    for row in range(n):
        peers = [k for k in range(n) if service[k] == service[row]
                 and day[k] <= day[row] < side.leaves[k]
                 and side.institution[k] != side.institution[row]
                 and side.enterprise[k] != side.enterprise[row]]  # fmt: skip
        if peers:
            w = weight[peers]
            assert square[row] == pytest.approx(
                (w * cut[peers] ** 2).sum() / VARIANCE_LEFT / w.sum(), abs=1e-6
            )
            assert number[row] == pytest.approx(w.sum() ** 2 / (w**2).sum(), rel=1e-6)
            assert earlier.n_institutions[row] == sum(weight[k] == 1 for k in peers)
            near = np.abs(error[peers]) < 2 * 0.2
            mean = (w * error[peers])[near].sum() / max(w[near].sum(), 1e-9)
            share = number[row] * w[near].sum() / w.sum()
            assert lean[row] == pytest.approx(mean * share / (share + 4.0), abs=1e-6)
        else:
            assert number[row] == 0


def test_rarity_of_an_only_row_is_unknown():
    side = Side(
        np.zeros(1, int), np.ones(1, int), np.zeros(1, int), np.zeros(1, int), np.array([-1])
    )
    assert np.isnan(rarity_of(np.zeros(1, int), np.zeros(1), side, None).rarity).all()


def test_a_row_without_a_price_is_ranked_by_its_amount():
    item, seller, price, rng = table()
    quantity = rng.integers(1, 5, len(price)).astype(float)
    amount = price * quantity
    price[:4] = np.nan
    amount[0], quantity[1], amount[1] = amount[0] * 500, quantity[1] * 900, np.nan
    without = market_outliers(item, price, seller=seller, quantity=quantity)
    assert np.isnan(column(without, "rarity")[[0, 2, 3]]).sum() == 0  # the quantity speaks
    found = market_outliers(item, price, seller=seller, quantity=quantity, amount=amount)
    rarity = column(found, "rarity")
    assert set(np.argsort(-rarity)[:2]) == {0, 1}
    assert np.isnan(column(found, "p_two_sided")[:4]).all()
    plain = market_outliers(item, price, seller=seller)
    assert np.isnan(column(plain, "rarity")[:4]).all()
    assert np.array_equal(column(plain, "p_high")[4:], column(found, "p_high")[4:])


def test_one_bad_date_or_number_stops_nothing_and_is_named():
    price = [10.0, 11.0, 9.0, 10.0, 10.0, 11.0, 9.0, 80.0, "1.234,56", None]
    days = ["2020-01-01"] * 6 + ["NA-01-01", "2020-02-01", "2020-02-01", None]
    result = market_outliers(["a"] * 10, price, days)
    reason = result["reason"].to_pylist()
    assert "NA-01-01" in reason[6] and "1.234,56" in reason[8] and "missing" in reason[9]
    assert reason[7] is None and result["p_high"][7].as_py() < 0.2


def test_a_reference_price_judges_a_row_without_peers():
    result = market_outliers(["a", "b"], [100.0, 900.0], reference_price=[100.0, 100.0])
    assert result["reason"].to_pylist() == [None, None]
    assert result["p_high"][1].as_py() < 0.05 < result["p_high"][0].as_py()
    alone = market_outliers(["a", "b"], [100.0, 900.0])
    assert all("too few" in r for r in alone["reason"].to_pylist())


def test_few_sellers_are_warned_of():
    with pytest.warns(UserWarning, match="sellers"):
        market_outliers(["a"] * 12, np.arange(10.0, 22.0), seller=["x", "y"] * 6)


def test_a_gap_that_hardly_any_row_has_is_as_odd_as_the_rarest_prices():
    rng = np.random.default_rng(4)
    price = np.exp(rng.normal(3.0, 0.3, 2000))
    price[::2], price[1] = (
        np.nan,
        np.nan,
    )  # half of one item's rows lack a price, one of the other's
    item = np.where(np.arange(2000) % 2 == 0, "often", "hardly")
    amount = np.where(np.isnan(price), 50.0, price)
    rarity = market_outliers(item, price, amount=amount)["rarity"].to_numpy()
    assert np.mean(rarity[3::2] > rarity[1]) < 0.02
    assert rarity[0] < np.nanmedian(rarity[3::2]) + 0.1


def test_a_price_that_only_its_seller_finds_odd_is_rarer():
    """The item is many things: each seller keeps to its own price, and others take anything."""
    rng = np.random.default_rng(4)
    seller = np.repeat(np.arange(40), 25)
    price = np.exp(rng.normal(0, 1.5, 40))[seller] * np.exp(rng.normal(0, 0.05, 1000)) * 100
    odd = np.arange(0, 1000, 50)
    price[odd] *= 4
    rarity = column(market_outliers(["a"] * 1000, price, seller=seller), "rarity")
    assert np.isin(np.argsort(-rarity)[:40], odd).sum() >= 12
    without = column(market_outliers(["a"] * 1000, price), "rarity")
    assert np.isin(np.argsort(-without)[:40], odd).sum() <= 6
