"""How often chance alone would look as good: p-values after the search, and q-values."""

from __future__ import annotations

import numpy as np

_EULER = 0.5772156649015329
_ENOUGH = 99  # null samples from which counting beats a fitted tail


def p_values(structure_nats: np.ndarray, maxima: np.ndarray) -> np.ndarray:
    """P(the best set of a null sample scores at least so much), float64 like ``score``.

    With 99 null samples or more: (1 + samples at least as good) / (1 + samples), valid after
    the search because each sample was searched alike (Westfall and Young 1993); beyond the best
    of them it falls on by a factor e a nat, as the union bound does at least. With fewer, a
    Gumbel tail of slope one: beyond x nats the union bound falls at least like exp(-x), so
    only its place is estimated, from the mean of the samples plus 1.64 standard errors. With
    none, the union bound exp(-score) itself.
    """
    bound: np.ndarray = np.exp(-np.maximum(structure_nats, 0.0))
    if maxima.size == 0:
        return bound
    if maxima.size >= _ENOUGH:
        reached = maxima.size - np.searchsorted(np.sort(maxima), structure_nats, side="left")
        beyond = np.maximum(structure_nats - maxima.max(), 0.0)
        counted: np.ndarray = np.exp(-beyond) * (1.0 + reached) / (1.0 + maxima.size)
        return counted
    place = maxima.mean() - _EULER + 1.645 * 1.2825 / np.sqrt(maxima.size)
    tail: np.ndarray = -np.expm1(-np.exp(-np.clip(structure_nats - place, -30.0, 700.0)))
    best: np.ndarray = np.minimum(bound, tail)
    return best


def q_values(p: np.ndarray) -> np.ndarray:
    """Benjamini and Hochberg 1995: the false discovery rate at which each would be named."""
    n = p.size
    order = np.argsort(p, kind="stable")[::-1]
    scaled = p[order] * n / np.arange(n, 0, -1)
    q = np.empty(n)
    q[order] = np.minimum(np.minimum.accumulate(scaled), 1.0) if n else scaled
    return q
