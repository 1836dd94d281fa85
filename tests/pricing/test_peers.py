"""The compiled sweep over peers against a slow one that reads like the definition."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks._rivals import guarded_q_values
from fraud_pipeline.pricing.discovery import q_values
from fraud_pipeline.pricing.market import _same_groups
from fraud_pipeline.pricing.peers import QUANTILES, UNIT_WEIGHT, Side, leave_out_quantiles


def slow(row, cell, value, side):
    n, turns, weight = len(value), {}, np.zeros(len(value), dtype=int)
    for k in np.lexsort((np.arange(n), side.day)):
        key = (cell[k], side.institution[k])
        turns[key] = turns.get(key, 0) + 1
        weight[k] = max(1, round(UNIT_WEIGHT / np.sqrt(turns[key])))
    peers = [
        k for k in range(n)
        if cell[k] == cell[row] and side.day[k] <= side.day[row] < side.leaves[k]
        and side.institution[k] != side.institution[row]
        and side.enterprise[k] != side.enterprise[row]
        and not (side.ring[row] >= 0 and side.ring[k] == side.ring[row])
    ]  # fmt: skip
    if not peers:
        return 0, [np.nan] * len(QUANTILES), (0.0, 0.0)
    peers.sort(key=lambda k: value[k])
    total, reached = np.cumsum(weight[peers]), weight[peers].sum()
    found = []
    for q in QUANTILES:
        low = value[peers[int(np.argmax(total >= q * reached))]]
        high = value[peers[int(np.argmax(total > q * reached))]]
        found.append((low + high) / 2)
    high = sum(weight[k] for k in peers if value[k] >= value[row]) / reached
    low = sum(weight[k] for k in peers if value[k] <= value[row]) / reached
    return len(peers), found, (high, low)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_the_sweep_agrees_with_the_definition(n, seed):
    rng = np.random.default_rng(seed)
    day = rng.integers(0, 12, n)
    side = Side(day, day + rng.integers(1, 9, n), rng.integers(0, 4, n), rng.integers(0, 5, n),
                rng.integers(-1, 2, n))  # fmt: skip
    cell, value = rng.integers(0, 2, n), rng.integers(0, 9, n).astype(float)
    fast = leave_out_quantiles(cell, value, side)
    for row in range(n):
        count, quantiles, shares = slow(row, cell, value, side)
        assert fast.n[row] == count
        np.testing.assert_allclose(
            [fast.tenth[row], fast.lower[row], fast.middle[row], fast.upper[row]], quantiles
        )
        np.testing.assert_allclose([fast.share_high[row], fast.share_low[row]], shares)


def test_q_values_keep_batches_apart_and_skip_the_unknown():
    p_value = np.array([0.01, np.nan, 0.02, 0.01])
    np.testing.assert_allclose(
        q_values(p_value, np.array([0, 0, 0, 1])), [0.02, np.nan, 0.02, 0.01]
    )


def test_the_share_of_false_alerts_over_all_services_is_held():
    rng = np.random.default_rng(3)
    service, one, shares = np.repeat(np.arange(12), 60), np.zeros(720, dtype=np.int64), []
    for _ in range(300):
        p_value = rng.random(720)
        dear = (rng.random(720) < 0.15) & (service < 4)  # eight services are honest throughout
        p_value[dear] = rng.random(dear.sum()) * 0.002
        listed = guarded_q_values(p_value, one, service) <= 0.1
        shares.append((listed & ~dear).sum() / max(listed.sum(), 1))
    assert 0.02 < np.mean(shares) <= 0.1


def test_groups_are_the_same_only_when_they_part_the_claims_alike():
    region, category = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    assert not _same_groups(region, category)  # two and two, but others
    assert _same_groups(region, np.array([7, 7, 3, 3]))
    assert not _same_groups(region, np.arange(4))
