"""Numbers and dates of any table as far as they can be read, and why a row is not judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

Column = Sequence[object] | np.ndarray
NO_NUMBER = "unit price missing or not positive"
NO_ITEM = "item missing"
NO_DATE = "date missing"
FEW_PEERS = "too few prices of other sellers known on the day"


def readable_numbers(values: Column) -> tuple[np.ndarray, dict[int, str]]:
    """float64 (n,), NaN where missing or unreadable; and what is wrong, by row, where unreadable.

    >>> readable_numbers(["1.5", None, "1.234,56"])[1]
    {2: "unit price '1.234,56' is not a number"}
    """
    try:
        return np.asarray(values, dtype=float), {}
    except (TypeError, ValueError):
        pass
    numbers, wrong = np.full(len(values), np.nan), {}
    for row, value in enumerate(values):
        try:
            numbers[row] = np.nan if value is None else float(value)
        except (TypeError, ValueError):
            wrong[row] = f"unit price {str(value)!r} is not a number"
    return numbers, wrong


def readable_dates(values: Column) -> tuple[np.ndarray, dict[int, str]]:
    """datetime64[D] (n,), NaT where missing or unreadable; and what is wrong, by row."""
    try:
        return np.asarray(values, dtype="datetime64[D]"), {}
    except (TypeError, ValueError):
        pass
    days, wrong = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[D]"), {}
    for row, value in enumerate(values):
        try:
            days[row] = np.datetime64(value, "D") if value is not None else np.datetime64("NaT")
        except (TypeError, ValueError):
            wrong[row] = f"date {str(value)!r} is not a date (YYYY-MM-DD)"
    return days, wrong


def not_judged(
    price: np.ndarray, item: Column, days: np.ndarray | None, unjudged: np.ndarray,
    unreadable: Mapping[int, str],
) -> np.ndarray:  # fmt: skip
    """Why each row is not judged, None where it is; the first of what is wrong with it."""
    known = pa.array(item, from_pandas=True).is_valid().to_numpy(zero_copy_only=False)
    reason = np.full(len(price), None, dtype=object)
    reason[unjudged] = FEW_PEERS
    if days is not None:
        reason[np.isnat(days)] = NO_DATE
    reason[~known] = NO_ITEM
    reason[~(np.isfinite(price) & (price > 0))] = NO_NUMBER
    for row, words in unreadable.items():
        reason[row] = words
    return reason
