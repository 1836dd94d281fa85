"""A chain of records in which each one is bound to the one before it by a SHA-256.

A record's hash covers its content and the hash of the record before it, so a record that is
changed, removed or inserted breaks every hash after it. A chain alone cannot show that its end
was cut off: for that, :func:`check` compares it with a receipt noted elsewhere. The ledger of
a workspace and the log of the workbench are both such chains; each serialises its own records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from fraud_pipeline.errors import IntegrityError

MISSING, UNLINKED, CHANGED = "missing", "unlinked", "changed"  # what can be wrong with a record


@dataclass(frozen=True)
class Receipt:
    """Number and hash of a record: what to note in order to notice a cut-off end later."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """
        >>> Receipt.parse("3:ab").seq
        3
        """
        seq, colon, digest = text.partition(":")
        if not (seq.isdigit() and colon and digest):
            raise IntegrityError(f"a receipt reads NUMBER:HASH, not {text!r}")
        return cls(int(seq), digest)


@dataclass(frozen=True)
class Link:
    """What a record says of its place in the chain, and the hash computed from its content.

    ``seq`` counts from 1. ``previous`` is the hash of the record before it, "" for the first.
    ``recomputed`` is :func:`content_hash` of the serialised content, ``previous`` included.
    """

    seq: int
    previous: str
    hash: str
    recomputed: str


@dataclass(frozen=True)
class ChainCheck:
    """The result of :func:`check`.

    ``intact`` counts the records before the first broken one. ``broken_at`` is the number of
    that record and ``fault`` one of MISSING, UNLINKED and CHANGED; both are None for a chain
    without a broken record. ``end`` is the last intact record, None for an empty chain.
    ``receipt_found``: whether the record that the receipt names is there with its hash.
    """

    intact: int
    broken_at: int | None
    fault: str | None
    end: Receipt | None
    receipt_found: bool


def content_hash(serialised: str) -> str:
    """SHA-256 (hex) of a record's serialised content in UTF-8."""
    return hashlib.sha256(serialised.encode()).hexdigest()


def check(links: Iterable[Link], receipt: Receipt | None = None) -> ChainCheck:
    """Walks the chain once and stops at the first broken record."""
    end: Receipt | None = None
    count, receipt_found = 0, receipt is None
    for number, link in enumerate(links, start=1):
        fault = _fault(link, number, end.hash if end else "")
        if fault is not None:
            return ChainCheck(count, number, fault, end, receipt_found)
        count, end = number, Receipt(link.seq, link.hash)
        receipt_found = receipt_found or end == receipt
    return ChainCheck(count, None, None, end, receipt_found)


def _fault(link: Link, number: int, previous: str) -> str | None:
    if link.seq != number:
        return MISSING
    if link.previous != previous:
        return UNLINKED
    return None if link.recomputed == link.hash else CHANGED
