"""The clean claims most like a claim: what a reviewer lays beside it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from fraud_pipeline.pricing.shares import side_by_side

SCANNED = 400  # latest earlier claims looked at in each group


def nearest(
    cells: list[np.ndarray],
    day: np.ndarray,
    log_quantity: np.ndarray,
    sides: tuple[np.ndarray, np.ndarray, np.ndarray],
    clean: np.ndarray,
    bad_day: np.ndarray,
    most: int,
    wanted: np.ndarray | None = None,
) -> np.ndarray:
    """Row numbers of up to ``most`` comparables a claim, nearest first, -1 for none: (n, most).

    Known on the claim's day, of another institution, enterprise and ring, ``clean``
    and not found against by then. The same category and region come first, then the
    same category, then the same region; within each the nearest by |difference of log
    quantity| + years apart. ``cells`` are group codes, narrowest first. Only the
    last 400 claims of a group are looked at. ``wanted`` (n,) bool: rows left out get none.
    """
    claims = _Claims(day, log_quantity, *sides, clean, bad_day)
    n = len(day)
    nearest_rows = np.full((n, most), -1, dtype=np.int64)
    filled = np.zeros(n, dtype=np.int64)
    if wanted is not None:
        filled[~wanted] = most
    for cell in cells:
        order = np.lexsort((np.arange(n), day, cell))
        starts = np.append(np.flatnonzero(np.diff(cell[order], prepend=cell[order][:1] - 1)), n)

        def share(groups: slice, order: np.ndarray = order, starts: np.ndarray = starts,
                  cell: np.ndarray = cell) -> None:  # fmt: skip
            rows = order[starts[groups.start] : starts[groups.stop]]
            _scan(rows, cell, claims, nearest_rows, filled)

        side_by_side(share, starts)
    return nearest_rows


class _Claims(NamedTuple):
    """Columns of all claims, (n,)."""

    day: np.ndarray
    log_quantity: np.ndarray
    institution: np.ndarray
    enterprise: np.ndarray
    ring: np.ndarray
    clean: np.ndarray
    bad_day: np.ndarray


@njit(cache=True, nogil=True)
def _scan(order, cell, claims, nearest_rows, filled):  # type: ignore[no-untyped-def]
    day, log_quantity, institution, enterprise, ring, clean, bad_day = claims
    most = nearest_rows.shape[1]
    distance, candidate = np.empty(SCANNED), np.empty(SCANNED, np.int64)
    last_of_day = len(order) - 1
    for at in range(len(order) - 1, -1, -1):
        row = order[at]
        after = order[min(last_of_day, len(order) - 1)]
        if cell[after] != cell[row] or day[after] != day[row]:
            last_of_day = at
        if filled[row] >= most:
            continue
        n, scanned, k = 0, 0, last_of_day
        while k >= 0 and scanned < SCANNED and cell[order[k]] == cell[row]:
            other = order[k]
            k -= 1
            scanned += 1
            if (
                not clean[other]
                or bad_day[other] <= day[row]
                or institution[other] == institution[row]
                or enterprise[other] == enterprise[row]
                or (ring[row] >= 0 and ring[other] == ring[row])
            ):
                continue
            is_listed = False
            for f in range(filled[row]):
                is_listed |= nearest_rows[row, f] == other
            if not is_listed:
                apart = abs(log_quantity[other] - log_quantity[row])
                distance[n] = apart + (day[row] - day[other]) / 365.25
                candidate[n] = other
                n += 1
        nearest_first = np.argsort(distance[:n], kind="mergesort")
        for k in range(min(n, most - filled[row])):
            nearest_rows[row, filled[row] + k] = candidate[nearest_first[k]]
        filled[row] += min(n, most - filled[row])
