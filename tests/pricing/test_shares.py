"""Groups are worked on in shares: none is left out, none comes twice, none is parted."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline.pricing import shares


@settings(deadline=None)  # threads start when the machine lets them
@given(st.lists(st.integers(0, 5000), max_size=60))
def test_every_group_is_worked_on_once(sizes):
    starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    seen = np.zeros(len(sizes), dtype=np.int64)

    def work(groups):
        seen[groups] += 1

    shares.side_by_side(work, starts)
    assert (seen == 1).all()


def test_large_markets_are_dealt_out_the_largest_share_first():
    taken, lock = [], threading.Lock()

    def work(groups):
        with lock:
            taken.append(int(starts[groups.stop] - starts[groups.start]))

    starts = np.concatenate([[0], np.cumsum([30_000] + [100] * 300)])
    shares.side_by_side(work, starts)
    assert len(taken) > 2
    assert max(taken[:2]) == max(taken)


def test_what_fails_in_a_share_is_told():
    def work(groups):
        raise ValueError("a share")

    with pytest.raises(ValueError, match="a share"):
        shares.side_by_side(work, np.arange(0, 100_001, 100))
