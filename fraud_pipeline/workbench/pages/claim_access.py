"""What several rooms need: a claim within reach of who asks."""

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
    """The queue's row of a claim. A claim outside one's regions is as unknown as none.

    Raises UnknownRecordError, or ActionRefusedError for a declared conflict of interest.
    """
    lead = context.app_state.leads.claim(claim_id) or _to_check(context, claim_id)
    if lead is None or not context.user.sees_region(lead["region"]):
        raise UnknownRecordError(f"there is no claim {claim_id}")
    if in_conflict(context.user, lead):
        raise ActionRefusedError("conflict")
    return context.app_state.selection(lead)


def _to_check(context: RequestContext, claim_id: str) -> dict[str, Any] | None:
    """A claim that left the queue because it was decided, while this person may check it blindly."""
    with context.app_state.db.reading() as connection:
        hidden = blind_review.hidden_verdict(connection, claim_id, context.user)
    return context.app_state.leads.claim_outside_queue(claim_id) if hidden else None


def may_access(context: RequestContext, claim_id: str) -> bool:
    """Whether ``accessible_claim`` would hand the claim over."""
    try:
        accessible_claim(context, claim_id)
    except (UnknownRecordError, ActionRefusedError):
        return False
    return True


def refuse_hidden(context: RequestContext, claim_id: str) -> None:
    """ActionRefusedError while the decision on a claim is kept from this person (``blind_review.hidden_verdict``)."""
    with context.app_state.db.reading() as connection:
        if blind_review.hidden_verdict(connection, claim_id, context.user):
            raise ActionRefusedError("blind_first")


def in_conflict(person: Person, lead: dict[str, Any]) -> bool:
    return bool({lead["enterprise_id"], lead["institution_id"]} & person.conflicts)


def account_names(connection: sa.Connection) -> dict[int, str]:
    """Account names by number."""
    return {i: n for i, n in connection.execute(sa.select(USERS.c.id, USERS.c.name))}


def assignable_accounts(connection: sa.Connection) -> list[tuple[int, str]]:
    """(number, name) of everybody a claim can be given to."""
    roles = [role.value for role in Role if Permission.WORK in GRANTED[role]]
    found = connection.execute(
        sa.select(USERS.c.id, USERS.c.name)
        .where(USERS.c.disabled_at.is_(None), USERS.c.role.in_(roles))
        .order_by(USERS.c.name)
    )
    return [(i, n) for i, n in found]
