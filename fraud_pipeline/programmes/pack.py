"""A programme's rules as data: who says so, in which words, and from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from fraud_pipeline.errors import ProgrammeError

Value = Decimal | float | int | bool | str | tuple[str, ...]
# unlimited: the source says in words that there is no such limit
Status = Literal["published", "unlimited", "contradicted", "unknown"]
STATUSES: tuple[Status, ...] = ("published", "unlimited", "contradicted", "unknown")


@dataclass(frozen=True)
class Source:
    """Where a rule was read."""

    id: str
    title_zh: str
    title_en: str
    note: str = ""


@dataclass(frozen=True)
class Contradiction:
    """What another source (or another place of the same one) says instead."""

    source: str
    quote: str
    note_zh: str
    note_en: str


@dataclass(frozen=True)
class Part:
    """A class of vouchers or a region that has rules of its own.

    ``words``: a voucher's class or an enterprise's region that contains one of them
    belongs to this part.
    """

    id: str
    name_en: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class OwnKind:
    """A bureau's own kind of service or of institution.

    ``parent``: the code of the closed list that holds wherever nothing is said of the own kind;
    ``words``: what files write for it, besides its id.
    """

    id: str
    name_en: str
    parent: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One parameter over one span of days; ``value`` is None unless it is published.

    An entry with a ``voucher_class`` or ``region`` holds for that part only and goes
    before an entry for everybody.
    """

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
    summary: str = ""  # what the source says, where its own words were not at hand
    contradicts: tuple[Contradiction, ...] = ()
    voucher_class: str | None = None
    region: str | None = None

    @property
    def scope(self) -> tuple[str, str]:
        return (self.voucher_class or "", self.region or "")

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def fits(self, voucher_class: str | None, region: str | None) -> bool:
        return self.voucher_class in (None, voucher_class) and self.region in (None, region)


@dataclass(frozen=True)
class Pack:
    """All that is known of one programme's rules."""

    id: str
    name_zh: str
    name_en: str
    starts_on: date | None
    ends_on: date | None
    sources: tuple[Source, ...]
    entries: tuple[Entry, ...]  # sorted by key, scope and day
    sha256: str
    origin: str
    country: str = "CN"  # whose working days count
    currency: str = "CNY"
    classes: tuple[Part, ...] = ()
    regions: tuple[Part, ...] = ()
    service_types: tuple[OwnKind, ...] = ()
    institution_categories: tuple[OwnKind, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()  # (zh, en): published facts that are no limit

    def entry(
        self, key: str, on: date, voucher_class: str | None = None, region: str | None = None
    ) -> Entry | None:
        """The entry for ``key`` in force on ``on``, the most particular one that fits.

        None where the pack says nothing.
        """
        fitting = [
            e
            for e in self.entries
            if e.key == key and e.covers(on) and e.fits(voucher_class, region)
        ]
        return max(fitting, key=lambda e: sum(map(bool, e.scope)), default=None)

    def value(
        self, key: str, on: date, voucher_class: str | None = None, region: str | None = None
    ) -> Value | None:
        """The published value of ``key`` on that day; None = not known, never "no limit"."""
        entry = self.entry(key, on, voucher_class, region)
        return entry.value if entry is not None and entry.status == "published" else None

    def source(self, name: str) -> Source:
        return next(s for s in self.sources if s.id == name)

    def particular(self, key: str) -> bool:
        """Whether the rule differs between parts of the programme."""
        return any(e.key == key and any(e.scope) for e in self.entries)


def pack_of(packs: dict[str, Pack], programme: str) -> Pack:
    """The pack by its id. Raises ProgrammeError naming those there are."""
    if programme not in packs:
        raise ProgrammeError(f"no programme {programme!r} (known: {', '.join(sorted(packs))})")
    return packs[programme]
