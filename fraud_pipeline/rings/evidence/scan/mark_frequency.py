"""How frequent a mark is among like edges, and how far the marks of one institution's clients agree."""

from __future__ import annotations

import numpy as np

from fraud_pipeline.rings.graph.bipartite import BipartiteGraph
from fraud_pipeline.rings.graph.parties import Parties

_PRIOR_EDGES = 20.0  # edges of the whole programme that count in each class of volume
_LARGEST_CLASS = 6  # institutions with 64 clients or more are one class
_MOST_CLAIMS = 6  # so are edges of 64 claims or more


def usual_shares(
    parties: Parties, marked: np.ndarray, claims: np.ndarray, refunds: range
) -> np.ndarray:
    """(levels, edges) share of marked edges among like ones of the other institutions.

    Like are those of institutions of like volume, for the levels ``refunds`` also edges of as many claims
    (``claims``, (edges,)): who claims forty times is refunded sooner than who claims once. The two
    shares are multiplied. Never nought or one. An institution's own clients do not count, or a group would be its own
    habit.
    """
    graph = parties.graph
    clients = np.diff(graph.institution_ptr)
    volume = _octave(clients, _LARGEST_CLASS)[graph.enterprise_institution]
    loyalty = _octave(claims, _MOST_CLAIMS)
    usual = np.empty(marked.shape)
    for level, row in enumerate(marked):
        own = np.bincount(graph.enterprise_institution, weights=row, minlength=graph.n_institutions)
        everywhere = ((row.sum() - own + 0.5) / (row.size - clients + 1.0))[
            graph.enterprise_institution
        ]
        usual[level] = _share_elsewhere(graph, row, volume, everywhere)
        if level in refunds:
            by_claims = _share_elsewhere(graph, row, loyalty, everywhere)
            usual[level] = np.minimum(usual[level] * by_claims / everywhere, 1.0 - 1e-9)
    return usual


def _octave(count: np.ndarray, largest: int) -> np.ndarray:
    """The power of two below each count, ``largest`` at most."""
    return np.minimum(np.log2(np.maximum(count, 1)), largest).astype(np.int64)


def _share_elsewhere(
    graph: BipartiteGraph, row: np.ndarray, group: np.ndarray, everywhere: np.ndarray
) -> np.ndarray:
    """(edges,) share of marked edges of the same ``group`` at other institutions.

    Drawn towards ``everywhere`` where those are few.
    """
    width = int(group.max(initial=0)) + 1
    cell = graph.enterprise_institution * width + group
    n, hits = np.bincount(group), np.bincount(group, weights=row)
    own_n, own_hits = np.bincount(cell), np.bincount(cell, weights=row)
    others = n[group] - own_n[cell]
    share: np.ndarray = (hits[group] - own_hits[cell] + 0.5 + _PRIOR_EDGES * everywhere) / (
        others + 1.0 + _PRIOR_EDGES
    )
    return share


def intraclass_correlation(parties: Parties, marked: np.ndarray) -> np.ndarray:
    """(levels,) intraclass correlation of the marks over all pairs of clients of one institution.

    Nought where clients are marked independently, one where all or none of an institution are.
    """
    graph = parties.graph
    clients = np.diff(graph.institution_ptr).astype(float)
    pairs = max(float(np.sum(clients * (clients - 1.0))), 1.0)
    alike = np.zeros(len(marked))
    for level, row in enumerate(marked):
        hits = np.bincount(
            graph.enterprise_institution, weights=row, minlength=graph.n_institutions
        )
        share = float(np.sum(hits * (clients - 1.0))) / pairs
        both = float(np.sum(hits * (hits - 1.0))) / pairs
        spread = share * (1.0 - share)
        alike[level] = max(0.0, (both - share * share) / spread) if spread > 0.0 else 0.0
    return np.minimum(alike, 1.0)
