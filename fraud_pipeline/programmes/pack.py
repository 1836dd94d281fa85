"""A programme's rules as data: who says so, in which words, and from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from fraud_pipeline.errors import ProgrammeError

Value = Decimal | float | int | bool | str | tuple[str, ...]
Status = Literal["published", "contradicted", "unknown"]


@dataclass(frozen=True)
class Source:
    """Where a rule was read."""

    id: str
    title_zh: str
    title_en: str
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """One parameter over one span of days; ``value`` is None unless it is published."""

    key: str
    status: Status
    value: Value | None
    unit: str
    valid_from: date
    valid_to: date | None  # last day, inclusive
    source: str
    quote: str
    clause_zh: str
    clause_en: str

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Pack:
    """All that is known of one programme's rules."""

    id: str
    name_zh: str
    name_en: str
    starts_on: date | None
    ends_on: date | None
    sources: tuple[Source, ...]
    entries: tuple[Entry, ...]  # sorted by key, then by day
    sha256: str
    origin: str

    def entry(self, key: str, on: date) -> Entry | None:
        """The entry for ``key`` in force on ``on``; None where the pack says nothing."""
        return next((e for e in self.entries if e.key == key and e.covers(on)), None)

    def value(self, key: str, on: date) -> Value | None:
        """The published value of ``key`` on that day; None = not known, never "no limit"."""
        found = self.entry(key, on)
        return found.value if found is not None and found.status == "published" else None

    def source(self, name: str) -> Source:
        return next(s for s in self.sources if s.id == name)


def pack_of(packs: dict[str, Pack], programme: str) -> Pack:
    """The pack by its id. Raises ProgrammeError naming those there are."""
    if programme not in packs:
        raise ProgrammeError(f"no programme {programme!r} (known: {', '.join(sorted(packs))})")
    return packs[programme]
