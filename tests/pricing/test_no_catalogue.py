"""Services no catalogue knows: an honest project far above the middle is not an alert."""

import numpy as np
import pytest

from benchmarks._pricing_null import KINDS, null_figures
from fraud_pipeline.settings import PricingSettings

LEVEL = 0.1  # alerts are at q <= 0.1, so at most a tenth of markets without overpricing has one


@pytest.fixture(scope="module", params=[80, pytest.param(250, marks=pytest.mark.long)])
def n_markets(request):
    """Markets of each kind."""
    return request.param


@pytest.fixture(scope="module")
def figures(n_markets):
    return {
        name: null_figures(kind, n_markets, 11, PricingSettings()) for name, kind in KINDS.items()
    }


@pytest.mark.parametrize("name", KINDS)
def test_markets_without_overpricing_rarely_have_an_alert(figures, n_markets, name):
    slack = 2 * np.sqrt(LEVEL * (1 - LEVEL) / n_markets)
    assert figures[name][0] <= LEVEL + slack


@pytest.mark.parametrize("name", KINDS)
def test_far_tails_are_no_fatter_than_said(figures, name):
    p_value = figures[name][1]
    for level in (0.002, 0.005, 0.01):
        slack = 3 * np.sqrt(level / len(p_value))
        assert (p_value <= level).mean() <= 1.5 * level + slack


def test_the_tail_is_not_simply_cut_off(figures):
    p_value = np.concatenate([p for _, p in figures.values()])
    assert (p_value <= 0.01).mean() >= 0.006
    assert (p_value <= 0.1).mean() >= 0.085
