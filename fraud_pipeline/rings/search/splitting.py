"""Two rings of one season are two rings: a set is taken apart where hardly anything joins it."""

from __future__ import annotations

from itertools import combinations

from fraud_pipeline.rings.graph.bipartite import Web


def pieces(web: Web, nodes: tuple[int, ...], least_tied: float) -> list[list[int]]:
    """The parts of a set that deal with one another, joined again where firms are tied across.

    Naming two rings at once is cheaper than naming each, so a climb may swallow both. Parts are
    the connected components of the dealings inside; two parts stay together when at least
    ``least_tied`` of the pairs of firms across them are tied. Firms without a dealing inside
    go to no part.
    """
    parts = _dealing_parts(web, nodes)
    ties = {n: _tied_to(web, n) for part in parts for n in part}
    joined = True
    while joined:
        joined = False
        for a, b in combinations(range(len(parts)), 2):
            if _tied_share(web, parts[a], parts[b], ties) >= least_tied:
                parts[a] = sorted(parts[a] + parts[b])
                del parts[b]
                joined = True
                break
    return parts


def _dealing_parts(web: Web, nodes: tuple[int, ...]) -> list[list[int]]:
    members = set(nodes)
    home = {n: n for n in nodes}

    def root(n: int) -> int:
        while home[n] != n:
            n = home[n]
        return n

    for f in nodes:
        if f < web.n_firms:
            for k in web.firm_inst[web.firm_ptr[f] : web.firm_ptr[f + 1]]:
                inst = int(k) + web.n_firms
                if inst in members:
                    a, b = sorted((root(f), root(inst)))
                    home[b] = a
    groups: dict[int, list[int]] = {}
    for n in nodes:
        groups.setdefault(root(n), []).append(n)
    return [sorted(g) for _, g in sorted(groups.items()) if len(g) > 1]


def _tied_to(web: Web, node: int) -> set[int]:
    top = web.tie_ptr.shape[0] - 1
    return set(web.tie_to[web.tie_ptr[top, node] : web.tie_ptr[top, node + 1]].tolist())


def _tied_share(web: Web, a: list[int], b: list[int], ties: dict[int, set[int]]) -> float:
    left = [n for n in a if n < web.n_firms]
    right = {n for n in b if n < web.n_firms}
    tied = sum(len(ties[n] & right) for n in left)
    return tied / (len(left) * len(right))
