"""What a referral pack is made of: the material it is written from, its sections, its numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fraud_pipeline.core.currency import HOME

Row = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One row of a table; ``anchor``: the number under which other sections cite it."""

    cells: tuple[str, ...]
    anchor: str = ""


@dataclass(frozen=True)
class Section:
    """A titled part: paragraphs, then a table. ``references``: columns that hold numbers cited."""

    key: str
    title: str
    paragraphs: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    lines: tuple[Line, ...] = ()
    references: tuple[int, ...] = ()


@dataclass(frozen=True)
class Flow:
    """Money from one party to another in all; ``is_back``: from an institution to an enterprise."""

    payer: str
    payee: str
    amount: Decimal
    n: int
    is_back: bool


@dataclass(frozen=True)
class Referral:
    """The whole pack; ``cover``: pairs of label and text; ``ties``: pairs of names with a kind."""

    language: str
    title: str
    cover: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    flows: tuple[Flow, ...]
    ties: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Material:
    """What a pack is made of, masked or not: claims' and rings' facts, parties, files, hashes."""

    claims: Sequence[Row]  # facts of each claim, as ``claim_facts`` returns them, with ``verdict``
    rings: Sequence[Row]  # ring, ties (with sentences), pairs (every tie)
    parties: Sequence[Row]  # kind, key, name, row
    files: Sequence[Row]
    hashes: Sequence[tuple[str, str]]
    names: dict[str, str]  # party id -> name
    currency: str = HOME


@dataclass
class Numbers:
    """Numbers given so far; document numbers by the identifier of the document."""

    evidence: int = 0
    documents: dict[str, str] = field(default_factory=dict)
    of_claim: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    of_claim_documents: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def next_evidence(self, claim_id: str | None) -> str:
        self.evidence += 1
        number = f"E{self.evidence}"
        if claim_id:
            self.of_claim[claim_id].append(number)
        return number

    def cited_in(self, *texts: str | None) -> str:
        """The numbers of documents whose identifiers these texts hold."""
        joined = " ".join(text for text in texts if text)
        return " ".join(n for key, n in self.documents.items() if len(key) > 2 and key in joined)
