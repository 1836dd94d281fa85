"""What a person should hear of: claims assigned, deadlines, what others decided, verdicts in a ring.

Nothing is stored: each notification follows from the present state and from the decisions of the last
days, and goes when it is acted upon or grows old. What a verdict says is not part of it, so that a
blind double review stays blind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.db.settings import current

DAYS = 14  # how long what others did is a notification
_MOST_RINGS = 50
_OPEN = ("open", "taken", "snoozed")


@dataclass(frozen=True)
class Notification:
    """``kind`` is a key of the words; ``at`` an instant or, of a deadline, empty; ``who`` did it."""

    kind: str
    claim_id: str
    at: str = ""
    who: str = ""
    ring_id: str = ""
    days: int = 0  # working days past the lead, of a deadline


def about_claims(connection: sa.Connection, leads: Leads, person: Person) -> list[Notification]:
    """Deadlines first, then the rest by time, latest first; of all regions: the caller narrows them."""
    own = _own_claims(connection, person)
    decided = _decided_claims(connection, person)
    since = (date.fromisoformat(now()[:10]) - timedelta(days=DAYS)).isoformat()
    dated = [
        *_assigned(connection, person),
        *_later_decisions(connection, person, decided, since),
        *_ring_verdicts(connection, leads, person, {*own, *decided}, since),
    ]
    deadlines = _deadlines(leads, own, current(connection).deadline_days)
    return [*deadlines, *sorted(dated, key=lambda n: (n.at, n.claim_id), reverse=True)]


def approaching(connection: sa.Connection, leads: Leads) -> Iterator[tuple[str, Notification]]:
    """(name of the person, deadline) for every claim that somebody holds or was assigned."""
    s, u = t.STATES, t.USERS
    person = sa.func.coalesce(s.c.assigned_to, s.c.holder)
    rows = connection.execute(
        sa.select(s.c.claim_id, u.c.name).join(u, u.c.id == person)
        .where(s.c.status.in_(_OPEN)).order_by(s.c.claim_id)
    ).all()  # fmt: skip
    names = {row.claim_id: str(row.name) for row in rows}
    for deadline in _deadlines(leads, names, current(connection).deadline_days):
        yield names[deadline.claim_id], deadline


def _own_claims(connection: sa.Connection, person: Person) -> list[str]:
    s = t.STATES
    is_own = sa.or_(s.c.assigned_to == person.id, s.c.holder == person.id)
    query = sa.select(s.c.claim_id).where(is_own, s.c.status.in_(_OPEN)).order_by(s.c.claim_id)
    return [str(claim_id) for claim_id in connection.execute(query).scalars()]


def _decided_claims(connection: sa.Connection, person: Person) -> list[str]:
    d = t.DECISIONS
    query = sa.select(d.c.claim_id).where(d.c.by == person.id, d.c.kind == "verdict")
    return [str(claim_id) for claim_id in connection.execute(query.distinct()).scalars()]


def _assigned(connection: sa.Connection, person: Person) -> Iterator[Notification]:
    """Claims that somebody else assigned to this person and that still wait."""
    s, l = t.STATES, t.LOG  # noqa: E741
    rows = connection.execute(
        sa.select(s.c.claim_id, l.c.at, l.c.who).join(l, l.c.seq == s.c.log_seq)
        .where(s.c.assigned_to == person.id, s.c.status == "open", l.c.action == "assign",
               l.c.user_id != person.id)
    )  # fmt: skip
    for row in rows:
        yield Notification("assigned", row.claim_id, row.at, row.who)


def _later_decisions(
    connection: sa.Connection, person: Person, decided: Iterable[str], since: str
) -> Iterator[Notification]:
    """What others did with claims on which this person gave a verdict."""
    d = t.DECISIONS
    rows = connection.execute(
        sa.select(d.c.claim_id, d.c.kind, d.c.at, d.c.who)
        .where(d.c.at >= since, d.c.by != person.id, d.c.kind != "verdict")
    )  # fmt: skip
    known = set(decided)
    yield from (Notification(r.kind, r.claim_id, r.at, r.who) for r in rows if r.claim_id in known)


def _ring_verdicts(
    connection: sa.Connection, leads: Leads, person: Person, claims: Iterable[str], since: str
) -> Iterator[Notification]:
    """New verdicts of others on claims of the rings that this person's claims are in."""
    known = set(claims)
    queued = leads.lookup("queue", "claim_id", sorted(known), "ring_id")
    rings = sorted({row["ring_id"] for row in queued} - {""})[:_MOST_RINGS]
    ring_of = {
        row["claim_id"]: row["ring_id"]
        for row in leads.lookup("ring_claims", "ring_id", rings)
        if row["claim_id"] not in known
    }
    d = t.DECISIONS
    if not ring_of:
        return
    rows = connection.execute(
        sa.select(d.c.claim_id, d.c.at, d.c.who)
        .where(d.c.at >= since, d.c.by != person.id, d.c.kind == "verdict")
    )  # fmt: skip
    for row in rows:
        if row.claim_id in ring_of:
            yield Notification("ring", row.claim_id, row.at, row.who, ring_of[row.claim_id])


def _deadlines(leads: Leads, claim_ids: Iterable[str], deadline: int) -> list[Notification]:
    """Claims past half the deadline or all of it, the oldest lead first."""
    as_of = date.fromisoformat(leads.as_of)
    rows: list[dict[str, Any]] = leads.lookup("queue", "claim_id", list(claim_ids))
    counted = [
        (leads.calendar.working_days(row["lead_on"], as_of), row["claim_id"])
        for row in rows
        if row["lead_on"] is not None
    ]
    return [
        Notification("late" if days > deadline else "due", claim_id, days=days)
        for days, claim_id in sorted(counted, key=lambda one: (-one[0], one[1]))
        if days > deadline / 2
    ]
