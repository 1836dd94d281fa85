"""From an answer on: the same set with one more institution, to search again from there."""

from __future__ import annotations

import numba as nb
import numpy as np

from fraud_pipeline.rings.graph.bipartite import BipartiteGraph


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _tied_neighbourhood(graph: BipartiteGraph, level: int, nodes: np.ndarray) -> np.ndarray:
    """The enterprises of a set and those tied to any of it, sorted."""
    n_ties = 0
    for u in nodes:
        n_ties += graph.tie_ptr[level, u + 1] - graph.tie_ptr[level, u]
    near = np.empty(n_ties + nodes.size, np.int64)
    near[: nodes.size] = nodes
    top = nodes.size
    for u in nodes:
        for t in range(graph.tie_ptr[level, u], graph.tie_ptr[level, u + 1]):
            near[top] = graph.tie_to[t]
            top += 1
    enterprises = np.unique(near)
    return enterprises[enterprises < graph.n_enterprises]


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def propose_institutions(
    graph: BipartiteGraph, level: int, nodes: np.ndarray, widest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Each set with one more institution and those of its clients tied to the set.

    A second institution and the enterprises that go there pay only together, which a search of
    single steps cannot see. Returns offsets and nodes of at most ``widest`` larger seeds, those
    with most new tied enterprises first.
    """
    enterprises = _tied_neighbourhood(graph, level, nodes)
    hits = np.zeros(graph.n_institutions, np.int64)
    for u in enterprises:
        for p in range(graph.enterprise_ptr[u], graph.enterprise_ptr[u + 1]):
            hits[graph.enterprise_institution[p]] += 1
    for u in nodes:
        if u >= graph.n_enterprises:
            hits[u - graph.n_enterprises] = 0
    ptr = np.zeros(widest + 1, np.int64)
    out = np.empty(widest * (nodes.size + enterprises.size + 1), np.int64)
    n, top = 0, 0
    while n < widest:
        k = np.argmax(hits)
        if hits[k] < 1:
            break
        hits[k] = 0
        begin = top
        out[top : top + nodes.size] = nodes
        top += nodes.size
        for u in enterprises:
            if np.any(
                graph.enterprise_institution[graph.enterprise_ptr[u] : graph.enterprise_ptr[u + 1]]
                == k
            ):
                out[top] = u
                top += 1
        out[top] = graph.n_enterprises + k
        top += 1
        whole = np.unique(out[begin:top])
        top = begin + whole.size
        out[begin:top] = whole
        n += 1
        ptr[n] = top
    return ptr[: n + 1], out[:top]
