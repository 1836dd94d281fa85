"""The compiled part of ``evidence``: each institution's level, scales and overpricing share on a grid.

For every institution the likelihood of its residuals is summed over a grid of price levels (u) and
shares of overpriced claims (p), and for each of its services over scales (v, times the spread): an
institution may keep a price list for one service and haggle over another. A claim is honest with
density f0 (Student t around the level) and overpriced with density f1, the same shifted up by a
factor drawn from the estimated distribution of excesses. Everything is exact on the grid; an
institution costs its claims times the grid.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

FREEDOM = 8.0  # of the t distribution around an institution's level, at a given scale
_CONSTANT = math.exp(math.lgamma((FREEDOM + 1) / 2) - math.lgamma(FREEDOM / 2)) / math.sqrt(
    FREEDOM * math.pi
)
# Sums in any order; not-a-number and infinity keep their sense.
_FAST = {"reassoc", "contract", "arcp"}
_FLOOR = 1e-9  # of a density: no claim is impossible


class Grid(NamedTuple):
    """``offset`` are shifts in log price in steps of ``offset[1] - offset[0]``: the first ``n_level``
    are institution levels, 0 the one in the middle, and level k shifted by excess j is offset
    k + ``first_excess`` + j."""

    offset: np.ndarray
    scale: np.ndarray
    share: np.ndarray
    n_level: int
    first_excess: int


class Prior(NamedTuple):
    """Probabilities of the scales, levels, shares and excesses of a :class:`Grid`."""

    scale: np.ndarray
    level: np.ndarray
    share: np.ndarray
    excess: np.ndarray


class Claims(NamedTuple):
    """Claims in the order of institution and service.

    Institution j has the cells ``cells[j]`` to ``cells[j + 1]``, one a service; cell b has the rows
    ``rows[b]`` to ``rows[b + 1]`` of the other columns. Its honest prices are those of a plain kind
    and of dearer ones, ``shift`` (cells, kinds) steps above with a ``share`` of them. Rows with ``counts`` False say nothing.
    """

    cells: np.ndarray
    rows: np.ndarray
    shift: np.ndarray
    share: np.ndarray
    residual: np.ndarray
    spread: np.ndarray
    counts: np.ndarray


@njit(cache=True, nogil=True, fastmath=_FAST)
def _densities(residual, spread, offset, scale, out):  # type: ignore[no-untyped-def]
    for v in range(len(scale)):
        inverse = 1.0 / (spread * scale[v])
        for k in range(len(offset)):
            z = (residual - offset[k]) * inverse
            x = 1.0 / (1.0 + z * z / FREEDOM)
            out[v, k] = _CONSTANT * inverse * x * x * x * x * math.sqrt(x) + _FLOOR


@njit(cache=True, nogil=True, fastmath=_FAST)
def _shifted(density, v, u, first_excess, excess):  # type: ignore[no-untyped-def]
    """Density of an overpriced claim: the excess counts from the market, or from a level above it."""
    total = 0.0
    for k in range(len(excess)):
        total += excess[k] * density[v, u + first_excess + k]
    return total


@njit(cache=True, nogil=True, fastmath=_FAST)
def _honest(density, v, u, shift, share):  # type: ignore[no-untyped-def]
    total, plain = 0.0, 1.0
    for k in range(len(share)):
        if share[k] > 0.0:
            total += share[k] * density[v, u + shift[k]]
            plain -= share[k]
    return total + plain * density[v, u]


@njit(cache=True, nogil=True, fastmath=_FAST)
def _cell_likelihood(cell, claims, grid, prior, out):  # type: ignore[no-untyped-def]
    """Prior of the scale times the likelihood of a cell's claims, up to a factor, (v, u, p)."""
    _, scale, share, n_level, first_excess = grid
    market = (n_level - 1) // 2
    density = np.empty((len(scale), len(grid.offset)))
    for v in range(len(scale)):
        out[v] = prior.scale[v]
    for i in range(claims.rows[cell], claims.rows[cell + 1]):
        if not claims.counts[i]:
            continue
        _densities(claims.residual[i], claims.spread[i], grid.offset, scale, density)
        most = 0.0
        for v in range(len(scale)):
            over = _shifted(density, v, market, first_excess, prior.excess)
            for u in range(n_level):
                honest = _honest(density, v, u, claims.shift[cell], claims.share[cell])
                if u > market:
                    over = _shifted(density, v, u, first_excess, prior.excess)
                for p in range(len(share)):
                    out[v, u, p] *= honest + share[p] * (over - honest)
                    most = max(most, out[v, u, p])
        out *= 1.0 / most


