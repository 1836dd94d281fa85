"""Access to a case: who may see all of it may see it.

Notes, titles and files of a case speak of everything in it. A case with a claim or party outside a
person's regions, or in conflict with them, is therefore answered as if it did not exist.
"""

from __future__ import annotations

from fraud_pipeline.errors import UnknownRecordError
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.cases.case_book import Case
from fraud_pipeline.workbench.entities.scope import PARTIES, sees_party, sees_ring, visible_claims
from fraud_pipeline.workbench.pages.parameters import record_id


def accessible_case(context: RequestContext, number: str) -> Case:
    """The case with this number. Raises UnknownRecordError."""
    case_id = record_id(number)
    with context.app_state.db.reading() as connection:
        case = context.app_state.case_book.cases(connection).get(case_id)
    if case is None or not may_see(context, case):
        raise UnknownRecordError(f"there is no case {case_id}")
    return case


def visible_cases(context: RequestContext) -> list[Case]:
    """Every case this person may see, latest first."""
    with context.app_state.db.reading() as connection:
        cases = context.app_state.case_book.cases(connection)
    return [case for case in reversed(cases.values()) if may_see(context, case)]


def cases_holding(context: RequestContext, kind: str, key: str) -> list[Case]:
    """The cases this person may see that hold an item."""
    with context.app_state.db.reading() as connection:
        cases = context.app_state.case_book.holding(connection, kind, key)
    return [case for case in cases if may_see(context, case)]


def may_see(context: RequestContext, case: Case) -> bool:
    """Whether everything that was ever put into the case is inside the person's scope."""
    person, leads = context.user, context.app_state.leads
    if not person.regions and not person.conflicts:
        return True
    ever = {(e["detail"]["item"], e["detail"]["key"]) for e in case.events if e["kind"] == "add"}
    claims = [key for kind, key in ever if kind == "claim"]
    known = leads.lookup("claims", "claim_id", claims, "claim_id")
    if len(visible_claims(leads, person, claims)) < len(known):
        return False
    parties = [(kind, key) for kind, key in ever if kind in PARTIES]
    rings = [
        key for kind, key in ever if kind == "ring" and leads.lookup_one("rings", "ring_id", key)
    ]
    return all(sees_party(leads, person, kind, key) for kind, key in parties) and all(
        sees_ring(leads, person, key) for key in rings
    )
