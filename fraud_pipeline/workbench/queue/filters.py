"""Filters of the queue, encoded in the query string, so that a view can be saved and shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from fraud_pipeline.core.workdays import WorkCalendar
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.words import STATUSES

PAGE = 50
AGES = {
    "late": ("已超时限", "overdue"), "due": ("临近时限", "due soon"), "fresh": ("时限内", "on time"),
}  # fmt: skip
AMOUNTS = (  # chips: from, to (yuan, empty = open), words
    ("100000", "", "10万元以上", "100,000 and more"), ("50000", "99999", "5–10万元", "50,000–99,999"),
    ("10000", "49999", "1–5万元", "10,000–49,999"), ("", "9999", "1万元以下", "under 10,000"),
)  # fmt: skip

# Columns the queue can be sorted by, rising or (with a minus) falling.
SORTS = {
    f"{sign}{name}": f"{column} {order} NULLS LAST, place"
    for name, column in (
        ("claim", "claim_id"), ("enterprise", "enterprise"), ("amount", "claimed_amount"),
        ("risk", "log_odds"), ("lead", "lead_on"), ("day", "submitted_on"),
    )
    for sign, order in (("", "ASC"), ("-", "DESC"))
}  # fmt: skip

# A claim nobody touched is open; a lock or a snooze that ran out makes it open again.
EFFECTIVE = """CASE WHEN s.status IS NULL THEN 'open'
    WHEN s.status = 'taken' AND s.held_until <= $now THEN 'open'
    WHEN s.status = 'snoozed' AND s.snoozed_until <= $now THEN 'open'
    ELSE s.status END"""
SOURCE = f"""(SELECT q.*, {EFFECTIVE} AS status, s.holder, s.assigned_to, s.held_until,
    s.snoozed_until, s.decision_id FROM queue q LEFT JOIN states s ON s.place = q.place)"""  # noqa: S608

PUBLISHED = WorkCalendar.of("CN", ProgrammeSettings())  # without a bureau's corrections

_TERMS: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("region", "region = $region", str),
    ("stratum", "stratum = $stratum", str),
    ("price", "price_queue = $price", str),
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
    price: str = ""  # a code of PRICE_QUEUES
    least: str = ""
    most: str = ""
    older: str = ""  # days since submission, at least
    age: str = ""  # late | due | fresh: working days since the lead against the deadline
    mine: str = ""
    find: str = ""  # claim id or the name of a party
    sort: str = ""  # a key of SORTS; empty = by expected recoverable loss
    page: str = "1"

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> Filter:
        """The filter of a query string; invalid values are ignored."""
        parameters = {f.name: query[f.name].strip()[:80] for f in fields(cls) if f.name in query}
        for name in ("least", "most", "older", "page"):
            if name in parameters and not (parameters[name].isascii() and parameters[name].isdigit()
                                      and len(parameters[name]) <= 12):  # fmt: skip
                del parameters[name]
        if parameters.get("status") not in (*STATUSES, "all"):
            # whoever looks for one claim wants it in whatever state it is
            parameters["status"] = "all" if parameters.get("find") else "open"
        if parameters.get("sort") not in SORTS:
            parameters.pop("sort", None)
        if parameters.get("age") not in AGES:
            parameters.pop("age", None)
        return cls(**parameters)

    def query_string(self, **changes: str) -> str:
        """The query string of this filter with ``changes``; starts at page 1 unless ``changes`` has a page."""
        changed = replace(self, **{"page": "1", **changes})
        default = Filter()
        parts = {
            f.name: value
            for f in fields(self)
            if (value := getattr(changed, f.name)) != getattr(default, f.name)
            or (f.name == "status" and changed.find)
        }
        return urlencode(parts)

    def clause(
        self, person: Person, now: str, as_of: str, deadline: int = 10,
        calendar: WorkCalendar = PUBLISHED,
    ) -> tuple[str, dict[str, Any]]:  # fmt: skip
        """The WHERE clause over SOURCE and its parameters; never wider than the person's state_parameters.

        Age is counted up to the run's ``as_of``: what came later is not in it. ``deadline`` is
        in working days of ``calendar``.
        """
        run_terms, parameters = self.run_terms(person, as_of, deadline, calendar)
        terms, state_parameters = self.state_terms(person, now)
        return " AND ".join([*run_terms, *terms]), parameters | state_parameters

    def state_terms(self, person: Person, now: str) -> tuple[list[str], dict[str, Any]]:
        """(terms, parameters) about the state of claims, which changes by the minute."""
        terms: list[str] = []
        parameters: dict[str, Any] = {"now": now}
        if self.status != "all":
            terms.append("status = $status")
            parameters["status"] = self.status
        if self.age:  # what is decided has met its deadline or missed it for good
            terms.append("status <> 'decided'")
        if self.mine:
            terms.append("(holder = $me OR assigned_to = $me)")
            parameters["me"] = person.id
        return terms, parameters

    def run_terms(
        self, person: Person, as_of: str, deadline: int, calendar: WorkCalendar
    ) -> tuple[list[str], dict[str, Any]]:
        """(terms, parameters) about the run, which never changes, and about the person's scope."""
        terms, parameters = _person_terms(person)
        for name, term, read in _TERMS:
            value = getattr(self, name)
            if value:
                terms.append(term)
                parameters[name] = read(value)
        if self.older:
            parameters["as_of"] = as_of
        if self.ring:
            terms.append("ring_id <> ''" if self.ring == "any" else "ring_id = $ring")
            parameters |= {} if self.ring == "any" else {"ring": self.ring}
        if self.age:
            term, days = _age_terms(self.age, date.fromisoformat(as_of), deadline, calendar)
            terms.append(term)
            parameters |= days
        return terms, parameters


def _age_terms(
    age: str, as_of: date, deadline: int, calendar: WorkCalendar
) -> tuple[str, dict[str, Any]]:
    """Working days as a limit on the day of the lead: a comparison, not a count a claim."""
    due, late = (calendar.earliest_start(as_of, most) for most in (deadline // 2, deadline))
    if age == "late":
        return "lead_on < $late", {"late": late}
    if age == "due":
        return "lead_on >= $late AND lead_on < $due", {"late": late, "due": due}
    return "lead_on >= $due", {"due": due}


def _person_terms(person: Person) -> tuple[list[str], dict[str, Any]]:
    """(terms, parameters) of the person's scope: their regions, no party in conflict."""
    terms, parameters = ["true"], {}
    if person.regions:
        terms.append("list_contains($regions, region)")
        parameters["regions"] = list(person.regions)
    if person.conflicts:
        terms.append(
            "NOT list_contains($conflicts, enterprise_id)"
            " AND NOT list_contains($conflicts, institution_id)"
        )
        parameters["conflicts"] = sorted(person.conflicts)
    return terms, parameters
