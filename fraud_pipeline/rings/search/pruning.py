"""Cover is no part of a ring, nor who strayed in: parties that deal inside far less than the rest.

Firms that buy for show at quiet institutions make these look busy with them, beyond what
popularity explains, so a climb takes such institutions in. They are told apart by density: of the
pairs of a member firm and a ring's institution one share has dealt; of cover a much smaller one.
Two densities are believed where they shorten the description (Rissanen 1978):

    nats saved by coding both parts by themselves  >  naming the denser part and one more density

Honest firms that bought at two or three of a large ring's institutions are told apart likewise.
Whoever is tied by identity to a party of the set stays, however little it deals.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, xlogy

from fraud_pipeline.rings.graph.bipartite import Web

_FEWEST = 3  # institutions from which there can be a denser part


def without_fringe(web: Web, nodes: tuple[int, ...]) -> tuple[int, ...]:
    """``nodes`` without institutions that only cover for the others, then without stray firms."""
    firms = np.array([n for n in nodes if n < web.n_firms], np.int64)
    insts = np.array([n for n in nodes if n >= web.n_firms], np.int64)
    if insts.size < _FEWEST:
        return nodes
    used = _dealings_inside(web, insts, firms)
    insts = _kept(web, insts, used, firms)
    if insts.size >= _FEWEST and firms.size >= _FEWEST:
        firms = _kept(web, firms, _dealings_inside(web, firms, insts), insts)
    return tuple(sorted({*firms.tolist(), *insts.tolist()}))


def _kept(web: Web, side: np.ndarray, used: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The denser part of one side and who is tied by identity to a party of the set."""
    order = np.argsort(-used, kind="stable")
    kept = side[order[: denser(used[order], others.size)]]
    tied = _tied(web, side, np.concatenate([kept, others]))
    return np.union1d(kept, tied)


def denser(used: np.ndarray, n_others: int) -> int:
    """How many of the first make the denser part of a side; all where one density will do.

    ``used``: how many of ``n_others`` each deals with, falling; cut again while it pays.
    """
    kept = int(used.size)
    while kept >= _FEWEST:
        clients = np.cumsum(used[:kept]).astype(float)
        many = np.arange(1, kept)
        saved = (
            _nats(clients[-1], kept * n_others)
            - _nats(clients[:-1], many * n_others)
            - _nats(clients[-1] - clients[:-1], (kept - many) * n_others)
            - (gammaln(kept + 1.0) - gammaln(many + 1.0) - gammaln(kept - many + 1.0))
            - 0.5 * np.log(kept * n_others)
        )
        best = int(np.argmax(saved))
        if saved[best] <= 0.0:
            break
        kept = best + 1
    return kept


def _nats(hits: np.ndarray | float, of: np.ndarray | float) -> np.ndarray:
    """Length in nats of a code for which ``hits`` of so many pairs have dealt."""
    length: np.ndarray = -xlogy(hits, hits / of) - xlogy(of - hits, 1.0 - hits / of)
    return length


def _dealings_inside(web: Web, side: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Of each party of ``side``, the number of ``others`` it deals with."""
    firms = side[0] < web.n_firms
    ptr, to = (web.firm_ptr, web.firm_inst) if firms else (web.inst_ptr, web.inst_firm)
    own, other = (0, web.n_firms) if firms else (web.n_firms, 0)
    begin, end = ptr[side - own], ptr[side - own + 1]
    dealt = np.concatenate([to[b:e] for b, e in zip(begin, end, strict=True)]) + other
    whose = np.repeat(np.arange(side.size), end - begin)
    counts: np.ndarray = np.bincount(whose[np.isin(dealt, others)], minlength=side.size)
    return counts


def _tied(web: Web, side: np.ndarray, to: np.ndarray) -> np.ndarray:
    top, members = web.tie_ptr.shape[0] - 1, set(to.tolist())
    tied = [
        n
        for n in side.tolist()
        if not members.isdisjoint(
            set(web.tie_to[web.tie_ptr[top, n] : web.tie_ptr[top, n + 1]].tolist()) - {n}
        )
    ]
    return np.array(tied, np.int64)
