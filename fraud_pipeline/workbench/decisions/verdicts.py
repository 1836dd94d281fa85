"""Verdicts: validation and recording. Rows of decisions are never changed: undo, second review,
reopening and appeal are further rows, and a claim's state refers to the latest."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db.database import Database, now
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.db.tables import DECISIONS
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.exchange import webhooks
from fraud_pipeline.workbench.queue.assignment import set_state, workable_state
from fraud_pipeline.workbench.words import ALLEGED, REASONS, VERDICTS

IMPROPER = ("fraud", "irregular")
MAX_BATCH = 500


Draw = Callable[[sa.Connection, dict[str, Any], int], bool]


def draw_nothing(connection: sa.Connection, lead: dict[str, Any], percent: int) -> bool:
    """A draw for blind double reviews that selects nothing."""
    return False


@dataclass(frozen=True)
class Finding:
    """A verdict as entered in a form; ``disallowed``: amount in yuan, as text."""

    verdict: str
    reason: str
    typology: str = ""
    disallowed: str = ""
    note: str = ""


@dataclass(frozen=True)
class ValidFinding:
    """A validated finding; ``disallowed_fen`` None = unknown."""

    verdict: str
    reason: str
    typology: str | None
    disallowed_fen: int | None
    note: str | None


@dataclass(frozen=True)
class _Review:
    """What is to follow a verdict, and the batch it belongs to."""

    needs_second: bool
    blind: bool  # drawn for a blind double review
    batch: str | None = None
    ring_id: str | None = None


@dataclass(frozen=True)
class FanOut:
    """How one finding is recorded on many claims.

    ``disallow_all``: the whole claimed amount of each is disallowed. ``also``: writes more in the
    same transaction; it gets the batch id and the number of claims.
    """

    ring_id: str | None = None
    disallow_all: bool = False
    also: Callable[[sa.Connection, str, int], object] | None = None


def validate(finding: Finding, claimed: Decimal) -> ValidFinding:
    """The finding validated for a claim of ``claimed`` yuan. Raises ActionRefusedError."""
    if finding.verdict not in VERDICTS:
        raise ActionRefusedError("verdict_needed")
    if finding.reason not in REASONS or finding.verdict not in REASONS[finding.reason].verdicts:
        raise ActionRefusedError("reason_needed")
    note = finding.note.strip()[:2000] or None
    if finding.reason == "other" and note is None:
        raise ActionRefusedError("note_needed")
    if finding.verdict not in IMPROPER:
        fen = None if finding.verdict == "undetermined" else 0
        return ValidFinding(finding.verdict, finding.reason, None, fen, note)
    if finding.typology not in ALLEGED:
        raise ActionRefusedError("typology_needed")
    fen = _fen(finding.disallowed)
    if fen is None or not 0 <= fen <= int(claimed * 100):
        raise ActionRefusedError("amount_needed")
    return ValidFinding(finding.verdict, finding.reason, finding.typology, fen, note)


def _fen(text: str) -> int | None:
    try:
        amount = Decimal(text.replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        return None
    # an amount with a fraction of a fen is a typing error, and NaN no amount
    if not amount.is_finite() or abs(amount) > 10**13 or amount * 100 != int(amount * 100):
        return None
    return int(amount * 100)


def decide(
    db: Database, run_id: str, lead: dict[str, Any], person: Person, finding: Finding,
    is_drawn: Draw = draw_nothing,
) -> bool:  # fmt: skip
    """Records a verdict on one claim; returns whether it needs a second review.

    ``lead``: the queue's row of the claim. ``drawn``: decides from a row and a share in percent
    whether the claim gets a blind double review. Raises ActionRefusedError.
    """
    refuse_conflict(person, lead)
    valid = validate(finding, lead["claimed_amount"])
    with db.writing() as connection:
        state = workable_state(connection, lead["claim_id"], person)
        _refuse_own_appeal(connection, state, person)
        settings = current(connection)
        second = lead["claimed_amount"] >= settings.four_eyes_amount
        review = _Review(second, is_drawn(connection, lead, settings.blind_percent))
        _record(connection, run_id, lead, person, valid, review)
        return second


def decide_many(
    db: Database, run_id: str, leads: Sequence[dict[str, Any]], person: Person, finding: Finding,
    fan_out: FanOut | None = None, is_drawn: Draw = draw_nothing,
) -> tuple[str, int, bool]:  # fmt: skip
    """Records one finding on many claims: a bulk close, or a decision on a ring or a case.

    Claims held by others, decided ones and those in conflict are skipped. Returns (batch id, number of claims, needs second review);
    the sum of the batch counts against the limit, so that an amount cannot be split below it.
    """
    if not 0 < len(leads) <= MAX_BATCH:
        raise ActionRefusedError("nothing_chosen" if not leads else "too_many")
    batch, fan_out = secrets.token_hex(8), fan_out or FanOut()
    with db.writing() as connection:
        chosen = decidable(connection, leads, person)
        if not chosen:
            raise ActionRefusedError("nothing_chosen")
        total = sum((lead["claimed_amount"] for lead in chosen), Decimal(0))
        settings = current(connection)
        second = total >= settings.four_eyes_amount
        for lead in chosen:
            one = in_full(finding, lead) if fan_out.disallow_all else finding
            valid = validate(one, lead["claimed_amount"])
            blind = is_drawn(connection, lead, settings.blind_percent)
            review = _Review(second, blind, batch, fan_out.ring_id)
            _record(connection, run_id, lead, person, valid, review)
        if fan_out.also is not None:
            fan_out.also(connection, batch, len(chosen))
        return batch, len(chosen), second


def decidable(
    connection: sa.Connection, leads: Sequence[dict[str, Any]], person: Person
) -> list[dict[str, Any]]:
    """Those of the claims that this person may decide now."""
    return [lead for lead in leads if _may_decide(connection, lead, person)]


def in_full(finding: Finding, lead: dict[str, Any]) -> Finding:
    """The finding with the whole amount of the claim disallowed."""
    return replace(finding, disallowed=str(lead["claimed_amount"]))


def _may_decide(connection: sa.Connection, lead: dict[str, Any], person: Person) -> bool:
    try:
        refuse_conflict(person, lead)
        _refuse_own_appeal(connection, workable_state(connection, lead["claim_id"], person), person)
    except ActionRefusedError:
        return False
    return True


def _record(
    connection: sa.Connection, run_id: str, lead: dict[str, Any], person: Person,
    valid: ValidFinding, review: _Review,
) -> None:  # fmt: skip
    """Writes the log row, the decision and the claim's new state."""
    second, batch, ring_id = review.needs_second, review.batch, review.ring_id
    receipt = audit_log.append(
        connection, person.id, person.name, "decide", f"claim {lead['claim_id']}", batch=batch,
        ring=ring_id, verdict=valid.verdict, typology=valid.typology, reason=valid.reason,
        disallowed_fen=valid.disallowed_fen, note=valid.note, run=run_id, needs_second=second,
        selected_by=lead["stratum"] or None, inclusion_prob=lead["inclusion_prob"],
        blind=int(review.blind),
    )  # fmt: skip
    decision_id = insert_decision(
        connection, lead["claim_id"], run_id, "verdict", person, valid.reason, receipt.seq,
        verdict=valid.verdict, typology=valid.typology, disallowed_fen=valid.disallowed_fen,
        note=valid.note, batch=batch, ring_id=ring_id, selected_by=lead["stratum"] or None,
        inclusion_prob=lead["inclusion_prob"], needs_second=int(second), blind=int(review.blind),
        of_ring=lead.get("ring_id") or "",
    )  # fmt: skip
    set_state(connection, lead["claim_id"], receipt.seq,
              status="second" if second else "decided", decision_id=decision_id)  # fmt: skip


