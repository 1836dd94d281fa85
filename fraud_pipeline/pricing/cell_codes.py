"""Whole numbers that stand for the values of a column and for combinations of columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def distinct_in(cell: np.ndarray, key: np.ndarray) -> np.ndarray:
    """How many different keys each claim's cell holds, int64 (n,)."""
    both = combined(cell, key)
    first = np.zeros(len(cell), dtype=np.int64)
    first[np.unique(both, return_index=True)[1]] = 1
    return np.bincount(cell, first).astype(np.int64)[cell]


def codes(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """Codes of a text column in the order of its words, int64 (n,)."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    encoded = whole.cast(pa.string()).dictionary_encode()
    words = encoded.dictionary
    rank = np.empty(len(words), dtype=np.int64)
    rank[pc.array_sort_indices(words).to_numpy()] = np.arange(len(words))
    at = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.where(at >= 0, rank[np.maximum(at, 0)] if len(words) else 0, len(words)).astype(
        np.int64
    )


def combined(*keys: np.ndarray) -> np.ndarray:
    """One code for each combination of ``keys``, without gaps."""
    code = keys[0].astype(np.int64)
    for key in keys[1:]:
        code = code * (1 + int(key.max(initial=0))) + key
    return np.asarray(np.unique(code, return_inverse=True)[1], dtype=np.int64)
