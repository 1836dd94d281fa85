"""The market of each price: robust deciles of its peers, shrunk from wide groups to narrow.

Log prices throughout. A narrow group of n peers speaks with weight n against the k
pseudo-observations of the wider group that contains it, so thin cells borrow strength
(n < 20 is the rule in a county) and thick ones speak for themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from fraud_pipeline.pricing.order import DECILES, deciles_without

_RANGE_TO_SIGMA = 2.563  # from the first to the ninth decile, in standard deviations


@dataclass(frozen=True)
class Market:
    """Where each claim's market lies, in log yuan; all arrays of shape (n,)."""

    mid: np.ndarray
    spread: np.ndarray  # standard deviation of an honest log price
    n_cell: np.ndarray  # peers in the narrowest group
    n_wide: np.ndarray  # peers in the widest


@dataclass(frozen=True)
class Prior:
    """What is known before any peer speaks, e.g. a price catalogue; NaN where nothing is."""

    mid: np.ndarray
    spread: np.ndarray
    weight: float


def peer_market(
    price: np.ndarray, groups: list[np.ndarray], owners: np.ndarray, prior: Prior,
    shrink: float, least_spread: float,
) -> Market:  # fmt: skip
    """The market of each price without the claim's own seller, buyer and ring.

    price  (n,) log unit prices
    groups widest first, each (n,) int64 codes; every group lies inside the one before
    owners (n, 3) int64 codes of seller, buyer and ring, -1 = none
    """
    mid, spread = prior.mid.copy(), prior.spread.copy()
    known = np.where(np.isnan(mid), 0.0, prior.weight)
    counts = []
    for number, group in enumerate(groups):
        n, decile = _of_group(price, group, owners)
        counts.append(n)
        own_spread = (decile[:, 2] - decile[:, 0]) / _RANGE_TO_SIGMA
        k = known if number == 0 else np.where(np.isnan(mid), 0.0, shrink)
        weight = np.divide(n, n + k, out=np.zeros(len(n)), where=n + k > 0)
        mid = _mix(decile[:, 1], mid, weight)
        spread = np.sqrt(_mix(own_spread**2, spread**2, weight))
    return Market(mid, np.fmax(spread, least_spread), counts[-1], counts[0])


def tail_probability(price: np.ndarray, market: Market, shrink: float) -> np.ndarray:
    """P(an honest price is at least this dear): Student's t, for the spread is estimated too."""
    n = market.n_cell + np.minimum(shrink, market.n_wide)
    scale = market.spread * np.sqrt(1.0 + 1.0 / np.maximum(n, 1.0))
    freedom = np.maximum(n - 1.0, 3.0)
    tail: np.ndarray = student.sf((price - market.mid) / scale, freedom)
    return tail


def _mix(own: np.ndarray, parent: np.ndarray, weight: np.ndarray) -> np.ndarray:
    mixed = weight * own + (1.0 - weight) * parent
    return np.where(np.isnan(own), parent, np.where(np.isnan(parent), own, mixed))


def _of_group(price: np.ndarray, group: np.ndarray, owners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.lexsort((price, group))
    begin = np.searchsorted(group[order], np.arange(group.max(initial=-1) + 2))
    position = np.empty(len(price), dtype=np.int64)
    position[order] = np.arange(len(price)) - begin[group[order]]
    lists = [_by_owner(owners[:, k], group, position) for k in range(3)]
    counts, deciles = deciles_without(
        price[order], begin, group, owners, *lists[0], *lists[1], *lists[2], DECILES
    )
    return counts, deciles


def _by_owner(owner: np.ndarray, group: np.ndarray, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = np.flatnonzero(owner >= 0)
    rows = rows[np.lexsort((position[rows], group[rows], owner[rows]))]
    pairs = np.column_stack([group[rows], position[rows]]).astype(np.int64)
    return pairs, np.searchsorted(owner[rows], np.arange(owner.max(initial=-1) + 2))
