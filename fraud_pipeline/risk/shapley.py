"""Exact Shapley contributions of boosted trees, fast because the trees are small.

A leaf is reached when each of the few features on its path lies where the path wants it, so what a
leaf contributes depends on the row only through which of them do: m features, 2^m patterns. The
contributions of every pattern are worked out once (the polynomial of Lundberg et al. 2020,
"From local explanations to global understanding"; tables by pattern as in Fast TreeSHAP v2, Yang
2021), and explaining a row is looking them up. The same numbers as LightGBM's ``pred_contrib``,
about thirty times faster (`python -m benchmarks.explaining`).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import lightgbm as lgb
import numba as nb
import numpy as np

from fraud_pipeline.core.threads import N_THREADS

MOST_FEATURES = 12  # on one path; more would make the table of its patterns too large
_NAN, _ZERO, _NO_VALUE = 2, 1, 1e-35  # LightGBM's missing types and what it takes for zero


class Paths(NamedTuple):
    """The conditions on the way to every leaf of every tree, and the tables of contributions.

    Arrays over (leaf, feature on its path): ``feature``, ``low`` < value <= ``high``, ``blank``
    whether an unknown value passes. ``start`` (leaves + 1,) into them; ``at`` (leaves,) into
    ``table``, which holds for each pattern the contribution of each feature.
    """

    feature: np.ndarray
    low: np.ndarray
    high: np.ndarray
    blank: np.ndarray
    start: np.ndarray
    at: np.ndarray
    table: np.ndarray


@dataclass(frozen=True)
class Leaves:
    """Every leaf of a model; ``base`` is what a claim without any feature would score."""

    base: float
    paths: Paths

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """(n, k) contributions to the raw score of (n, k) features; NaN = unknown."""
        rows = np.ascontiguousarray(matrix, dtype=np.float64)
        out = np.zeros(rows.shape)
        cuts = np.linspace(0, len(rows), N_THREADS + 1).astype(int)

        def some(part: int) -> None:
            a, b = cuts[part], cuts[part + 1]
            _look_up(rows[a:b], out[a:b], self.paths)

        with ThreadPoolExecutor(N_THREADS) as pool:
            list(pool.map(some, range(N_THREADS)))
        return out


def leaves_of(booster: lgb.Booster) -> Leaves | None:
    """The leaves of a model; None where a path has too many features or a split is categorical."""
    paths: list[tuple[float, list[tuple[int, float, float, bool, float]]]] = []
    base = 0.0
    for tree in booster.model_to_string().split("\nTree=")[1:]:
        fields = dict(
            line.split("=", 1) for line in tree.split("\n\n")[0].splitlines() if "=" in line
        )
        paths_found = _paths(fields)
        if (
            paths_found is None
            or max((len(p) for _, p, _ in paths_found), default=0) > MOST_FEATURES
        ):
            return None
        base += sum(value * share for value, _, share in paths_found)
        paths += [(value, path) for value, path, _ in paths_found]
    length = np.array([len(path) for _, path in paths], dtype=np.int64)
    flat = [step for _, path in paths for step in path]
    size = (2**length) * length
    table = np.zeros(int(size.sum()))
    start = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    at = np.concatenate([[0], np.cumsum(size)])[:-1].astype(np.int64)
    zero = np.array([step[4] for step in flat])
    _tables(np.array([value for value, _ in paths]), zero, start, at, table)
    feature = np.array([s[0] for s in flat], np.int64)
    low, high = np.array([s[1] for s in flat]), np.array([s[2] for s in flat])
    blank = np.array([s[3] for s in flat], bool)
    return Leaves(base, Paths(feature, low, high, blank, start, at, table))


Path = list[tuple[int, float, float, bool, float]]  # feature, low, high, blank passes, share


def _paths(fields: dict[str, str]) -> list[tuple[float, Path, float]] | None:
    """Each leaf: its value, its path, and the share of the training rows that reached it."""
    value = [float(v) for v in fields["leaf_value"].split()]
    if len(value) == 1:
        return [(value[0], [], 1.0)]
    if fields.get("num_cat", "0") != "0":
        return None
    names = (
        "split_feature",
        "decision_type",
        "left_child",
        "right_child",
        "leaf_count",
        "internal_count",
    )
    feature, kind, left, right, leaf_count, count = (
        [int(v) for v in fields[n].split()] for n in names
    )
    threshold = [float(v) for v in fields["threshold"].split()]
    paths_found: list[tuple[float, Path, float]] = []
    waiting: list[tuple[int, dict[int, tuple[float, float, bool, float]]]] = [(0, {})]
    while waiting:
        node, path = waiting.pop()
        for child, goes_left in ((left[node], True), (right[node], False)):
            f, cut = feature[node], threshold[node]
            low, high, blank, share = path.get(f, (-np.inf, np.inf, True, 1.0))
            low, high = (low, min(high, cut)) if goes_left else (max(low, cut), high)
            missing = (kind[node] >> 2) & 3
            to_left = bool(kind[node] & 2) if missing == _NAN else cut >= 0.0
            if missing == _ZERO:
                return None  # zero as unknown: not how this product trains
            reached = leaf_count[~child] if child < 0 else count[child]
            step = (low, high, blank and to_left == goes_left, share * reached / count[node])
            further = {**path, f: step}
            if child < 0:
                steps = [(name, *rest) for name, rest in further.items()]
                paths_found.append((value[~child], steps, leaf_count[~child] / count[0]))
            else:
                waiting.append((child, further))
    return paths_found


@nb.njit(cache=True)
def _tables(value, zero, start, at, table):  # type: ignore[no-untyped-def]
    """Shapley values of every pattern: sums over subsets as coefficients of a polynomial."""
    weight = np.empty(32)
    polynomial = np.empty(32)
    for leaf in range(len(value)):
        first, m = start[leaf], start[leaf + 1] - start[leaf]
        for s in range(m):  # s! (m - s - 1)! / m!
            w = 1.0 / m
            for i in range(1, s + 1):
                w *= i / (m - i)
            weight[s] = w
        for pattern in range(1 << m):
            for j in range(m):
                polynomial[0] = 1.0
                degree = 0
                for k in range(m):
                    if k == j:
                        continue
                    z = zero[first + k]
                    one = (pattern >> k) & 1
                    polynomial[degree + 1] = polynomial[degree] * one
                    for d in range(degree, 0, -1):
                        polynomial[d] = polynomial[d] * z + polynomial[d - 1] * one
                    polynomial[0] *= z
                    degree += 1
                total = 0.0
                for s in range(m):
                    total += weight[s] * polynomial[s]
                own = ((pattern >> j) & 1) - zero[first + j]
                table[at[leaf] + pattern * m + j] = value[leaf] * own * total


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _look_up(rows: np.ndarray, out: np.ndarray, paths: Paths) -> None:
    """Adds the contributions of ``rows`` (n, k) to ``out`` (n, k)."""
    start, feature = paths.start, paths.feature
    for row in range(rows.shape[0]):
        for leaf in range(len(start) - 1):
            first, last = start[leaf], start[leaf + 1]
            pattern = 0
            for k in range(first, last):
                x = rows[row, feature[k]]
                if paths.blank[k] if np.isnan(x) else (paths.low[k] < x <= paths.high[k]):
                    pattern |= 1 << (k - first)
            offset = paths.at[leaf] + pattern * (last - first)
            for k in range(first, last):
                out[row, feature[k]] += paths.table[offset + k - first]
