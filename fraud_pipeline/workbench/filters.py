"""The queue's filters: they live in the address, so that a view can be saved and shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from fraud_pipeline.workbench.accounts import Person
from fraud_pipeline.workbench.words import STATUSES

PAGE = 50

# A claim nobody touched is open; a lock or a snooze that ran out makes it open again.
_STATUS = """CASE WHEN s.status IS NULL THEN 'open'
    WHEN s.status = 'taken' AND s.held_until <= $now THEN 'open'
    WHEN s.status = 'snoozed' AND s.snoozed_until <= $now THEN 'open'
    ELSE s.status END"""
SOURCE = f"""(SELECT q.*, {_STATUS} AS status, s.holder, s.assigned_to, s.held_until,
    s.snoozed_until, s.decision_id FROM queue q LEFT JOIN states s USING (claim_id))"""  # noqa: S608

_TERMS: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("region", "region = $region", str),
    ("stratum", "stratum = $stratum", str),
    ("typology", "list_contains(string_split(typologies, ';'), $typology)", str),
    ("least", "claimed_amount >= $least", int),
    ("most", "claimed_amount <= $most", int),
    ("older", "date_diff('day', submitted_on, $as_of::DATE) >= $older", lambda v: min(int(v), 10**5)),
    ("find", "(claim_id = $find OR contains(enterprise, $find) OR contains(institution, $find)"
             " OR enterprise_id = $find OR institution_id = $find)", str),
)  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """What to show; empty = no restriction. Amounts are whole yuan claimed."""

    status: str = "open"
    typology: str = ""
    region: str = ""
    ring: str = ""
    stratum: str = ""
    least: str = ""
    most: str = ""
    older: str = ""  # days since submission, at least
    mine: str = ""
    find: str = ""  # claim id or the name of a party
    page: str = "1"

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filter:
        """The filter an address spells; what cannot be meant is left out."""
        given = {f.name: query[f.name].strip()[:80] for f in fields(cls) if f.name in query}
        for name in ("least", "most", "older", "page"):
            if name in given and not (given[name].isascii() and given[name].isdigit()
                                      and len(given[name]) <= 12):  # fmt: skip
                del given[name]
        if given.get("status") not in (*STATUSES, "all"):
            given.pop("status", None)
        return cls(**given)

    def address(self, **changes: str) -> str:
        """The query string of this filter with ``changes``; starts at page 1 unless told."""
        changed = replace(self, **{"page": "1", **changes})
        default = Filter()
        parts = {
            f.name: value
            for f in fields(self)
            if (value := getattr(changed, f.name)) != getattr(default, f.name)
        }
        return urlencode(parts)

    def clause(self, person: Person, now: str, as_of: str) -> tuple[str, dict[str, Any]]:
        """The WHERE clause over SOURCE and its parameters; never wider than the person's own.

        Age is counted up to the run's ``as_of``: what came later is not in it.
        """
        terms, given = _scope(person)
        given["now"] = now
        if self.status != "all":
            terms.append("status = $status")
            given["status"] = self.status
        if self.mine:
            terms.append("(holder = $me OR assigned_to = $me)")
            given["me"] = person.id
        for name, term, read in _TERMS:
            value = getattr(self, name)
            if value:
                terms.append(term)
                given[name] = read(value)
        if self.older:
            given["as_of"] = as_of
        if self.ring:
            terms.append("ring_id <> ''" if self.ring == "any" else "ring_id = $ring")
            given |= {} if self.ring == "any" else {"ring": self.ring}
        return " AND ".join(terms), given


def _scope(person: Person) -> tuple[list[str], dict[str, Any]]:
    """What this person may see at all: their regions, and no party they are bound to."""
    terms, given = ["true"], {}
    if person.regions:
        terms.append("list_contains($regions, region)")
        given["regions"] = list(person.regions)
    if person.conflicts:
        terms.append(
            "NOT list_contains($conflicts, enterprise_id)"
            " AND NOT list_contains($conflicts, institution_id)"
        )
        given["conflicts"] = sorted(person.conflicts)
    return terms, given
