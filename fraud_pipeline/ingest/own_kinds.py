"""Kinds of service and of institution that the closed lists do not have, in a column of cells.

The lists are open: a pack may declare a bureau's own kinds, each with a parent in the list, and a word
that no list knows is a kind of its own whose parent is ``other``. It is never a reason to set a row aside:
rules that ask for the kind answer "not applicable", and prices compare it with its equals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from fraud_pipeline.core.placeholders import is_no_value
from fraud_pipeline.ingest import cells as reading
from fraud_pipeline.ingest.coded import Coded

OPEN_COLUMNS = ("service_type", "category")
_PARENT = "other"
_LONGEST = 40  # characters; what is longer is a description and no kind
# More different words than this, and than one row in ten, are names or texts in the wrong column.
_MANY = 50


@dataclass(frozen=True)
class Opened:
    """``cells`` with the parent's code in place of other kinds; ``kinds``: that kind of each row, null
    where the list has it; ``unlisted`` bool (rows,): whether no pack declares it either."""

    cells: Coded
    kinds: pa.Array
    unlisted: np.ndarray


def opened(
    cells: Coded, listed: Mapping[str, str], declared: Mapping[str, tuple[str, str]]
) -> Opened:
    """``listed``: accepted word -> code; ``declared``: word in small letters -> (own kind, parent)."""
    words = cells.words.to_pylist()
    readable = [_readable(word) for word in words]
    foreign = [
        word is not None and word not in declared and not _is_listed(word, listed)
        for word in readable
    ]
    if sum(foreign) > max(_MANY, len(cells) // 10):
        foreign = [False] * len(words)
    parents, kinds = [], []
    for word, clean, unknown in zip(words, readable, foreign, strict=True):
        own = declared.get(clean or "", (clean, _PARENT) if unknown else (None, word))
        kinds.append(own[0])
        parents.append(own[1])
    return Opened(
        cells.with_words(pa.array(parents, pa.string())),
        pa.array(kinds, pa.string()).take(cells.at),
        cells.rows(pa.array(foreign, pa.bool_())),
    )


def _readable(word: str) -> str | None:
    """The word in small letters where it may name a kind: with a letter, short, and no placeholder."""
    try:
        clean = " ".join(reading.plain(word).lower().split())
    except reading.BadCell:
        return None
    is_word = any(letter.isalpha() for letter in clean) and len(clean) <= _LONGEST
    return clean if is_word and not is_no_value(clean) else None


def _is_listed(word: str, listed: Mapping[str, str]) -> bool:
    return word in listed or word.replace(" ", "") in listed
