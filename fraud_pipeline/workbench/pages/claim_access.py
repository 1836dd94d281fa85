"""Access to one claim by the signed-in person: regions, conflicts of interest, blind reviews."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from fraud_pipeline.errors import UnknownRecordError
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.auth.permissions import GRANTED, Permission, Role
from fraud_pipeline.workbench.db.tables import USERS
from fraud_pipeline.workbench.decisions import blind_review
from fraud_pipeline.workbench.errors import ActionRefusedError


def accessible_claim(context: RequestContext, claim_id: str) -> dict[str, Any]:
    """The queue's row of a claim, if this person may see it.

    Raises UnknownRecordError when there is no such claim or it is outside the person's regions,
    ActionRefusedError for a declared conflict of interest.
    """
    lead = context.app_state.leads.claim(claim_id) or _claim_to_check(context, claim_id)
    if lead is None or not context.user.sees_region(lead["region"]):
        raise UnknownRecordError(f"there is no claim {claim_id}")
    if in_conflict(context.user, lead):
        raise ActionRefusedError("conflict")
    return context.app_state.with_signed_plan(lead)


def _claim_to_check(context: RequestContext, claim_id: str) -> dict[str, Any] | None:
    """A decided claim, which is no longer in the queue, that this person may review blindly."""
    with context.app_state.db.reading() as connection:
        hidden = blind_review.hidden_verdict(connection, claim_id, context.user)
    return context.app_state.leads.claim_outside_queue(claim_id) if hidden else None


def may_access(context: RequestContext, claim_id: str) -> bool:
    """Whether ``accessible_claim`` would return the claim."""
    try:
        accessible_claim(context, claim_id)
    except (UnknownRecordError, ActionRefusedError):
        return False
    return True


def refuse_hidden(context: RequestContext, claim_id: str) -> None:
    """Raises ActionRefusedError while the verdict is hidden from this person (``blind_review``)."""
    with context.app_state.db.reading() as connection:
        if blind_review.hidden_verdict(connection, claim_id, context.user):
            raise ActionRefusedError("blind_first")


def in_conflict(person: Person, lead: dict[str, Any]) -> bool:
    """Whether the person declared a conflict of interest with a party of the claim."""
    return bool({lead["enterprise_id"], lead["institution_id"]} & person.conflicts)


def account_names(connection: sa.Connection) -> dict[int, str]:
    """Account id -> name."""
    return {i: n for i, n in connection.execute(sa.select(USERS.c.id, USERS.c.name))}


def assignable_accounts(connection: sa.Connection) -> list[tuple[int, str]]:
    """(id, name) of every account a claim can be assigned to."""
    roles = [role.value for role in Role if Permission.WORK in GRANTED[role]]
    rows = connection.execute(
        sa.select(USERS.c.id, USERS.c.name)
        .where(USERS.c.disabled_at.is_(None), USERS.c.role.in_(roles))
        .order_by(USERS.c.name)
    )
    return [(i, n) for i, n in rows]
