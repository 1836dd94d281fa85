"""From an answer on: the same set with one more institution, to climb again from there."""

from __future__ import annotations

import numba as nb
import numpy as np

from fraud_pipeline.rings.graph.bipartite import Web


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _firms_near(web: Web, level: int, nodes: np.ndarray) -> np.ndarray:
    """The firms of a set and those tied to any of it, sorted."""
    n_ties = 0
    for u in nodes:
        n_ties += web.tie_ptr[level, u + 1] - web.tie_ptr[level, u]
    near = np.empty(n_ties + nodes.size, np.int64)
    near[: nodes.size] = nodes
    top = nodes.size
    for u in nodes:
        for t in range(web.tie_ptr[level, u], web.tie_ptr[level, u + 1]):
            near[top] = web.tie_to[t]
            top += 1
    firms = np.unique(near)
    return firms[firms < web.n_firms]


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def next_institutions(
    web: Web, level: int, nodes: np.ndarray, widest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Each set with one more institution and those of its clients tied to the set.

    A second institution and the firms that go there pay only together, which a climb of
    single steps cannot see. Returns offsets and nodes of at most ``widest`` larger seeds, those
    with most new tied firms first.
    """
    firms = _firms_near(web, level, nodes)
    hits = np.zeros(web.n_insts, np.int64)
    for u in firms:
        for p in range(web.firm_ptr[u], web.firm_ptr[u + 1]):
            hits[web.firm_inst[p]] += 1
    for u in nodes:
        if u >= web.n_firms:
            hits[u - web.n_firms] = 0
    ptr = np.zeros(widest + 1, np.int64)
    out = np.empty(widest * (nodes.size + firms.size + 1), np.int64)
    n, top = 0, 0
    while n < widest:
        k = np.argmax(hits)
        if hits[k] < 1:
            break
        hits[k] = 0
        begin = top
        out[top : top + nodes.size] = nodes
        top += nodes.size
        for u in firms:
            if np.any(web.firm_inst[web.firm_ptr[u] : web.firm_ptr[u + 1]] == k):
                out[top] = u
                top += 1
        out[top] = web.n_firms + k
        top += 1
        whole = np.unique(out[begin:top])
        top = begin + whole.size
        out[begin:top] = whole
        n += 1
        ptr[n] = top
    return ptr[: n + 1], out[:top]
