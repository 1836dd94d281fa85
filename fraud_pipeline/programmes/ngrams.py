"""Pairs of nearly the same texts among many: sketches to find them, n-grams to be sure.

One pass hashes every character n-gram into one of ``BINS`` bins and keeps the least hash
of each (one-permutation hashing, Li, Owen and Zhang 2012); an empty bin borrows from the
next full one (Shrivastava and Li 2014). Texts that agree on all ``ROWS`` bins of some band
are compared by their whole sketches, and those that still look alike exactly. So a pair
can be missed (about one in fifty at similarity 0.9), but never made up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import pyarrow as pa

WIDTH = 5
BINS = 64
ROWS = 8
BANDS = BINS // ROWS
_SLACK = 0.1  # the sketch may understate the similarity by this much


@dataclass(frozen=True)
class Texts:
    """All texts end to end as code points; text k is codes[starts[k]:starts[k + 1]]."""

    codes: np.ndarray  # uint32
    starts: np.ndarray  # int64, shape (texts + 1,)


def encoded(column: pa.ChunkedArray) -> Texts:
    """The texts of a string column as code points."""
    strings = column.to_pylist()
    lengths = np.array([len(text) for text in strings], np.int64)
    codes = np.frombuffer("".join(strings).encode("utf-32-le", "replace"), dtype="<u4")
    return Texts(codes, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def alike(
    texts: Texts, kinds: np.ndarray, least: float, crowd: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(left, right, similarity) of pairs of one kind with Jaccard similarity >= ``least``.

    ``left`` < ``right`` number texts; sorted. A bucket of more than ``crowd`` texts is a
    turn of phrase and is not looked through.
    """
    keys, sketch = _sketches(texts.codes, texts.starts, kinds.astype(np.uint64))
    found = [np.zeros((0, 2), np.int64)]
    for band in range(BANDS):
        order = np.argsort(keys[:, band], kind="stable")
        found.append(_in_buckets(keys[order, band], order, sketch, crowd, least - _SLACK))
    pairs = np.unique(np.concatenate(found), axis=0)
    left, right = pairs[:, 0], pairs[:, 1]
    share = _jaccard(texts.codes, texts.starts, left, right)
    kept = share >= least
    return left[kept], right[kept], share[kept]


@nb.njit(cache=True)  # type: ignore[untyped-decorator]
def _hash(codes: np.ndarray, begin: int) -> np.uint64:
    h = np.uint64(0xCBF29CE484222325)
    for i in range(begin, begin + WIDTH):
        h = (h ^ np.uint64(codes[i])) * np.uint64(0x100000001B3)
    h = (h ^ (h >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return h ^ (h >> np.uint64(32))


@nb.njit(cache=True)  # type: ignore[untyped-decorator]
def _sketches(
    codes: np.ndarray, starts: np.ndarray, kinds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Band keys (texts, BANDS) and 16-bit sketches (texts, BINS)."""
    n = starts.size - 1
    keys = np.empty((n, BANDS), np.uint64)
    sketch = np.empty((n, BINS), np.uint16)
    least = np.empty(BINS, np.uint64)
    filled = np.empty(BINS, np.uint64)
    empty = np.uint64(0xFFFFFFFFFFFFFFFF)
    for text in range(n):
        least[:] = empty
        for begin in range(starts[text], starts[text + 1] - WIDTH + 1):
            h = _hash(codes, begin)
            place = h & np.uint64(BINS - 1)
            least[place] = min(least[place], h)
        for place in range(BINS):
            step = 0
            while least[(place + step) % BINS] == empty and step < BINS:
                step += 1
            filled[place] = least[(place + step) % BINS] + np.uint64(step)
        for place in range(BINS):
            sketch[text, place] = np.uint16((filled[place] >> np.uint64(20)) & np.uint64(0xFFFF))
        for band in range(BANDS):
            key = kinds[text] * np.uint64(BANDS) + np.uint64(band + 1)
            for row in range(ROWS):
                key = (key ^ filled[band * ROWS + row]) * np.uint64(0x9E3779B97F4A7C15)
                key ^= key >> np.uint64(29)
            keys[text, band] = key
    return keys, sketch


@nb.njit(cache=True)  # type: ignore[untyped-decorator]
def _in_buckets(
    keys: np.ndarray, order: np.ndarray, sketch: np.ndarray, crowd: int, least: float
) -> np.ndarray:
    """Pairs of texts with equal key and look-alike sketches; ``keys`` are sorted."""
    found = np.empty((1024, 2), np.int64)
    size, begin = 0, 0
    while begin < keys.size:
        end = begin + 1
        while end < keys.size and keys[end] == keys[begin]:
            end += 1
        if end - begin <= crowd:
            for i in range(begin, end):
                for j in range(i + 1, end):
                    equal = 0
                    for place in range(BINS):
                        equal += sketch[order[i], place] == sketch[order[j], place]
                    if equal >= least * BINS:
                        if size == found.shape[0]:
                            grown = np.empty((2 * size, 2), np.int64)
                            grown[:size] = found
                            found = grown
                        found[size, 0] = min(order[i], order[j])
                        found[size, 1] = max(order[i], order[j])
                        size += 1
        begin = end
    return found[:size].copy()


@nb.njit(cache=True)  # type: ignore[untyped-decorator]
def _jaccard(
    codes: np.ndarray, starts: np.ndarray, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Exact Jaccard similarity of the n-gram sets of each pair, shape (pairs,)."""
    result = np.zeros(left.size)
    a = np.zeros(0, np.uint64)
    known = np.int64(-1)
    for pair in range(left.size):
        if left[pair] != known:  # pairs are sorted: the left text is hashed once
            known = left[pair]
            a = _grams(codes, starts[known], starts[known + 1])
        b = _grams(codes, starts[right[pair]], starts[right[pair] + 1])
        i, j, common = 0, 0, 0
        while i < a.size and j < b.size:
            if a[i] == b[j]:
                common += 1
                i += 1
                j += 1
            elif a[i] < b[j]:
                i += 1
            else:
                j += 1
        union = a.size + b.size - common
        result[pair] = common / union if union else 0.0
    return result


@nb.njit(cache=True)  # type: ignore[untyped-decorator]
def _grams(codes: np.ndarray, start: int, end: int) -> np.ndarray:
    size = max(0, end - start - WIDTH + 1)
    found = np.empty(size, np.uint64)
    for k in range(size):
        found[k] = _hash(codes, start + k)
    return np.unique(found)
