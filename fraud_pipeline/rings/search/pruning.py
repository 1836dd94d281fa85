"""Cover is no part of a ring, nor who strayed in: parties that deal inside far less than the rest.

Enterprises that buy for show at quiet institutions make these look busy with them, beyond what
popularity explains, so a search takes such institutions in. They are told apart by density: of the
pairs of a member enterprise and a ring's institution one share has dealt; of cover a much smaller one.
Two densities are believed where they shorten the description (Rissanen 1978):

    nats saved by coding both parts by themselves  >  naming the denser part and one more density

Honest enterprises that bought at two or three of a large ring's institutions are told apart likewise.
Whoever is tied by identity to a party of the set stays, however little it deals.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, xlogy

from fraud_pipeline.rings.graph.bipartite import BipartiteGraph

_FEWEST = 3  # institutions from which there can be a denser part


def prune(graph: BipartiteGraph, nodes: tuple[int, ...]) -> tuple[int, ...]:
    """``nodes`` without institutions that only cover for the others, then without stray enterprises."""
    enterprises = np.array([n for n in nodes if n < graph.n_enterprises], np.int64)
    institutions = np.array([n for n in nodes if n >= graph.n_enterprises], np.int64)
    if institutions.size < _FEWEST:
        return nodes
    used = _count_edges_inside(graph, institutions, enterprises)
    institutions = _dense_part(graph, institutions, used, enterprises)
    if institutions.size >= _FEWEST and enterprises.size >= _FEWEST:
        enterprises = _dense_part(
            graph, enterprises, _count_edges_inside(graph, enterprises, institutions), institutions
        )
    return tuple(sorted({*enterprises.tolist(), *institutions.tolist()}))


def _dense_part(
    graph: BipartiteGraph, side: np.ndarray, used: np.ndarray, others: np.ndarray
) -> np.ndarray:
    """The denser part of one side and who is tied by identity to a party of the set."""
    order = np.argsort(-used, kind="stable")
    dense = side[order[: n_denser(used[order], others.size)]]
    tied = _tied(graph, side, np.concatenate([dense, others]))
    return np.union1d(dense, tied)


def n_denser(used: np.ndarray, n_others: int) -> int:
    """How many of the first make the denser part of a side; all where one density will do.

    ``used``: how many of ``n_others`` each deals with, falling; cut again while it pays.
    """
    n_dense = int(used.size)
    while n_dense >= _FEWEST:
        clients = np.cumsum(used[:n_dense]).astype(float)
        many = np.arange(1, n_dense)
        saved = (
            _nats(clients[-1], n_dense * n_others)
            - _nats(clients[:-1], many * n_others)
            - _nats(clients[-1] - clients[:-1], (n_dense - many) * n_others)
            - (gammaln(n_dense + 1.0) - gammaln(many + 1.0) - gammaln(n_dense - many + 1.0))
            - 0.5 * np.log(n_dense * n_others)
        )
        best = int(np.argmax(saved))
        if saved[best] <= 0.0:
            break
        n_dense = best + 1
    return n_dense


def _nats(hits: np.ndarray | float, of: np.ndarray | float) -> np.ndarray:
    """Length in nats of a code for which ``hits`` of so many pairs have dealt."""
    length: np.ndarray = -xlogy(hits, hits / of) - xlogy(of - hits, 1.0 - hits / of)
    return length


def _count_edges_inside(graph: BipartiteGraph, side: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Of each party of ``side``, the number of ``others`` it deals with."""
    enterprises = side[0] < graph.n_enterprises
    ptr, to = (
        (graph.enterprise_ptr, graph.enterprise_institution)
        if enterprises
        else (graph.institution_ptr, graph.institution_enterprise)
    )
    own, other = (0, graph.n_enterprises) if enterprises else (graph.n_enterprises, 0)
    begin, end = ptr[side - own], ptr[side - own + 1]
    dealt = np.concatenate([to[b:e] for b, e in zip(begin, end, strict=True)]) + other
    whose = np.repeat(np.arange(side.size), end - begin)
    counts: np.ndarray = np.bincount(whose[np.isin(dealt, others)], minlength=side.size)
    return counts


def _tied(graph: BipartiteGraph, side: np.ndarray, to: np.ndarray) -> np.ndarray:
    top, members = graph.tie_ptr.shape[0] - 1, set(to.tolist())
    tied = [
        n
        for n in side.tolist()
        if not members.isdisjoint(
            set(graph.tie_to[graph.tie_ptr[top, n] : graph.tie_ptr[top, n + 1]].tolist()) - {n}
        )
    ]
    return np.array(tied, np.int64)
