"""How far a distribution moved between two runs: the population stability index, and chance.

The index alone cries wolf on few claims: with n and m values in b bins its expectation under
no change is about (b - 1)(1/n + 1/m). So each index comes with the probability of one this
large by chance (B. Yurdakul, J. Naranjo, "Statistical properties of the population stability
index", Journal of Risk Model Validation 14(4), 2020: PSI / (1/n + 1/m) is about chi-squared
with b - 1 degrees of freedom).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

BINS = 10
LEAST = 50  # values on either side; fewer say nothing
_HALF = 0.5  # a bin that is empty on one side counts as half a value there


@dataclass(frozen=True)
class Shift:
    """One column's move: ``psi`` and the chance ``p_value`` of one this large without a change."""

    name: str
    psi: float
    p_value: float
    n_before: int
    n_now: int


def psi(before: np.ndarray, now: np.ndarray) -> tuple[float, float]:
    """Population stability index and its p-value; arrays of float64, NaN = unknown.

    Bins are the tenths of ``before``; the unknown are a bin of their own, because a column
    that goes silent has moved too.

    >>> x = np.arange(1000.0)
    >>> psi(x, x)[0], round(psi(x, x + 500)[0], 1) > 1
    (0.0, True)
    """
    known = before[~np.isnan(before)]
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if len(known) else known
    old, new = _counts(before, edges), _counts(now, edges)
    used = (old + new) > 0
    old, new = np.maximum(old[used], _HALF), np.maximum(new[used], _HALF)
    p, q = old / old.sum(), new / new.sum()
    index = float(np.sum((q - p) * np.log(q / p)))
    noise = 1 / len(before) + 1 / len(now)
    p_value = float(stats.chi2.sf(index / noise, max(1, int(used.sum()) - 1)))
    return index, p_value


def _counts(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    unknown = np.isnan(values)
    place = np.searchsorted(edges, values[~unknown], side="left")
    return np.append(np.bincount(place, minlength=len(edges) + 1), unknown.sum()).astype(float)


def shifts(before: pa.Table, now: pa.Table, names: list[str]) -> list[Shift]:
    """The shift of every column in ``names`` that both tables have, greatest first."""
    if min(before.num_rows, now.num_rows) < LEAST:
        return []
    moves = []
    for name in names:
        if name in before.column_names and name in now.column_names:
            index, p_value = psi(_numbers(before[name]), _numbers(now[name]))
            moves.append(Shift(name, index, p_value, before.num_rows, now.num_rows))
    return sorted(moves, key=lambda s: (-s.psi, s.name))


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    values: np.ndarray = pc.fill_null(column.cast(pa.float64()), np.nan).to_numpy()
    return values
