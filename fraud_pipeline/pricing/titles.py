"""Titles of services as groups: the same thing said in nearly the same words.

A niche service (an international filing, a chamber test) is truly dear, and its title is
often all that tells it from the plain one. Titles are compared by character pairs, which
needs no dictionary and no word breaks; a title joins the earlier one most like it (leader
clustering, Hartigan 1975), so that a later claim never moves an earlier one.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from fraud_pipeline.pricing.unit_price import BUNDLE

MOST_CHARS = 48  # of a title that are compared
MIN_OVERLAP = 0.6  # Jaccard similarity of character pairs to be one title
_REMEMBERED = 8  # latest leaders of a service remembered for a pair of characters


def plain_titles(titles: pa.ChunkedArray) -> pa.Array:
    """Titles in one width and case, without digits, spaces and punctuation; '' for none."""
    whole = pc.fill_null(titles, "").combine_chunks()
    short = pc.utf8_lower(pc.utf8_normalize(whole.dictionary_encode().dictionary, "NFKC"))
    letters = pc.replace_substring_regex(short, r"[^\p{L}]+", "")
    return letters.take(whole.dictionary_encode().indices)


def exact_titles(titles: pa.ChunkedArray, from_title: pa.ChunkedArray) -> pa.Array:
    """Titles in one width and case, without spaces and punctuation; '' for none.

    Digits stay, for they may change the price; only a bundle's count, which is the quantity already
    (``from_title``), is taken off.
    """
    encoded = pc.fill_null(titles, "").combine_chunks().dictionary_encode()
    words = pc.utf8_lower(pc.utf8_normalize(encoded.dictionary, "NFKC"))
    whole = pc.replace_substring_regex(words, r"[^\p{L}\p{N}]+", "")
    plain = pc.replace_substring_regex(
        pc.replace_substring_regex(words, BUNDLE, ""), r"[^\p{L}\p{N}]+", ""
    )
    bundle = from_title.combine_chunks()
    return pc.if_else(bundle, plain.take(encoded.indices), whole.take(encoded.indices))


def title_groups(service: np.ndarray, titles: pa.ChunkedArray, day: np.ndarray) -> np.ndarray:
    """A code for the service and title group of each claim, int64 (n,).

    ``service`` are codes of service and unit. Groups form in order of the day on which a
    title was first seen, then of its text: later claims change no earlier group.
    """
    if len(service) == 0:
        return np.zeros(0, dtype=np.int64)
    encoded = plain_titles(titles).dictionary_encode()
    text = np.asarray(encoded.indices.to_numpy(), dtype=np.int64)
    key = service * (1 + text.max()) + text
    _, first, code = np.unique(key, return_index=True, return_inverse=True)
    since = np.full(len(first), np.iinfo(np.int64).max)
    np.minimum.at(since, code, day)
    words = np.array(encoded.dictionary.to_pylist(), dtype=f"<U{MOST_CHARS}")
    place = np.empty(len(words), dtype=np.int64)
    place[np.argsort(words, kind="stable")] = np.arange(len(words))
    order = np.lexsort((place[text[first]], service[first], since))
    pairs, n_pairs = _pairs(words)
    ordered = text[first][order]
    slot, ends = _slots(service[first][order], ordered, pairs, n_pairs)
    leader = np.empty(len(first), dtype=np.int64)
    leader[order] = order[_lead(slot, ends, ordered, pairs, n_pairs)]
    return np.asarray(leader[code])


def _pairs(words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct character pairs of each text, hashed, sorted and packed left; and how many.

    The edges of a text count as characters, so that one character makes two pairs.
    """
    letters = words.view("<u4").reshape(len(words), MOST_CHARS).astype(np.uint64)
    edge = np.zeros((len(words), 1), dtype=np.uint64)
    padded = np.hstack([edge, letters, edge])
    left, right = padded[:, :-1], padded[:, 1:]
    mixed = (left * np.uint64(0x9E3779B97F4A7C15)) ^ (right * np.uint64(0xC2B2AE3D27D4EB4F))
    code = np.where((left | right) > 0, (mixed >> np.uint64(8)).astype(np.int64), np.int64(-1))
    code = -np.sort(-code, axis=1)
    repeated = np.zeros(code.shape, dtype=bool)
    repeated[:, 1:] = code[:, 1:] == code[:, :-1]
    code = -np.sort(-np.where(repeated, -1, code), axis=1)
    return code, (code >= 0).sum(axis=1)


def _slots(
    service: np.ndarray, text: np.ndarray, pairs: np.ndarray, n_pairs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A number for each service and character pair, title after title, and where each one's begin.

    Each service has its own, so that no title is grouped otherwise because of another service's.
    """
    many = n_pairs[text]
    ends = np.append(0, np.cumsum(many))
    title = np.repeat(np.arange(len(text)), many)
    pair = pairs[text[title], np.arange(ends[-1]) - ends[title]]
    order = np.lexsort((pair, service[title]))
    fresh = (np.diff(pair[order]) != 0) | (np.diff(service[title][order]) != 0)
    slot = np.empty(ends[-1], dtype=np.int64)
    slot[order] = np.append(0, np.cumsum(fresh))[: ends[-1]]
    return slot, ends


@njit(cache=True)
def _lead(slot, ends, text, pairs, n_pairs):  # type: ignore[no-untyped-def]
    """Position of the leader of each title, titles being in order of appearance."""
    n = len(text)
    n_slots = slot.max() + 1 if len(slot) else 0
    leader = np.empty(n, np.int64)
    recent = np.full((n_slots, _REMEMBERED), -1, np.int64)
    turn = np.zeros(n_slots, np.int64)
    for k in range(n):
        leader[k] = _most_like(k, slot[ends[k] : ends[k + 1]], text, pairs, n_pairs, recent)
        if leader[k] != k:
            continue
        for one in slot[ends[k] : ends[k + 1]]:
            recent[one, turn[one] % _REMEMBERED] = k
            turn[one] += 1
    return leader


@njit(cache=True)
def _most_like(k, slots, text, pairs, n_pairs, recent):  # type: ignore[no-untyped-def]
    best, most = k, MIN_OVERLAP - 1e-9
    for one in slots:
        for place in range(_REMEMBERED):
            other = recent[one, place]
            if other < 0 or other == best:
                continue
            like = _overlap(pairs[text[k]], n_pairs[text[k]], pairs[text[other]],
                            n_pairs[text[other]])  # fmt: skip
            if like > most or (like == most and best != k and other < best):
                best, most = other, like
    return best


@njit(cache=True)
def _overlap(left, n_left, right, n_right):  # type: ignore[no-untyped-def]
    """Jaccard similarity of two descending lists without repeats."""
    i, j, common = 0, 0, 0
    while i < n_left and j < n_right:
        if left[i] == right[j]:
            common += 1
            i += 1
            j += 1
        elif left[i] > right[j]:
            i += 1
        else:
            j += 1
    return common / max(1, n_left + n_right - common)
