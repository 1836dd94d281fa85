"""A kind of a service that no column names is told apart from overpricing."""

import numpy as np
import pytest

from fraud_pipeline.pricing import variants

N_INSTITUTIONS, EACH = 20, 30
HIGHEST = float(np.log(4.0))


@pytest.fixture
def market():
    """Log ratios of one service, its institutions and which claims stand at 2.7 times the market."""
    rng = np.random.default_rng(5)
    institution = np.repeat(np.arange(N_INSTITUTIONS), EACH)
    return rng.normal(0.0, 0.12, len(institution)), institution, rng


def found(residual, institution, trusted=None):
    n = len(residual)
    trusted = np.ones(n, dtype=bool) if trusted is None else trusted
    return variants.find(residual, np.full(n, 0.12), 30.0, np.zeros(n, dtype=np.int64), institution,
                         trusted, HIGHEST)  # fmt: skip


def test_a_kind_that_all_institutions_sell_is_part_of_honest_prices(market):
    residual, institution, _ = market
    dear = np.arange(len(residual)) % 10 == 0  # a tenth of each institution's claims
    residual[dear] += 1.0
    kinds = found(residual, institution)
    assert kinds.share[0, 0] == pytest.approx(0.1, abs=0.02)
    assert kinds.offset[0, 0] == pytest.approx(1.0, abs=0.06) and kinds.share[0, 1] == 0.0
    p = kinds.tail(residual, np.full(len(residual), 0.12), 30.0, np.zeros(len(residual), dtype=int))
    assert np.median(p[dear]) > 0.03  # without the kind 1e-8


def test_dear_claims_of_few_institutions_are_no_kind(market):
    residual, institution, _ = market
    residual[institution < 2] += 1.0  # as many claims, all of two institutions
    assert not found(residual, institution).share.any()


def test_excesses_of_every_size_are_no_kind(market):
    residual, institution, rng = market
    over = np.arange(len(residual)) % 20 == 0
    residual[over] += rng.uniform(0.4, 1.3, over.sum())
    assert not found(residual, institution).share.any()


def test_claims_of_suspected_rings_have_no_say(market):
    residual, institution, _ = market
    ring = np.arange(len(residual)) % 10 == 0
    residual[ring] += 1.0
    assert not found(residual, institution, ~ring).share.any()


def test_an_ordinary_market_has_no_further_kind(market):
    residual, institution, _ = market
    assert not found(residual, institution).share.any()
