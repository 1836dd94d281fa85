"""What may follow a verdict: undo, second review, reopening, appeal; each is a further row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from fraud_pipeline.workbench.auth.accounts import Person, now_plus
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db.database import Database
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.db.tables import DECISIONS
from fraud_pipeline.workbench.decisions.verdicts import decision_by_id, insert_decision
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.queue.assignment import claim_state, set_state


def undo(db: Database, claim_id: str, person: Person) -> None:
    """Undoes the person's own latest verdict within ``undo_minutes``; the claim is theirs again.

    Raises ActionRefusedError when it is too late, or another row followed.
    """
    with db.writing() as connection:
        _undo(connection, claim_id, person)


def undo_batch(db: Database, batch: str, person: Person) -> int:
    """Undoes the verdicts of a batch that no other row followed; returns how many."""
    undone = 0
    with db.writing() as connection:
        d = DECISIONS
        ids = connection.execute(
            sa.select(d.c.claim_id).where(d.c.batch == batch, d.c.kind == "verdict").distinct()
        ).scalars()
        for claim_id in list(ids):
            state = claim_state(connection, claim_id)
            last = state["decision_id"] and decision_by_id(connection, state["decision_id"])
            if not last or last["batch"] != batch:
                continue
            _undo(connection, claim_id, person, hold=False)
            undone += 1
    if not undone:
        raise ActionRefusedError("too_late")
    return undone


def _undo(connection: sa.Connection, claim_id: str, person: Person, *, hold: bool = True) -> None:
    state = claim_state(connection, claim_id)
    if state["status"] not in ("decided", "second") or state["decision_id"] is None:
        raise ActionRefusedError("not_decided")
    last = decision_by_id(connection, state["decision_id"])
    settings = current(connection)
    if last["kind"] != "verdict":
        raise ActionRefusedError("too_late")
    if last["by"] != person.id:
        raise ActionRefusedError("not_yours")
    if last["at"] < now_plus(minutes=-settings.undo_minutes):
        raise ActionRefusedError("too_late")
    receipt = audit_log.append(
        connection, person.id, person.name, "undo", f"claim {claim_id}", decision=last["id"]
    )
    insert_decision(connection, claim_id, last["run_id"], "undo", person, "undo", receipt.seq,
            refers_to=last["id"])  # fmt: skip
    before = _unanswered_appeal(connection, last)
    if hold:
        set_state(connection, claim_id, receipt.seq, status="taken", holder=person.id,
            held_until=now_plus(minutes=settings.lock_minutes), decision_id=before)  # fmt: skip
    else:
        set_state(connection, claim_id, receipt.seq, status="open", decision_id=before)


def _unanswered_appeal(connection: sa.Connection, verdict: dict[str, Any]) -> int | None:
    """The id of the appeal a verdict answered, which without the verdict is unanswered again."""
    d = DECISIONS
    row = connection.execute(
        sa.select(d.c.id, d.c.kind)
        .where(d.c.claim_id == verdict["claim_id"], d.c.id < verdict["id"])
        .order_by(d.c.id.desc())
        .limit(1)
    ).first()
    return row.id if row is not None and row.kind == "appeal" else None


def second_review(
    db: Database, claim_id: str, person: Person, *, agree: bool, note: str,
    allowed: Callable[[str], bool] = lambda claim_id: True,
) -> int:  # fmt: skip
    """Records the second review of a claim and of the rest of its batch; returns how many claims.

    On agreement the verdict takes effect, otherwise the claim returns to the queue. Raises ActionRefusedError for the person who decided first, and when the batch
    holds a claim that ``allowed`` keeps from this person.
    """
    with db.writing() as connection:
        state = claim_state(connection, claim_id)
        if state["status"] != "second":
            raise ActionRefusedError("not_waiting")
        first = decision_by_id(connection, state["decision_id"])
        if not agree and not note.strip():
            raise ActionRefusedError("note_needed")
        ids = (
            [claim_id] if first["batch"] is None else _pending_in_batch(connection, first["batch"])
        )
        if not all(allowed(one) for one in ids):
            raise ActionRefusedError("conflict")
        for one in ids:
            _second(connection, one, person, agree, note.strip()[:2000])
        return len(ids)


def _pending_in_batch(connection: sa.Connection, batch: str) -> list[str]:
    d = DECISIONS
    ids = connection.execute(
        sa.select(d.c.claim_id, d.c.id).where(d.c.batch == batch, d.c.kind == "verdict")
    ).all()
    return [
        claim_id
        for claim_id, decision_id in ids
        if (state := claim_state(connection, claim_id))["status"] == "second"
        and state["decision_id"] == decision_id
    ]


def _second(
    connection: sa.Connection, claim_id: str, person: Person, agree: bool, note: str
) -> None:
    first = decision_by_id(connection, claim_state(connection, claim_id)["decision_id"])
    if first["by"] == person.id:
        raise ActionRefusedError("same_person")
    reason = "agree" if agree else "disagree"
    receipt = audit_log.append(
        connection, person.id, person.name, "second", f"claim {claim_id}", answer=reason,
        decision=first["id"], note=note,
    )  # fmt: skip
    decision_id = insert_decision(connection, claim_id, first["run_id"], "second", person, reason, receipt.seq,
                   refers_to=first["id"], note=note or None, batch=first["batch"])  # fmt: skip
    if agree:
        set_state(connection, claim_id, receipt.seq, status="decided", decision_id=decision_id)
    else:
        set_state(connection, claim_id, receipt.seq, status="open",
            decision_id=_unanswered_appeal(connection, first))  # fmt: skip


def reopen(db: Database, claim_id: str, person: Person, note: str, *, appeal: bool = False) -> None:
    """Opens a decided claim again. A reopened verdict no longer counts; one appealed against
    (``appeal``) counts until another person has decided. Raises ActionRefusedError."""
    if not note.strip():
        raise ActionRefusedError("note_needed")
    with db.writing() as connection:
        state = claim_state(connection, claim_id)
        if state["status"] not in (("decided",) if appeal else ("decided", "second")):
            raise ActionRefusedError("not_decided")
        last = decision_by_id(connection, state["decision_id"])
        verdict = (
            last if last["kind"] == "verdict" else decision_by_id(connection, last["refers_to"])
        )
        kind = "appeal" if appeal else "reopen"
        receipt = audit_log.append(
            connection, person.id, person.name, kind, f"claim {claim_id}",
            decision=verdict["id"], note=note.strip()[:2000],
        )  # fmt: skip
        decision_id = insert_decision(connection, claim_id, verdict["run_id"], kind, person, kind, receipt.seq,
                       refers_to=verdict["id"], note=note.strip()[:2000])  # fmt: skip
        set_state(connection, claim_id, receipt.seq, status="open", decision_id=decision_id)
