"""Yuan and fen: money is decimal at the seams and whole fen inside computations.

A ``decimal128(18, 2)`` stores its unscaled value, which *is* the amount in fen,
so both directions only reinterpret memory; no float ever touches an amount.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

MONEY = pa.decimal128(18, 2)

Fen = np.ndarray  # int64, shape (n,)


def to_fen(column: pa.ChunkedArray | pa.Array, missing: int = 0) -> Fen:
    """Amounts of a money column in fen, int64 of shape (n,).

    Unknown amounts become ``missing``; ask ``column.is_null()`` for where they
    were, because unknown is never the same as zero.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    column = column.cast(MONEY)
    if len(column) == 0:
        return np.zeros(0, dtype=np.int64)
    words = np.frombuffer(column.buffers()[1], dtype="<i8")  # low and high half of 128 bits
    fen = words[2 * column.offset : 2 * (column.offset + len(column)) : 2].copy()
    if column.null_count:
        fen[column.is_null().to_numpy(zero_copy_only=False)] = missing
    return fen


def from_fen(fen: Fen, unknown: np.ndarray | None = None) -> pa.Array:
    """A money column from whole fen; rows where ``unknown`` is true become null."""
    low = np.ascontiguousarray(fen, dtype="<i8")
    words = np.empty(2 * len(low), dtype="<i8")
    words[0::2] = low
    words[1::2] = low >> 63  # sign extension into the high half
    validity = None
    if unknown is not None and unknown.any():
        validity = pa.array(~unknown).buffers()[1]
    return pa.Array.from_buffers(MONEY, len(low), [validity, pa.py_buffer(words.tobytes())])
