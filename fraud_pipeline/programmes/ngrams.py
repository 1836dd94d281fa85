"""Pairs of nearly the same texts among many: sketches to find them, n-grams to be sure.

One pass hashes every character n-gram into one of ``BINS`` bins and keeps the least hash
of each (one-permutation hashing, Li, Owen and Zhang 2012); an empty bin borrows from the
next full one (Shrivastava and Li 2014). Texts that agree on all ``ROWS`` bins of some band
are compared by their whole sketches, and those that still look alike exactly. So a pair
can be missed (about one in fifty at similarity 0.9, and at 0.6 with LOOSE_ROWS), but never made up.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from fraud_pipeline.core.code_points import Texts

WIDTH = 5
BINS = 64
ROWS = 8  # of a band, for pairs of similarity 0.85 and more
LOOSE_ROWS = 3  # for less: more bands and more pairs to compare
_STRICT = 0.85
_SLACK = 0.1  # the sketch may understate the similarity by this much


def alike(
    texts: Texts, kinds: np.ndarray, least: float, crowd: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(left, right, similarity) of pairs of one kind with Jaccard similarity >= ``least``.

    ``left`` < ``right`` number texts; sorted. A bucket of more than ``crowd`` texts is a
    turn of phrase and is not looked through.
    """
    rows = ROWS if least >= _STRICT else LOOSE_ROWS
    keys, sketch = _sketches(texts.codes, texts.starts, kinds.astype(np.uint64), rows)
    orders = [np.argsort(keys[:, band], kind="stable") for band in range(keys.shape[1])]
    crowded = _crowds(keys, orders, crowd)
    pairs = [np.zeros((0, 2), np.int64)]
    for band, order in enumerate(orders):
        pairs.append(_in_buckets(keys, band, order, crowded, sketch, least - _SLACK))
    left, right = np.concatenate(pairs).T
    used = np.zeros(len(keys), bool)
    used[left] = used[right] = True
    place = np.cumsum(used) - 1
    grams, ends = _gram_sets(texts.codes, texts.starts, np.flatnonzero(used))
    share = _jaccard(grams, ends, place[left], place[right], least)
    alike_pairs = np.flatnonzero(share >= least)
    alike_pairs = alike_pairs[np.lexsort((right[alike_pairs], left[alike_pairs]))]
    return left[alike_pairs], right[alike_pairs], share[alike_pairs]


def _crowds(keys: np.ndarray, orders: list[np.ndarray], crowd: int) -> np.ndarray:
    """Whether the bucket of each text and band holds more than ``crowd`` texts."""
    result = np.zeros(keys.shape, bool)
    for band, order in enumerate(orders):
        ordered = keys[order, band]
        begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        sizes = np.diff(np.append(begins, len(ordered))) if len(ordered) else begins[:0]
        result[order, band] = np.repeat(sizes, sizes) > crowd
    return result


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _hash(codes: np.ndarray, begin: int) -> np.uint64:
    h = np.uint64(0xCBF29CE484222325)
    for i in range(begin, begin + WIDTH):
        h = (h ^ np.uint64(codes[i])) * np.uint64(0x100000001B3)
    h = (h ^ (h >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return h ^ (h >> np.uint64(32))


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _sketches(
    codes: np.ndarray, starts: np.ndarray, kinds: np.ndarray, rows: int
) -> tuple[np.ndarray, np.ndarray]:
    """Keys (texts, bands) of ``rows`` bins a band, and 16-bit sketches (texts, BINS)."""
    n, bands = starts.size - 1, BINS // rows
    keys = np.empty((n, bands), np.uint64)
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
        for band in range(bands):
            key = kinds[text] * np.uint64(bands) + np.uint64(band + 1)
            for row in range(rows):
                key = (key ^ filled[band * rows + row]) * np.uint64(0x9E3779B97F4A7C15)
                key ^= key >> np.uint64(29)
            keys[text, band] = key
    return keys, sketch


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _met_before(i: int, j: int, keys: np.ndarray, band: int, crowded: np.ndarray) -> bool:
    """Whether an earlier band has looked at the pair already."""
    for earlier in range(band):
        if keys[i, earlier] == keys[j, earlier] and not crowded[i, earlier]:
            return True
    return False


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _differing(one: np.ndarray, other: np.ndarray) -> int:
    """Bins in which two sketches differ: all are counted, several at a stroke."""
    n = np.uint16(0)
    for place in range(BINS):
        n += np.uint16(one[place] != other[place])
    return int(n)


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _in_buckets(
    keys: np.ndarray, band: int, order: np.ndarray, crowded: np.ndarray, sketch: np.ndarray,
    least: float,
) -> np.ndarray:  # fmt: skip
    """Pairs of texts that meet in this band first and have look-alike sketches.

    ``order`` sorts the texts by their key in the band.
    """
    pairs = np.empty((1024, 2), np.int64)
    most = int((1.0 - least) * BINS + 1e-9)
    size, begin = 0, 0
    while begin < order.size:
        end = begin + 1
        while end < order.size and keys[order[end], band] == keys[order[begin], band]:
            end += 1
        if not crowded[order[begin], band]:
            for first in range(begin, end):
                for second in range(first + 1, end):
                    i, j = order[first], order[second]  # i < j: the order is stable
                    differ = _differing(sketch[i], sketch[j])
                    if differ <= most and not _met_before(i, j, keys, band, crowded):
                        if size == pairs.shape[0]:
                            grown = np.empty((2 * size, 2), np.int64)
                            grown[:size] = pairs
                            pairs = grown
                        pairs[size, 0] = i
                        pairs[size, 1] = j
                        size += 1
        begin = end
    return pairs[:size].copy()


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _gram_sets(
    codes: np.ndarray, starts: np.ndarray, used: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The sorted n-grams of the texts ``used`` end to end, and where each one's end."""
    total = 0
    for text in used:
        total += max(0, starts[text + 1] - starts[text] - WIDTH + 1)
    grams = np.empty(total, np.uint64)
    ends = np.zeros(used.size + 1, np.int64)
    size = 0
    for k in range(used.size):
        begin = size
        for place in range(starts[used[k]], starts[used[k] + 1] - WIDTH + 1):
            grams[size] = _hash(codes, place)
            size += 1
        grams[begin:size].sort()
        last = begin
        for place in range(begin, size):  # each n-gram once
            if place == begin or grams[place] != grams[last - 1]:
                grams[last] = grams[place]
                last += 1
        size = last
        ends[k + 1] = size
    return grams[:size], ends


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _jaccard(
    grams: np.ndarray, ends: np.ndarray, left: np.ndarray, right: np.ndarray, least: float
) -> np.ndarray:
    """Jaccard similarity of the n-gram sets of each pair, shape (pairs,).

    Exact where it is at least ``least``, else something below: counting stops when too few are left.
    """
    result = np.zeros(left.size)
    for pair in range(left.size):
        i, i_end = ends[left[pair]], ends[left[pair] + 1]
        j, j_end = ends[right[pair]], ends[right[pair] + 1]
        both = i_end - i + j_end - j
        needed = least * both / (1.0 + least) - 1e-6  # n-grams in common
        common = 0
        while i < i_end and j < j_end and common + min(i_end - i, j_end - j) >= needed:
            if grams[i] == grams[j]:
                common += 1
                i += 1
                j += 1
            elif grams[i] < grams[j]:
                i += 1
            else:
                j += 1
        result[pair] = common / (both - common) if both else 0.0
    return result
