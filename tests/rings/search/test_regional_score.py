"""The gain of a group within regions, against the same sum written out in Python."""

import numpy as np
import pytest

from fraud_pipeline.rings.graph.bipartite import build_graph
from fraud_pipeline.rings.search.code_length import tail_nats
from fraud_pipeline.rings.search.executor import CandidateSets
from fraud_pipeline.rings.search.regional_score import score_by_region
from fraud_pipeline.rings.search.search_state import SEASON_CODE_LENGTH

NONE = np.zeros((0, 2), np.int64)
N_FIRMS, N_INSTS = 40, 6


def random_web(seed):
    """Three seasons and two regions of honest trade; firms 0 to 3 all deal with institution 0."""
    rng = np.random.default_rng(seed)
    firm, inst = rng.integers(0, N_FIRMS, 90), rng.integers(0, N_INSTS, 90)
    pairs = np.unique(np.r_[np.column_stack([firm, inst]), [(f, 0) for f in range(4)]], axis=0)
    season = rng.integers(0, 3, len(pairs))
    season[(pairs[:, 0] < 4) & (pairs[:, 1] == 0)] = 1  # the group meets in one season only
    region = (np.arange(N_FIRMS) >= 20).astype(np.int64)
    return build_graph(
        N_FIRMS, N_INSTS, pairs[:, 0], pairs[:, 1], season, [NONE] * 4, region
    ), np.column_stack([pairs, season])  # fmt: skip


def sets_of(web, nodes, first, last, net):
    one = (np.array([v], np.int64) for v in (first, last))
    return CandidateSets(
        np.array([0]), np.array([net]), np.array([0]), *one,
        np.array([0, len(nodes)], np.int64), np.array(nodes, np.int64),
    )  # fmt: skip


def expected_change(web, trade, firms, insts, first, last):
    """Regional minus national gain: each season and each region that adds to it costs a season."""

    def nats(rows):
        of_firms, at_insts = np.isin(rows[:, 0], firms), np.isin(rows[:, 1], insts)
        counts = len(rows), of_firms.sum(), at_insts.sum(), (of_firms & at_insts).sum()
        return tail_nats(web.log_factorial, *(int(c) for c in counts))

    national = regional = 0.0
    for q in range(first, last + 1):
        rows = trade[trade[:, 2] == q]
        national += nats(rows) - SEASON_CODE_LENGTH
        region = (rows[:, 0] >= 20).astype(int)
        gains = [max(0.0, nats(rows[region == r]) - SEASON_CODE_LENGTH) for r in (0, 1)]
        regional += sum(gains) if sum(gains) > 0 else -SEASON_CODE_LENGTH
    return regional - national


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("first", "last"), [(1, 1), (0, 2), (0, 0), (2, 2)])
def test_a_season_without_an_excess_in_any_region_costs_as_much_as_in_the_whole_country(
    seed, first, last
):
    web, trade = random_web(seed)
    firms, insts = [0, 1, 2, 3, 25], [0]
    nodes = [*firms, *(N_FIRMS + k for k in insts)]
    result = score_by_region(web, sets_of(web, nodes, first, last, 5.0), 1.0)
    change = expected_change(web, trade, firms, insts, first, last)
    assert result.net[0] - 5.0 == pytest.approx(change, abs=1e-9)


def test_a_group_at_the_floor_or_below_keeps_its_gain():
    web, _ = random_web(0)
    for net, changed in ((1.0, False), (1.5, True)):
        result = score_by_region(web, sets_of(web, [0, 1, 2, 3, N_FIRMS], 0, 2, net), 1.0)
        assert (result.net[0] != net) == changed
