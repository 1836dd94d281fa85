"""The compiled part of ``evidence``: each institution's level, scale and overpricing share on a grid.

For every institution the likelihood of its residuals is summed over a grid of price levels (u),
scales (v, times the spread) and shares of overpriced claims (p). A claim is honest with density
f0 (Student t around the level) and overpriced with density f1, the same shifted up by a factor
drawn from the estimated distribution of excesses. Everything is exact on the grid; an institution
costs its claims times the grid.
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
_FLOOR = 1e-9  # of a density: no claim is impossible


class Grid(NamedTuple):
    """``offset`` are shifts in log price in steps of ``offset[1] - offset[0]``: the first ``n_level``
    are institution levels, and level k shifted by excess j is offset k + ``first_excess`` + j."""

    offset: np.ndarray
    scale: np.ndarray
    share: np.ndarray
    n_level: int
    first_excess: int


@njit(cache=True, nogil=True)
def _densities(residual, spread, offset, scale, out):  # type: ignore[no-untyped-def]
    for v in range(len(scale)):
        inverse = 1.0 / (spread * scale[v])
        for k in range(len(offset)):
            z = (residual - offset[k]) * inverse
            x = 1.0 / (1.0 + z * z / FREEDOM)
            out[v, k] = _CONSTANT * inverse * x * x * x * x * math.sqrt(x) + _FLOOR


@njit(cache=True, nogil=True)
def _shifted(density, v, u, first_excess, excess):  # type: ignore[no-untyped-def]
    total = 0.0
    for k in range(len(excess)):
        total += excess[k] * density[v, u + first_excess + k]
    return total


@njit(cache=True, nogil=True)
def posteriors(start, residual, spread, counts, grid, excess, prior, out):  # type: ignore[no-untyped-def]
    """Posterior of each institution over (scale, level, share), into ``out`` (institutions, v, u, p).

    Institution j has the rows start[j] to start[j + 1]; rows with ``counts`` False say nothing.
    """
    offset, scale, share, n_level, first_excess = grid
    density = np.empty((len(scale), len(offset)))
    for j in range(len(start) - 1):
        post = out[j]
        post[:] = prior
        for i in range(start[j], start[j + 1]):
            if not counts[i]:
                continue
            _densities(residual[i], spread[i], offset, scale, density)
            most = 0.0
            for v in range(len(scale)):
                for u in range(n_level):
                    honest = density[v, u]
                    over = _shifted(density, v, u, first_excess, excess)
                    for p in range(len(share)):
                        post[v, u, p] *= honest + share[p] * (over - honest)
                        most = max(most, post[v, u, p])
            post /= most
        post /= post.sum()


@njit(cache=True, nogil=True)
def verdicts(start, residual, spread, counts, grid, excess, post, out, weight):  # type: ignore[no-untyped-def]
    """What the institution's other claims say of each claim, into ``out`` (n, 4).

    Prior share, predictive density if honest, if overpriced (times their prior), level. ``weight``
    (excesses) gains the expected number of claims with each excess.
    """
    offset, scale, share, n_level, first_excess = grid
    density = np.empty((len(scale), len(offset)))
    for j in range(len(start) - 1):
        for i in range(start[j], start[j + 1]):
            _densities(residual[i], spread[i], offset, scale, density)
            total, prior, if_honest, if_over, level = 0.0, 0.0, 0.0, 0.0, 0.0
            for v in range(len(scale)):
                for u in range(n_level):
                    honest = density[v, u]
                    over = _shifted(density, v, u, first_excess, excess)
                    all_rest, share_rest, share_all = 0.0, 0.0, 0.0
                    for p in range(len(share)):
                        rest = post[j, v, u, p]
                        if counts[i]:
                            rest /= honest + share[p] * (over - honest)
                        all_rest += rest
                        share_rest += rest * share[p]
                    total += all_rest
                    prior += share_rest
                    if_honest += (all_rest - share_rest) * honest
                    if_over += share_rest * over
                    level += all_rest * offset[u]
                    if counts[i]:
                        share_all = share_rest
                        for k in range(len(excess)):
                            weight[k] += share_all * excess[k] * density[v, u + first_excess + k]
            out[i, 0], out[i, 1] = prior / total, if_honest / total
            out[i, 2], out[i, 3] = if_over / total, level / total
