"""Seeds of the local search.

Clients of one institution who are tied, pairs of institutions with common clients, and dense blocks.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from fraud_pipeline.rings.graph.bipartite import BipartiteGraph
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.dense_blocks import dense_blocks

Seeds = tuple[np.ndarray, np.ndarray, np.ndarray]  # offsets (n + 1,), nodes, level (n,)


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def tied_clients(graph: BipartiteGraph, level: int, largest: int) -> tuple[np.ndarray, np.ndarray]:
    """For each institution, the groups of its clients that hang together by ties.

    Returns offsets and nodes; each seed is two or more enterprises and the institution. Linear in
    edges times ties an enterprise.
    """
    nodes_out = np.empty(graph.enterprise_institution.size * 2 + 2, np.int64)
    ptr = np.zeros(graph.enterprise_institution.size + 2, np.int64)
    client = np.full(graph.n_enterprises, -1, np.int64)
    visited = np.full(graph.n_enterprises, -1, np.int64)
    stack = np.empty(graph.n_enterprises + 1, np.int64)
    n, top_out = 0, 0
    for k in range(graph.n_institutions):
        for p in range(graph.institution_ptr[k], graph.institution_ptr[k + 1]):
            client[graph.institution_enterprise[p]] = k
        for p in range(graph.institution_ptr[k], graph.institution_ptr[k + 1]):
            first = graph.institution_enterprise[p]
            if visited[first] == k:
                continue
            visited[first] = k
            stack[0], top, begin = first, 1, top_out
            while top > 0:
                top -= 1
                u = stack[top]
                nodes_out[top_out] = u
                top_out += 1
                for t in range(graph.tie_ptr[level, u], graph.tie_ptr[level, u + 1]):
                    v = graph.tie_to[t]
                    if v < graph.n_enterprises and client[v] == k and visited[v] != k:
                        visited[v] = k
                        stack[top] = v
                        top += 1
            if 2 <= top_out - begin <= largest:
                nodes_out[top_out] = graph.n_enterprises + k
                top_out += 1
                n += 1
                ptr[n] = top_out
            else:
                top_out = begin
    return ptr[: n + 1].copy(), nodes_out[:top_out].copy()


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _institution_pairs(graph: BipartiteGraph, widest: int) -> np.ndarray:
    """Keys k1 * n_institutions + k2 of the institutions each enterprise dealt with; wide enterprises are left out."""
    n = 0
    for u in range(graph.n_enterprises):
        d = graph.enterprise_ptr[u + 1] - graph.enterprise_ptr[u]
        if d <= widest:
            n += d * (d - 1) // 2
    keys = np.empty(n, np.int64)
    n = 0
    for u in range(graph.n_enterprises):
        begin, end = graph.enterprise_ptr[u], graph.enterprise_ptr[u + 1]
        if end - begin > widest:
            continue
        for a in range(begin, end):
            for b in range(a + 1, end):
                x, y = graph.enterprise_institution[a], graph.enterprise_institution[b]
                if x != y:
                    keys[n] = min(x, y) * graph.n_institutions + max(x, y)
                    n += 1
    return keys[:n]


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _common_clients(
    graph: BipartiteGraph, pairs: np.ndarray, largest: int
) -> tuple[np.ndarray, np.ndarray]:
    stamp = np.full(graph.n_enterprises, -1, np.int64)
    ptr = np.zeros(pairs.size + 1, np.int64)
    nodes = np.empty(pairs.size * (largest + 2), np.int64)
    top = 0
    for i in range(pairs.size):
        x, y = pairs[i] // graph.n_institutions, pairs[i] % graph.n_institutions
        for p in range(graph.institution_ptr[x], graph.institution_ptr[x + 1]):
            stamp[graph.institution_enterprise[p]] = 2 * i
        n_common = 0
        for p in range(graph.institution_ptr[y], graph.institution_ptr[y + 1]):
            u = graph.institution_enterprise[p]
            if stamp[u] == 2 * i and n_common < largest:
                stamp[u] = 2 * i + 1
                nodes[top] = u
                top += 1
                n_common += 1
        nodes[top], nodes[top + 1] = graph.n_enterprises + x, graph.n_enterprises + y
        top += 2
        ptr[i + 1] = top
    return ptr, nodes[:top]


def common_clients(
    graph: BipartiteGraph, n_pairs: int, widest: int, largest: int
) -> tuple[np.ndarray, np.ndarray]:
    """The ``n_pairs`` pairs of institutions with most common clients beyond their popularity.

    Rank by the Poisson deviance c ln(c / mu) - (c - mu), mu = n1 n2 / enterprises. Each seed is the
    common clients and both institutions.
    """
    keys, counts = np.unique(_institution_pairs(graph, widest), return_counts=True)
    degree = np.diff(graph.institution_ptr).astype(float)
    expected = (
        degree[keys // max(graph.n_institutions, 1)] * degree[keys % max(graph.n_institutions, 1)]
    )
    expected = np.maximum(expected / max(graph.n_enterprises, 1), 1e-9)
    excess = counts * np.log(counts / expected) - (counts - expected)
    good = (counts >= 3) & (counts > expected)
    keys, excess = keys[good], excess[good]
    best = np.sort(keys[np.lexsort((keys, -excess))][:n_pairs])
    lists: tuple[np.ndarray, np.ndarray] = _common_clients(graph, best, largest)
    return lists


def peeled_blocks(
    graph: BipartiteGraph, n_blocks: int, constant: float, largest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Dense blocks of the graph of edges and ties, after Hooi et al. 2016.

    An edge weighs 1 / ln(c + degree of the institution), a tie the same by the larger of its
    ends' ties. Blocks above ``largest`` parties are honest hubs as a rule and seed nothing.
    """
    institution = graph.enterprise_institution + graph.n_enterprises
    enterprise = np.repeat(np.arange(graph.n_enterprises), np.diff(graph.enterprise_ptr))
    clients = np.diff(graph.institution_ptr)[graph.enterprise_institution]
    ptr = graph.tie_ptr[-1]
    source = np.repeat(np.arange(ptr.size - 1), np.diff(ptr))
    target = graph.tie_to[ptr[0] : ptr[-1]]
    once = source < target
    ties = np.diff(ptr)
    crowd = np.maximum(ties[source], ties[target])[once]
    weight = 1.0 / np.log(constant + np.concatenate([clients, crowd]))
    dense = dense_blocks(
        graph.n_enterprises + graph.n_institutions,
        np.concatenate([enterprise, source[once]]),
        np.concatenate([institution, target[once]]),
        weight,
        n_blocks,
    )
    blocks = [nodes for nodes, _ in dense if nodes.size <= largest]
    sizes = np.array([nodes.size for nodes in blocks], np.int64)
    ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return ptr, np.concatenate([*blocks, np.zeros(0, np.int64)]).astype(np.int64)


