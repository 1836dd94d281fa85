"""The search against one that tries every set of a small world."""

from itertools import combinations

import numpy as np
import pytest

from fraud_pipeline.rings.graph.bipartite import build_graph
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.seeds import all_seeds, concatenate_levels
from fraud_pipeline.rings.search.tasks import local_search

SETTINGS = RingParameters(score_floor=-1e17)


FIRMS, INSTS = 8, 3  # whose every set is tried


def web_of(seed):
    """An honest market and, among eight of its firms and three institutions, a small ring."""
    rng = np.random.default_rng(seed)
    firm, inst = rng.integers(0, 120, 220), rng.integers(0, 20, 220)
    ring = np.column_stack([rng.permutation(FIRMS)[:6], rng.integers(0, 1 + seed % INSTS, 6)])
    pairs = np.unique(np.r_[np.column_stack([firm, inst]), ring], axis=0)
    season = rng.integers(0, 2, len(pairs))
    season[(pairs[:, None] == ring).all(axis=2).any(axis=1)] = 0
    ties = np.r_[rng.integers(0, 120, (40, 2)), [(ring[0, 0], f) for f in ring[1:, 0]]]
    ties = ties[ties[:, 0] != ties[:, 1]]
    none = np.zeros((0, 2), np.int64)
    return build_graph(120, 20, pairs[:, 0], pairs[:, 1], season, [none, none, ties, ties])


def exact_best(web):
    """Every set of three firms or more and an institution or more, at every level of ties."""
    sets = [
        (*f, *k)
        for n in range(3, FIRMS + 1)
        for f in combinations(range(FIRMS), n)
        for m in range(1, INSTS + 1)
        for k in combinations(range(web.n_enterprises, web.n_enterprises + INSTS), m)
    ]
    ptr = np.concatenate([[0], np.cumsum([len(s) for s in sets])]).astype(np.int64)
    nodes = np.array([n for s in sets for n in s], np.int64)
    every = concatenate_levels([(ptr, nodes, level) for level in range(4)])
    return max(c.structure_nats for c in local_search(web, every, SETTINGS, unchanged=True))


def test_the_search_does_as_well_as_trying_every_set():
    """It may do better, as it looks beyond those parties; what it gives it bears out."""
    short = []
    for seed in range(30):
        web = web_of(seed)
        found = local_search(web, all_seeds(web, SETTINGS), SETTINGS)
        best = max(found, key=lambda c: c.structure_nats)
        short.append(exact_best(web) - best.structure_nats)
        again = np.array(best.nodes, np.int64)
        ptr = np.array([0, again.size], np.int64)
        weighed = local_search(
            web, concatenate_levels([(ptr, again, best.level)]), SETTINGS, unchanged=True
        )
        assert weighed[0].structure_nats == pytest.approx(best.structure_nats)
    assert np.mean(np.array(short) <= 1e-9) >= 0.9
    assert max(short) < 2.0
