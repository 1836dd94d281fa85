"""What several rooms need: a claim within reach of who asks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from fraud_pipeline.errors import UnknownRecordError
from fraud_pipeline.workbench.app_state import Ask
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.auth.permissions import GRANTED, May, Role
from fraud_pipeline.workbench.db.tables import USERS
from fraud_pipeline.workbench.decisions import blind_review
from fraud_pipeline.workbench.errors import ActionRefusedError


def within_reach(ask: Ask, claim_id: str) -> dict[str, Any]:
    """The queue's row of a claim. A claim outside one's regions is as unknown as none.

    Raises UnknownRecordError, or ActionRefusedError for a declared conflict of interest.
    """
    lead = ask.bench.leads.claim(claim_id) or _to_check(ask, claim_id)
    if lead is None or not ask.who.sees_region(lead["region"]):
        raise UnknownRecordError(f"there is no claim {claim_id}")
    if in_conflict(ask.who, lead):
        raise ActionRefusedError("conflict")
    return ask.bench.selection(lead)


def _to_check(ask: Ask, claim_id: str) -> dict[str, Any] | None:
    """A claim that left the queue because it was decided, while this person may check it blindly."""
    with ask.bench.db.reading() as connection:
        hidden = blind_review.hides(connection, claim_id, ask.who)
    return ask.bench.leads.beside(claim_id) if hidden else None


def reaches(ask: Ask, claim_id: str) -> bool:
    """Whether ``within_reach`` would hand the claim over."""
    try:
        within_reach(ask, claim_id)
    except (UnknownRecordError, ActionRefusedError):
        return False
    return True


def refuse_hidden(ask: Ask, claim_id: str) -> None:
    """ActionRefusedError while the decision on a claim is kept from this person (``blind.hides``)."""
    with ask.bench.db.reading() as connection:
        if blind_review.hides(connection, claim_id, ask.who):
            raise ActionRefusedError("blind_first")


def in_conflict(person: Person, lead: dict[str, Any]) -> bool:
    return bool({lead["enterprise_id"], lead["institution_id"]} & person.conflicts)


def names(connection: sa.Connection) -> dict[int, str]:
    """Account names by number."""
    return {i: n for i, n in connection.execute(sa.select(USERS.c.id, USERS.c.name))}


def workers(connection: sa.Connection) -> list[tuple[int, str]]:
    """(number, name) of everybody a claim can be given to."""
    roles = [role.value for role in Role if May.WORK in GRANTED[role]]
    found = connection.execute(
        sa.select(USERS.c.id, USERS.c.name)
        .where(USERS.c.disabled_at.is_(None), USERS.c.role.in_(roles))
        .order_by(USERS.c.name)
    )
    return [(i, n) for i, n in found]