def count_seed_lists(graph: BipartiteGraph) -> int:
    """How many lists of seeds there are: one a level of ties, common clients, peeled blocks."""
    return len(graph.tie_ptr) + 1


def make_seed_list(graph: BipartiteGraph, settings: RingParameters, number: int) -> Seeds:
    """One of the lists; none needs another, so each may be made elsewhere.

    Peeling is one list and one task: each party is held against the density of all that is
    left of the graph, and a block is taken out of it before the next is looked for.
    """
    top = len(graph.tie_ptr) - 1
    if number < top:
        level = number + 1
        lists = [(*tied_clients(graph, level, settings.largest_seed), level)]
    elif number == top:
        pairs, widest = settings.structure_seeds, settings.widest_enterprise
        lists = [(*common_clients(graph, pairs, widest, settings.largest_seed), 0)]
    else:
        constant, largest = settings.column_constant, settings.largest_block
        blocks = peeled_blocks(graph, settings.blocks, constant, largest)
        lists = [(*blocks, level) for level in (0, top)]
    return concatenate_levels(
        [(*_largest_first(ptr, nodes, settings.max_seeds), level) for ptr, nodes, level in lists]
    )


def all_seeds(graph: BipartiteGraph, settings: RingParameters) -> Seeds:
    """Seeds of every level in a fixed order: tied clients, common clients, peeled blocks."""
    return concatenate_seeds(
        [make_seed_list(graph, settings, number) for number in range(count_seed_lists(graph))]
    )


def concatenate_seeds(lists: list[Seeds]) -> Seeds:
    """Several lists of seeds as one."""
    ends = np.cumsum([0, *(nodes.size for _, nodes, _ in lists)])
    ptrs = [ptr[1:] + end for (ptr, _, _), end in zip(lists, ends[:-1], strict=True)]
    return (
        np.concatenate([np.zeros(1, np.int64), *ptrs]),
        np.concatenate([np.zeros(0, np.int64), *(nodes for _, nodes, _ in lists)]),
        np.concatenate([np.zeros(0, np.int64), *(level for _, _, level in lists)]),
    )


def concatenate_levels(parts: list[tuple[np.ndarray, np.ndarray, int]]) -> Seeds:
    """Several lists of seeds, each of one level, as one."""
    return concatenate_seeds(
        [(ptr, nodes, np.full(ptr.size - 1, level, np.int64)) for ptr, nodes, level in parts]
    )


def _largest_first(ptr: np.ndarray, nodes: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """At most ``most`` seeds, the larger ones kept, in their old order."""
    sizes = np.diff(ptr)
    if sizes.size <= most:
        return ptr, nodes
    keep = np.sort(np.lexsort((np.arange(sizes.size), -sizes))[:most])
    mask = np.zeros(sizes.size, bool)
    mask[keep] = True
    return (
        np.concatenate([[0], np.cumsum(sizes[mask])]).astype(np.int64),
        nodes[np.repeat(mask, sizes)],
    )
