"""Quantiles of what others paid, as of each claim's own day, leaving out its own side.

For each group of comparable claims a Fenwick tree (Fenwick 1994) over price ranks
holds the claims known on the day; a small one for each institution in the group
lets a query skip that institution's claims, and the few claims of the same
enterprise or ring from other institutions are skipped by a sorted list. Exact, with
O(log² n) steps a claim: no sampling, no blocks of time.

The k-th claim of an institution in a group weighs 1/√k, so that one busy price list
is not taken for the market: an institution's hundred claims weigh like twenty of as
many institutions. Weights are whole numbers, so sums are exact in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fraud_pipeline.pricing.sweep import Claims, Grouping, Sides, sweep

UNIT_WEIGHT = 1024  # of an institution's first claim in a group
QUANTILES = (0.1, 0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Side:
    """Arrays over the claims that have a price, any order: who is on whose side, and when.

    ``ring`` is -1 for claims in no ring; ``leaves`` the first day on which a claim
    no longer speaks for the market (too old, or found against).
    """

    day: np.ndarray
    leaves: np.ndarray
    institution: np.ndarray
    enterprise: np.ndarray
    ring: np.ndarray

    def of(self, rows: np.ndarray) -> Side:
        """The sides of some claims only."""
        return Side(
            self.day[rows], self.leaves[rows], self.institution[rows], self.enterprise[rows],
            self.ring[rows],
        )  # fmt: skip


@dataclass(frozen=True)
class Peers:
    """For each claim: how many others, of how many institutions, and their quantiles.

    ``n_effective`` is Kish's: the equally weighted claims that would say as much.
    """

    n: np.ndarray
    n_institutions: np.ndarray
    n_effective: np.ndarray
    tenth: np.ndarray
    lower: np.ndarray
    middle: np.ndarray
    upper: np.ndarray
    share_high: np.ndarray  # of the peers' weight that is as high or higher; 0 without peers
    share_low: np.ndarray  # ... as low or lower


def leave_out_quantiles(cell: np.ndarray, value: np.ndarray, side: Side) -> Peers:
    """Weighted quantiles of ``value`` among each claim's peers; NaN where there are none.

    Peers: same ``cell``, submitted on or before the claim's day, not left yet, of
    another institution, another enterprise and another ring. A quantile on the edge
    between two values is their mean (definition 2 of Hyndman and Fan 1996).
    """
    n = len(value)
    order = np.lexsort((np.arange(n), side.day, cell))
    cell, value, day = cell[order], value[order], side.day[order]
    leaves = side.leaves[order]
    starts = _starts(cell)
    rank = _ranks(cell, value, starts)
    by_rank = np.empty(n)
    by_rank[np.repeat(starts[:-1], np.diff(starts)) + rank] = value
    ties = _ties(starts, rank, by_rank)
    claims = Claims(day, leaves, np.lexsort((leaves, cell)), rank, ties, by_rank,
                    _weights(cell, side.institution[order]))  # fmt: skip
    sides = Sides(
        _grouping(cell, side.institution[order], rank, rank),
        _grouping(cell, side.enterprise[order], day, rank),
        _grouping(cell, side.ring[order], day, rank), side.ring[order],
    )  # fmt: skip
    answers = sweep(starts, claims, sides, np.array(QUANTILES))
    back = np.empty(n, dtype=np.int64)
    back[order] = np.arange(n)
    return Peers(
        answers.counts[back], answers.institutions[back], answers.effective[back],
        *answers.quantiles[:, back], *answers.shares[:, back],
    )  # fmt: skip


def _weights(cell: np.ndarray, institution: np.ndarray) -> np.ndarray:
    """Whole-number weight of each claim, rows being in order of day within their cell."""
    rows = np.arange(len(cell))
    turn = _grouping(cell, institution, rows, rows).place + 1
    return np.asarray(np.maximum(1, np.round(UNIT_WEIGHT / np.sqrt(turn))), dtype=np.int64)


def _grouping(cell: np.ndarray, key: np.ndarray, by: np.ndarray, rank: np.ndarray) -> Grouping:
    """Rows of each (cell, key), sorted within by ``by``."""
    members = np.lexsort((by, key, cell))
    fresh = np.ones(len(key), dtype=bool)
    fresh[1:] = (np.diff(cell[members]) != 0) | (np.diff(key[members]) != 0)
    starts = np.append(np.flatnonzero(fresh), len(key))
    group = np.empty(len(key), dtype=np.int64)
    group[members] = np.cumsum(fresh) - 1
    place = np.empty(len(key), dtype=np.int64)
    place[members] = np.arange(len(key))
    return Grouping(group, starts, members, rank[members], place - starts[group])


def _starts(cell: np.ndarray) -> np.ndarray:
    return np.asarray(np.append(np.flatnonzero(np.diff(cell, prepend=cell[:1] - 1)), len(cell)))


def _ranks(cell: np.ndarray, value: np.ndarray, starts: np.ndarray) -> np.ndarray:
    n = len(value)
    rank = np.empty(n, dtype=np.int64)
    rank[np.lexsort((np.arange(n), value, cell))] = np.arange(n)
    return np.asarray(rank - np.repeat(starts[:-1], np.diff(starts)))


def _ties(starts: np.ndarray, rank: np.ndarray, by_rank: np.ndarray) -> np.ndarray:
    """For each row the ranks in its cell where prices equal to its own begin and end, (2, n)."""
    fresh = np.ones(len(by_rank), dtype=bool)
    fresh[1:] = by_rank[1:] != by_rank[:-1]
    fresh[starts[:-1]] = True
    edges = np.append(np.flatnonzero(fresh), len(by_rank))
    first = np.repeat(starts[:-1], np.diff(starts))
    at = np.searchsorted(edges, first + rank, side="right") - 1
    return np.stack([edges[at] - first, edges[at + 1] - first])
