"""An honest market that falls into blocks certifies nothing and has no ring."""

import pytest

from fraud_pipeline import rings
from fraud_pipeline.rings.parameters import RingParameters
from tests.rings.block_markets import block_market


@pytest.mark.parametrize("seed", range(30))
def test_honest_blocks_are_no_rings(seed):
    claims, ties, about = block_market(seed)
    found = rings.find(ties, claims, RingParameters(null_samples=5))
    assert found.rings.num_rows == 0, about
