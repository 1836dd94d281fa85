"""A column of texts as code points end to end, for kernels that read characters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Texts:
    """All texts end to end as code points; text k is codes[starts[k]:starts[k + 1]]."""

    codes: np.ndarray  # uint32
    starts: np.ndarray  # int64, shape (texts + 1,)


def encoded(column: pa.ChunkedArray) -> Texts:
    """The texts of a string column as code points."""
    whole = column.combine_chunks().cast(pa.large_string())
    lengths = pc.fill_null(pc.utf8_length(whole), 0).to_numpy()
    codes = np.frombuffer(_joined(whole).encode("utf-32-le", "replace"), dtype="<u4")
    return Texts(codes, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def _joined(strings: pa.Array) -> str:
    """All strings end to end, out of the column's own buffer: no string a row is made."""
    if len(strings) == 0:
        return ""
    offsets = np.frombuffer(strings.buffers()[1], np.int64)
    begin, end = offsets[strings.offset], offsets[strings.offset + len(strings)]
    return bytes(memoryview(strings.buffers()[2] or b"")[begin:end]).decode("utf-8", "replace")
