"""Two rings of one season are two rings: a set is taken apart where hardly anything joins it."""

from __future__ import annotations

from itertools import combinations

from fraud_pipeline.rings.graph.bipartite import BipartiteGraph


def split_set(graph: BipartiteGraph, nodes: tuple[int, ...], least_tied: float) -> list[list[int]]:
    """The parts of a set that deal with one another, concatenate_levels again where enterprises are tied across.

    Naming two rings at once is cheaper than naming each, so a search may swallow both. Parts are
    the connected components of the edges inside; two parts stay together when at least
    ``least_tied`` of the pairs of enterprises across them are tied. Enterprises without an edge inside
    go to no part.
    """
    parts = _connected_parts(graph, nodes)
    ties = {n: _tied_to(graph, n) for part in parts for n in part}
    concatenate_levels = True
    while concatenate_levels:
        concatenate_levels = False
        for a, b in combinations(range(len(parts)), 2):
            if _tied_share(graph, parts[a], parts[b], ties) >= least_tied:
                parts[a] = sorted(parts[a] + parts[b])
                del parts[b]
                concatenate_levels = True
                break
    return parts


def _connected_parts(graph: BipartiteGraph, nodes: tuple[int, ...]) -> list[list[int]]:
    members = set(nodes)
    home = {n: n for n in nodes}

    def root(n: int) -> int:
        while home[n] != n:
            n = home[n]
        return n

    for f in nodes:
        if f < graph.n_enterprises:
            for k in graph.enterprise_institution[
                graph.enterprise_ptr[f] : graph.enterprise_ptr[f + 1]
            ]:
                institution = int(k) + graph.n_enterprises
                if institution in members:
                    a, b = sorted((root(f), root(institution)))
                    home[b] = a
    groups: dict[int, list[int]] = {}
    for n in nodes:
        groups.setdefault(root(n), []).append(n)
    return [sorted(g) for _, g in sorted(groups.items()) if len(g) > 1]


def _tied_to(graph: BipartiteGraph, node: int) -> set[int]:
    top = graph.tie_ptr.shape[0] - 1
    return set(graph.tie_to[graph.tie_ptr[top, node] : graph.tie_ptr[top, node + 1]].tolist())


def _tied_share(
    graph: BipartiteGraph, a: list[int], b: list[int], ties: dict[int, set[int]]
) -> float:
    left = [n for n in a if n < graph.n_enterprises]
    right = {n for n in b if n < graph.n_enterprises}
    tied = sum(len(ties[n] & right) for n in left)
    return tied / (len(left) * len(right))
