"""Substring search in a column of texts: binary search in the sorted beginnings of all suffixes.

Of every suffix (from each character to the end) the first eight bytes are kept as one number, so
that a search costs the same however many texts there are. Longer searches are narrowed by their
rarest window of eight bytes; the caller compares the texts found.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_WIDTH = 8  # bytes of a suffix that are kept
_CHUNK = 2_000_000  # suffixes made at once, so that memory does not grow with the run

Rows = NDArray[np.int32]


class SuffixIndex:
    """Sorted suffix beginnings (uint64) and the row of the text each belongs to (int32)."""

    def __init__(self, keys: NDArray[np.uint64], rows: Rows):
        self._keys, self._rows = keys, rows

    def range_of(self, window: bytes) -> tuple[int, int]:
        """First and last place (exclusive) of suffixes that begin with ``window``."""
        first = int.from_bytes(window.ljust(_WIDTH, b"\0"), "big")
        last = int.from_bytes(window.ljust(_WIDTH, b"\xff"), "big")
        left = np.searchsorted(self._keys, np.uint64(first), "left")
        right = np.searchsorted(self._keys, np.uint64(last), "right")
        return int(left), int(right)

    def candidates(self, text: str, limit: int) -> Rows:
        """At most ``limit`` rows that can hold ``text``, ascending and distinct."""
        ranges = (self.range_of(window) for window in windows(text))
        left, right = min(ranges, key=lambda r: r[1] - r[0], default=(0, 0))
        return np.unique(self._rows[left : min(right, left + limit)])

    def rows_with(self, window: str, most: int) -> Rows:
        """Distinct rows that hold a short text; none where there are more than ``most``."""
        left, right = self.range_of(window.encode()[:_WIDTH])
        return np.unique(self._rows[left : right if right - left <= most else left])


def windows(text: str) -> list[bytes]:
    """The parts of a text of at most eight bytes, from each character on.

    >>> windows("C0000001X")
    [b'C0000001', b'0000001X']
    """
    parts = []
    for at in range(len(text)):
        part = b""
        for character in text[at:]:
            if len(part) + len(character.encode()) > _WIDTH:
                break
            part += character.encode()
        parts.append(part)
        if text[at:].encode() == part:
            break
    return parts


def build(texts: pa.Array | pa.ChunkedArray) -> SuffixIndex:
    """The index over an Arrow array of strings without nulls."""
    data, offsets = _buffer(texts)
    lengths = np.diff(offsets)
    # a suffix begins at each byte that begins a character
    starts = np.flatnonzero((data & 0xC0) != 0x80)
    rows = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)[starts]
    ends = offsets[1:][rows]
    keys = np.empty(len(starts), dtype=np.uint64)
    padded = np.concatenate([data, np.zeros(_WIDTH, np.uint8)])
    for at in range(0, len(starts), _CHUNK):
        part = slice(at, at + _CHUNK)
        keys[part] = _packed(padded, starts[part], ends[part])
    order = np.argsort(keys, kind="stable")
    return SuffixIndex(keys[order], rows[order])


def _buffer(texts: pa.Array | pa.ChunkedArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(the UTF-8 bytes of all texts, where each begins and the last ends)."""
    whole = texts.cast(pa.large_string())
    chunks = whole.chunks if isinstance(whole, pa.ChunkedArray) else [whole]
    joined = pa.concat_arrays([*chunks, pa.array([""], pa.large_string())]).slice(0, len(whole))
    buffers = joined.buffers()
    offsets = np.frombuffer(buffers[1], dtype=np.int64)[
        joined.offset : joined.offset + len(joined) + 1
    ]
    data = np.frombuffer(buffers[2] or b"", dtype=np.uint8)
    return data[offsets[0] : offsets[-1]], offsets - offsets[0]


def _packed(
    data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Eight bytes from each start as one number, big-endian; zero beyond the end of the text."""
    keys = np.zeros(len(starts), dtype=np.uint64)
    for at in range(_WIDTH):
        byte = np.where(starts + at < ends, data[starts + at], 0).astype(np.uint64)
        keys |= byte << np.uint64(8 * (_WIDTH - 1 - at))
    return keys


def save(index: SuffixIndex, path: Path) -> None:
    """Writes the index as two files beside ``path``."""
    np.save(path.with_suffix(".keys.npy"), index._keys)
    np.save(path.with_suffix(".rows.npy"), index._rows)


def open_mapped(path: Path) -> SuffixIndex:
    """Opens the index that ``save`` wrote; pages are read when needed."""
    keys = np.load(path.with_suffix(".keys.npy"), mmap_mode="r")
    return SuffixIndex(keys, np.load(path.with_suffix(".rows.npy"), mmap_mode="r"))
