"""Confidence intervals of a share."""

from __future__ import annotations

_Z = 1.959964  # two-sided 95 % quantile of the normal distribution


def wilson_interval(hits: int, n: int) -> dict[str, float]:
    """share, low, high: the share hits / n with its 95 % score interval (Wilson 1927); n > 0.

    >>> round(wilson_interval(0, 10)["high"], 4)
    0.2775
    """
    share, square = hits / n, _Z * _Z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = _Z * ((share * (1 - share) / n + square / (4 * n * n)) ** 0.5) / (1 + square / n)
    return {"share": share, "low": max(0.0, centre - half), "high": min(1.0, centre + half)}
