"""The compiled peeling against a slow one, and against the best block there is."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline.rings import dense_blocks, peel


def csr(graph):
    ptr, to, weight = [0], [], []
    for u in sorted(graph):
        for v in sorted(graph[u]):
            to.append(v)
            weight.append(graph[u][v]["weight"])
        ptr.append(len(to))
    return np.array(ptr), np.array(to, np.int64), np.array(weight, float)


def slow_best_density(graph):
    """Greedy by networkx: remove the node of least weighted degree, smaller number first."""
    left = graph.copy()
    best = left.size(weight="weight") / len(left)
    while len(left) > 1:
        left.remove_node(min(left, key=lambda u: (left.degree(u, weight="weight"), u)))
        best = max(best, left.size(weight="weight") / len(left))
    return best


def exact_best_density(graph):
    sets = (s for k in range(1, len(graph) + 1) for s in combinations(sorted(graph), k))
    return max(graph.subgraph(s).size(weight="weight") / len(s) for s in sets)


@st.composite
def graphs(draw, most=9):
    n = draw(st.integers(2, most))
    graph = nx.empty_graph(n)
    for u, v in combinations(range(n), 2):
        weight = draw(st.integers(0, 4))
        if weight:
            graph.add_edge(u, v, weight=weight / 2)  # halves: exact in binary
    return graph


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_same_best_density_as_the_slow_greedy_and_half_of_the_exact_one(graph):
    ptr, to, weight = csr(graph)
    order, begin, density = peel(ptr, to, weight)
    assert sorted(order.tolist()) == sorted(graph)
    assert density == pytest.approx(slow_best_density(graph))
    block = graph.subgraph(order[begin:].tolist())
    assert block.size(weight="weight") / len(block) == pytest.approx(density)
    assert density >= exact_best_density(graph) / 2 - 1e-9


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_the_first_block_is_the_densest_stage_of_peeling_the_whole_graph(graph):
    edges = np.array([(u, v) for u, v in graph.edges], np.int64).reshape(-1, 2)
    weight = np.array([graph[u][v]["weight"] for u, v in graph.edges], float)
    blocks = dense_blocks(len(graph), edges[:, 0], edges[:, 1], weight, 1)
    if not len(edges):
        assert blocks == []
        return
    nodes, density = blocks[0]
    order, begin, best = peel(*csr(graph))
    assert density == pytest.approx(best)
    assert nodes.tolist() == sorted(order[begin:].tolist())


def test_blocks_come_densest_first_and_share_no_edge():
    rng = np.random.default_rng(3)
    left, right = rng.integers(0, 60, 400), rng.integers(60, 90, 400)
    pairs = np.unique(np.column_stack([left, right]), axis=0)
    extra = np.array([(u, v) for u in range(8) for v in range(60, 66)])
    pairs = np.unique(np.vstack([pairs, extra]), axis=0)
    blocks = dense_blocks(90, pairs[:, 0], pairs[:, 1], np.ones(len(pairs)), 4)
    densities = [d for _, d in blocks]
    assert densities == sorted(densities, reverse=True)
    first = np.isin(pairs, blocks[0][0]).all(axis=1)
    assert densities[0] == pytest.approx(first.sum() / len(blocks[0][0]))
    second = np.isin(pairs, blocks[1][0]).all(axis=1) & ~first
    assert densities[1] == pytest.approx(second.sum() / len(blocks[1][0]))
    assert set(range(8)) | set(range(60, 66)) <= set(blocks[0][0].tolist())


def test_nothing_to_peel():
    none = np.zeros(0, np.int64)
    assert dense_blocks(5, none, none, np.zeros(0), 3) == []
