"""An honest market that falls into blocks certifies nothing and has no ring."""

import numpy as np
import pytest

from benchmarks._block_markets import block_market
from fraud_pipeline import rings
from fraud_pipeline.rings.graph.parties import build
from fraud_pipeline.rings.parameters import RingParameters
from tests.rings.worlds import claims_of, market

SETTINGS = RingParameters(null_samples=5)
MARKETS = {seed: block_market(seed) for seed in range(36)}


def test_the_markets_are_of_many_kinds():
    about = [about for _, _, about in MARKETS.values()]
    assert {market["register"] for market in about} == {False, True}
    assert {market["blocks"] for market in about} >= {2, 3, 4, 5, 6, 7, 8}
    assert sum(market["register"] and market["own"] < 0.65 for market in about) >= 5


@pytest.mark.parametrize("seed", MARKETS)
def test_honest_blocks_are_no_rings(seed):
    claims, ties, about = MARKETS[seed]
    found = rings.find(ties, claims, SETTINGS)
    assert found.rings.num_rows == 0, about


def segments_of(claims, ties=None):
    parties = build(ties, claims, SETTINGS)  # the null model already knows the segments
    return parties, parties.graph.enterprise_region


@pytest.mark.parametrize("seed", [s for s in MARKETS if MARKETS[s][2]["own"] >= 0.85])
def test_blocks_are_found_where_there_are_any(seed):
    claims, ties, about = MARKETS[seed]
    parties, segment = segments_of(claims, ties)
    home = np.array(
        [int(e[1:]) % about["blocks"] for e in parties.ids[: parties.graph.n_enterprises]]
    )
    pure = sum(np.bincount(home[segment == s]).max() for s in np.unique(segment))
    assert pure >= 0.75 * segment.size


@pytest.mark.parametrize("seed", range(8))
def test_a_market_of_one_piece_is_one_segment(seed):
    assert set(segments_of(claims_of(market(seed, n_claims=700)))[1]) == {0}
