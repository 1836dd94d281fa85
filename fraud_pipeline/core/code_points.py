"""A column of texts as code points end to end, for kernels that read characters."""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Texts:
    """All texts end to end as code points; text k is codes[starts[k]:starts[k + 1]]."""

    codes: np.ndarray  # uint32
    starts: np.ndarray  # int64, shape (texts + 1,)


def encoded(column: pa.ChunkedArray) -> Texts:
    """The texts of a string column as code points; one that is missing has none."""
    whole = pc.fill_null(column, "").cast(pa.large_string()).combine_chunks()
    if len(whole) == 0:
        return Texts(np.zeros(0, np.uint32), np.zeros(1, np.int64))
    _, offsets, data = whole.buffers()
    bounds = np.frombuffer(offsets, np.int64)[whole.offset : whole.offset + len(whole) + 1]
    return Texts(*_code_points(np.frombuffer(data or b"", np.uint8), bounds))


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _code_points(data: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """UTF-8 (RFC 3629) out of the column's own buffer: no string a row is made."""
    starts = np.empty(bounds.size, np.int64)
    size = 0
    for text in range(bounds.size - 1):
        starts[text] = size
        for at in range(bounds[text], bounds[text + 1]):
            size += (data[at] & 0xC0) != 0x80
    starts[-1] = size
    codes = np.empty(size, np.uint32)
    n = -1
    for at in range(bounds[0], bounds[-1]):
        byte = np.uint32(data[at])
        if byte & 0xC0 != 0x80:  # the first of a character: how many follow, then bits of it
            n += 1
            if byte < 0x80:
                codes[n] = byte
            elif byte < 0xE0:
                codes[n] = byte & 0x1F
            elif byte < 0xF0:
                codes[n] = byte & 0x0F
            else:
                codes[n] = byte & 0x07
        elif n >= 0:
            codes[n] = codes[n] << np.uint32(6) | byte & np.uint32(0x3F)
    return codes, starts
