"""Assignment: which claim is assigned to whom, and the state of each claim.

Every change is one transaction with one row in the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from fraud_pipeline.workbench.auth.accounts import Person, now_plus
from fraud_pipeline.workbench.auth.permissions import Permission
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db.database import Database, now
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.db.tables import STATES, USERS
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.exchange import webhooks
from fraud_pipeline.workbench.queue.filters import PAGE, SORTS, Filter
from fraud_pipeline.workbench.queue.queue_view import QueueView
from fraud_pipeline.workbench.queue.state_cache import StateCache


@dataclass(frozen=True)
class QueuePage:
    """One page of the queue."""

    rows: list[dict[str, Any]]
    total: int
    page: int
    pages: int


def list_claims(
    db: Database, leads: Leads, state_cache: StateCache, person: Person, chosen: Filter,
    *, size: int = PAGE,
) -> QueuePage:  # fmt: skip
    """One page of the claims that the filter selects for a person, by expected recoverable loss."""
    with db.reading() as connection:
        states = state_cache.current_states(connection, leads)
        deadline = current(connection).deadline_days
    view = QueueView.for_filter(leads, states, person, chosen, now(), deadline)
    total = view.total()
    pages = max(1, -(-total // size))
    page = min(max(1, int(chosen.page)), pages)
    offset = (page - 1) * size
    if chosen.sort:
        rows = view.sorted_rows(size, offset, SORTS[chosen.sort])
    else:
        rows = view.rows(size, offset, min(size, total - offset))
    return QueuePage(rows, total, page, pages)


def claim_state(connection: sa.Connection, claim_id: str) -> dict[str, Any]:
    """The present state of one claim; an expired lock or snooze counts as open."""
    return claim_states(connection, [claim_id])[claim_id]


def claim_states(connection: sa.Connection, claim_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """claim id -> its present state, as ``claim_state`` gives it, in one query."""
    rows = connection.execute(sa.select(STATES).where(STATES.c.claim_id.in_(claim_ids)))
    stored = {row["claim_id"]: dict(row) for row in rows.mappings()}
    return {claim_id: _effective(claim_id, stored.get(claim_id)) for claim_id in claim_ids}


def _effective(claim_id: str, row: dict[str, Any] | None) -> dict[str, Any]:
    state = row or dict.fromkeys(STATES.c.keys()) | {"claim_id": claim_id}
    held_until, snoozed_until = state["held_until"] or "", state["snoozed_until"] or ""
    if not row or (state["status"] == "taken" and held_until <= now()):
        state |= {"status": "open", "holder": None}
    elif state["status"] == "snoozed" and snoozed_until <= now():
        state["status"] = "open"
    return state


def set_state(connection: sa.Connection, claim_id: str, log_seq: int, **values: Any) -> None:
    """Sets the state of a claim; columns that are not named become NULL."""
    empty = {c.name: None for c in STATES.c if c.nullable}
    full = empty | values | {"log_seq": log_seq}
    changed = connection.execute(
        sa.update(STATES).where(STATES.c.claim_id == claim_id).values(full)
    )
    if changed.rowcount == 0:
        connection.execute(sa.insert(STATES).values(claim_id=claim_id, **full))


def take_next(
    db: Database, leads: Leads, state_cache: StateCache, person: Person, chosen: Filter
) -> str:
    """Locks the open claim of highest expected loss for this person; returns its id.

    Choosing and locking are one exclusive transaction, so concurrent requests get different
    claims. Raises ActionRefusedError when no claim fits.
    """
    with db.writing() as connection:
        # read before this transaction writes, so that nothing uncommitted is cached
        states = state_cache.current_states(connection, leads)
        deadline = current(connection).deadline_days
        view = QueueView.for_filter(leads, states, person, chosen, now(), deadline)
        claim_id = view.first_unassigned(person)
        if claim_id is None:
            raise ActionRefusedError("none_left")
        _lock(connection, claim_id, person, claim_state(connection, claim_id))
    return claim_id


def claims_in_work(connection: sa.Connection, person: Person) -> list[str]:
    """The claims this person holds at this moment, the one taken first in front."""
    rows = connection.execute(
        sa.select(STATES.c.claim_id)
        .where(STATES.c.status == "taken", STATES.c.holder == person.id, STATES.c.held_until > now())
        .order_by(STATES.c.held_until, STATES.c.claim_id)
    )  # fmt: skip
    return [str(claim_id) for claim_id in rows.scalars()]


def take(db: Database, claim_id: str, person: Person) -> None:
    """Locks this claim for the person. Raises ActionRefusedError when it is taken or decided."""
    with db.writing() as connection:
        state = claim_state(connection, claim_id)
        if state["status"] in ("decided", "second"):
            raise ActionRefusedError("decided")
        if state["status"] == "taken" and state["holder"] != person.id:
            raise ActionRefusedError("taken")
        _lock(connection, claim_id, person, state)


def _lock(connection: sa.Connection, claim_id: str, person: Person, state: dict[str, Any]) -> None:
    until = now_plus(minutes=current(connection).lock_minutes)
    receipt = audit_log.append(connection, person.id, person.name, "take", f"claim {claim_id}")
    set_state(
        connection, claim_id, receipt.seq, status="taken", holder=person.id, held_until=until,
        assigned_to=state["assigned_to"], decision_id=state["decision_id"],
    )  # fmt: skip


def extend_lock(connection: sa.Connection, claim_id: str, person: Person, log_seq: int) -> None:
    """Renews the lock of a claim when its holder opens it."""
    state = claim_state(connection, claim_id)
    if state["status"] == "taken" and state["holder"] == person.id:
        until = now_plus(minutes=current(connection).lock_minutes)
        set_state(connection, claim_id, log_seq, **_values(state) | {"held_until": until})


def _values(state: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in state.items() if k not in ("claim_id", "log_seq")}


def release(db: Database, claim_id: str, person: Person) -> None:
    """Returns a claim to the queue. Raises ActionRefusedError unless the person holds it or leads."""
    with db.writing() as connection:
        state = claim_state(connection, claim_id)
        is_own = state["holder"] == person.id
        if state["status"] != "taken" or not (is_own or person.may(Permission.LEAD)):
            raise ActionRefusedError("taken")
        receipt = audit_log.append(
            connection, person.id, person.name, "release", f"claim {claim_id}"
        )
        set_state(
            connection, claim_id, receipt.seq, status="open", decision_id=state["decision_id"]
        )


def snooze(db: Database, claim_id: str, person: Person, until: str, reason: str) -> None:
    """Postpones a claim until a later day (ISO date, at most 366 days ahead), with the reason."""
    day = _future_date(until)
    if not reason.strip():
        raise ActionRefusedError("note_needed")
    with db.writing() as connection:
        state = workable_state(connection, claim_id, person)
        receipt = audit_log.append(
            connection, person.id, person.name, "snooze", f"claim {claim_id}",
            until=day.isoformat(), reason=reason.strip()[:500],
        )  # fmt: skip
        set_state(
            connection, claim_id, receipt.seq, status="snoozed", snoozed_until=day.isoformat(),
            assigned_to=state["assigned_to"], decision_id=state["decision_id"],
        )  # fmt: skip


def assign(db: Database, claim_ids: list[str], person: Person, to: int) -> int:
    """Assigns those of these claims that are not decided to account ``to``; returns how many.

    A claim in somebody's hands is taken out of them.
    """
    assigned = 0
    with db.writing() as connection:
        known = connection.execute(
            sa.select(USERS.c.name).where(USERS.c.id == to, USERS.c.disabled_at.is_(None))
        ).scalar()
        if known is None or not claim_ids:
            raise ActionRefusedError("nothing_chosen")
        for claim_id in claim_ids:
            state = claim_state(connection, claim_id)
            if state["status"] not in ("open", "snoozed", "taken"):
                continue
            receipt = audit_log.append(
                connection, person.id, person.name, "assign", f"claim {claim_id}", to=known
            )
            set_state(connection, claim_id, receipt.seq, status="open", assigned_to=to,
                decision_id=state["decision_id"])  # fmt: skip
            webhooks.enqueue(
                connection, "assignment", claim_id=claim_id, to=known, by=person.name,
                log_seq=receipt.seq,
            )  # fmt: skip
            assigned += 1
    if not assigned:
        raise ActionRefusedError("nothing_chosen")
    return assigned


def workable_state(connection: sa.Connection, claim_id: str, person: Person) -> dict[str, Any]:
    """The state of a claim this person may work on. Raises ActionRefusedError if they may not."""
    state = claim_state(connection, claim_id)
    if state["status"] in ("decided", "second"):
        raise ActionRefusedError("decided")
    if state["status"] == "taken" and state["holder"] != person.id:
        raise ActionRefusedError("taken")
    return state


def _future_date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ActionRefusedError("date_needed") from None
    today = date.fromisoformat(now()[:10])
    if not today < day <= today + timedelta(days=366):
        raise ActionRefusedError("date_needed")
    return day
