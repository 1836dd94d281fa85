"""The smallest part of a ring that still convinces: weakest firms left out one after the other."""

from __future__ import annotations

import numpy as np

from fraud_pipeline.rings.graph.parties import Parties
from fraud_pipeline.rings.null.significance import p_values
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.seeds import joined
from fraud_pipeline.rings.search.tasks import climb

_SIZES = 16  # sizes tried a ring; all of them in rings of up to this many firms


def least_convincing(maxima: np.ndarray, alpha: float) -> float:
    """The smallest surprise whose p-value is at most ``alpha``, by bisection, in nats."""
    low, high = -1000.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2.0
        if p_values(np.array([middle]), maxima)[0] <= alpha:
            high = middle
        else:
            low = middle
    return high


def core(
    parties: Parties, nodes: tuple[int, ...], needed: float, settings: RingParameters
) -> tuple[int, ...]:
    """The smallest of the nested parts of ``nodes`` that surprises by ``needed`` nats or more.

    Firms leave by their number of dealings and ties inside, the least first, and institutions
    with their last client, so the cost is linear in sizes tried and not in subsets; a
    still smaller part that is not nested may exist. All of ``nodes`` if no part convinces.
    """
    parts = _nested(parties, nodes, settings.min_enterprises)
    ptr = np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int64)
    flat = np.array([n for p in parts for n in p], np.int64)
    levels = range(len(parties.web.tie_ptr))
    weighed = climb(
        parties.web, joined([(ptr, flat, level) for level in levels]), settings, as_they_are=True
    )
    enough = [c.nodes for c in weighed if c.surprise >= needed]
    return min(enough, key=lambda part: (len(part), part)) if enough else nodes


def _nested(parties: Parties, nodes: tuple[int, ...], fewest: int) -> list[tuple[int, ...]]:
    web, members = parties.web, set(nodes)
    top = web.tie_ptr.shape[0] - 1
    dealt = {
        n: {int(k) + web.n_firms for k in web.firm_inst[web.firm_ptr[n] : web.firm_ptr[n + 1]]}
        & members
        for n in nodes
        if n < web.n_firms
    }
    tied = {
        n: len(members & set(web.tie_to[web.tie_ptr[top, n] : web.tie_ptr[top, n + 1]].tolist()))
        for n in dealt
    }
    firms = sorted(dealt, key=lambda n: (-len(dealt[n]), -tied[n], n))
    sizes = np.unique(np.linspace(min(fewest, len(firms)), len(firms), _SIZES).astype(int))
    parts = []
    for size in sizes.tolist():
        kept = firms[:size]
        parts.append(tuple(sorted([*kept, *set().union(*(dealt[n] for n in kept))])))
    return [part for part in parts if part[-1] >= web.n_firms]