def insert_decision(
    connection: sa.Connection, claim_id: str, run_id: str, kind: str, person: Person, reason: str,
    log_seq: int, *, of_ring: str = "", **values: Any,
) -> int:  # fmt: skip
    """Stores a decision and enqueues its message; ``of_ring``: the ring that the claim is in."""
    inserted = connection.execute(
        sa.insert(DECISIONS).values(
            claim_id=claim_id, run_id=run_id, kind=kind, by=person.id, who=person.name, at=now(),
            reason=reason, log_seq=log_seq, **{"needs_second": 0, **values},
        )
    )  # fmt: skip
    decision_id = int(inserted.inserted_primary_key[0])  # type: ignore[index]
    facts = {
        k: values.get(k) for k in ("verdict", "typology", "disallowed_fen", "refers_to", "batch")
    }
    webhooks.enqueue(
        connection, "decision", claim_id=claim_id, kind=kind, reason=reason, id=decision_id,
        log_seq=log_seq, needs_second=bool(values.get("needs_second")), ring_id=of_ring or None, **facts,
    )  # fmt: skip
    return decision_id


def refuse_conflict(person: Person, lead: dict[str, Any]) -> None:
    """Raises ActionRefusedError for a claim with a party this person is in conflict with."""
    if {lead["enterprise_id"], lead["institution_id"]} & person.conflicts:
        raise ActionRefusedError("conflict")


def _refuse_own_appeal(connection: sa.Connection, state: dict[str, Any], person: Person) -> None:
    """Raises ActionRefusedError when the claim awaits the answer to an appeal against this person."""
    if state["decision_id"] is None:
        return
    row = decision_by_id(connection, state["decision_id"])
    if row["kind"] == "appeal" and decision_by_id(connection, row["refers_to"])["by"] == person.id:
        raise ActionRefusedError("same_person")


def decision_by_id(connection: sa.Connection, decision_id: int) -> dict[str, Any]:
    rows = connection.execute(sa.select(DECISIONS).where(DECISIONS.c.id == decision_id))
    return dict(rows.mappings().one())


def history(connection: sa.Connection, claim_id: str) -> list[dict[str, Any]]:
    """Every decision row of a claim, oldest first."""
    d = DECISIONS
    rows = connection.execute(sa.select(d).where(d.c.claim_id == claim_id).order_by(d.c.id))
    return [dict(row) for row in rows.mappings()]