@njit(cache=True, nogil=True, fastmath=_FAST)
def posteriors(claims, grid, prior, out):  # type: ignore[no-untyped-def]
    """Posterior over (scale of the cell, level, share) of each cell, into ``out`` (cells, v, u, p).

    The level and the share are those of the cell's institution and known from all its cells.
    """
    n_share = len(grid.share)
    for j in range(len(claims.cells) - 1):
        first, last = claims.cells[j], claims.cells[j + 1]
        summed = np.empty((last - first, grid.n_level, n_share))
        whole = np.empty((grid.n_level, n_share))
        for u in range(grid.n_level):
            whole[u] = prior.level[u] * prior.share
        for b in range(first, last):
            _cell_likelihood(b, claims, grid, prior, out[b])
            summed[b - first] = out[b].sum(axis=0)
            whole *= summed[b - first]
            whole /= whole.max()
        for b in range(first, last):
            for u in range(grid.n_level):
                for p in range(n_share):
                    own = summed[b - first, u, p]
                    others = whole[u, p] / own if own > 0.0 else 0.0
                    for v in range(len(grid.scale)):
                        out[b, v, u, p] *= others
            out[b] /= out[b].sum()


@njit(cache=True, nogil=True, fastmath=_FAST)
def verdicts(claims, grid, prior, post, out, weight):  # type: ignore[no-untyped-def]
    """What the institution's other claims say of each claim, into ``out`` (n, 4).

    Prior share, predictive density if honest, if overpriced (times their prior), level. ``weight``
    (excesses) gains the expected number of claims with each excess; empty where nobody asks.
    """
    offset, scale, share, n_level, first_excess = grid
    market = (n_level - 1) // 2
    excess = prior.excess
    density = np.empty((len(scale), len(offset)))
    for j in range(len(claims.rows) - 1):
        for i in range(claims.rows[j], claims.rows[j + 1]):
            _densities(claims.residual[i], claims.spread[i], offset, scale, density)
            total, expected, if_honest, if_over, level = 0.0, 0.0, 0.0, 0.0, 0.0
            for v in range(len(scale)):
                over = _shifted(density, v, market, first_excess, excess)
                at_market = 0.0
                for u in range(n_level):
                    honest = _honest(density, v, u, claims.shift[j], claims.share[j])
                    if u > market:
                        over = _shifted(density, v, u, first_excess, excess)
                    all_rest, share_rest = 0.0, 0.0
                    own = 1.0 if claims.counts[i] else 0.0  # the claim's own say is taken out
                    for p in range(len(share)):
                        likelihood = own * (honest + share[p] * (over - honest)) + (1.0 - own)
                        rest = post[j, v, u, p] / likelihood
                        all_rest += rest
                        share_rest += rest * share[p]
                    total += all_rest
                    expected += share_rest
                    if_honest += (all_rest - share_rest) * honest
                    if_over += share_rest * over
                    level += all_rest * offset[u]
                    at_market += share_rest
                    if u >= market:
                        if claims.counts[i]:
                            for k in range(len(weight)):
                                weight[k] += (
                                    at_market * excess[k] * density[v, u + first_excess + k]
                                )
                        at_market = 0.0
            out[i, 0], out[i, 1] = expected / total, if_honest / total
            out[i, 2], out[i, 3] = if_over / total, level / total
