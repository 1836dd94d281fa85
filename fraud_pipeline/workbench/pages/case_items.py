"""What a new case holds: the items of the claim, ring, party or choice it is opened from."""

from __future__ import annotations

from collections.abc import Callable

from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.cases.case_actions import NewItem
from fraud_pipeline.workbench.cases.case_book import ITEM_KINDS
from fraud_pipeline.workbench.entities.entity_view import entity_facts, subject_of
from fraud_pipeline.workbench.entities.scope import PARTIES, sees_party, visible_claims
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages.rings import accessible_ring


def items_of_source(context: RequestContext, source: str) -> list[NewItem]:
    """The items of a case opened from ``source`` (a field of the form names what it is).

    Raises ActionRefusedError or UnknownRecordError for what the person may not see.
    """
    make = _SOURCES.get(source)
    if make is None:
        raise ActionRefusedError("nothing_chosen")
    return list(dict.fromkeys(make(context, context.field("key"))))


def requested_items(context: RequestContext, kind: str, key: str) -> list[NewItem]:
    """One item to add to a case: a claim with its parties, a party, or a ring with its claims."""
    if kind not in ITEM_KINDS:
        raise ActionRefusedError("nothing_chosen")
    if kind in PARTIES:
        if not sees_party(context.app_state.leads, context.user, kind, key):
            raise ActionRefusedError("nothing_chosen")
        return [NewItem(kind, key)]
    return items_of_source(context, kind)


def _of_claims(context: RequestContext, ids: list[str]) -> list[NewItem]:
    """The claims and their parties, as far as this person may see them."""
    claims = visible_claims(context.app_state.leads, context.user, ids)
    if not claims:
        raise ActionRefusedError("nothing_chosen")
    items = [NewItem("claim", claim["claim_id"]) for claim in claims]
    return items + [NewItem(kind, claim[f"{kind}_id"]) for claim in claims for kind in PARTIES]


def _of_claim(context: RequestContext, key: str) -> list[NewItem]:
    items = _of_claims(context, [key])
    lead = context.app_state.leads.claim(key)
    ring_id = lead["ring_id"] if lead else ""
    return items + ([NewItem("ring", ring_id)] if ring_id and not context.user.regions else [])


def _of_ring(context: RequestContext, key: str) -> list[NewItem]:
    facts = accessible_ring(context, key, [], True)
    items = [NewItem("ring", key)] if not facts["elsewhere"] else []
    items += [NewItem("claim", claim["claim_id"]) for claim in facts["claims"]]
    return items + [NewItem(m["party_kind"], m["party_id"]) for m in facts["members"]]


def _of_party(kind: str) -> Callable[[RequestContext, str], list[NewItem]]:
    def make(context: RequestContext, key: str) -> list[NewItem]:
        leads = context.app_state.leads
        facts = entity_facts(leads, context.user, subject_of(leads, context.user, kind, key))
        claims = [NewItem("claim", c["claim_id"]) for c in facts["claims"] if c["is_reachable"]]
        return [NewItem(kind, key), *claims]

    return make


def _of_prices(context: RequestContext, key: str) -> list[NewItem]:
    """The claims of a party whose price is rarer than one in twenty, with their parties."""
    kind = context.field("kind")
    leads = context.app_state.leads
    if kind not in PARTIES:
        raise ActionRefusedError("nothing_chosen")
    facts = entity_facts(leads, context.user, subject_of(leads, context.user, kind, key))
    return _of_claims(context, [c["claim_id"] for c in facts["claims"] if c["is_high"]])


def _of_choice(context: RequestContext, key: str) -> list[NewItem]:
    return _of_claims(context, list(dict.fromkeys(context.form.get("claim", []))))


_SOURCES: dict[str, Callable[[RequestContext, str], list[NewItem]]] = {
    "claim": _of_claim, "ring": _of_ring, "price": _of_prices, "queue": _of_choice,
    "enterprise": _of_party("enterprise"), "institution": _of_party("institution"),
}  # fmt: skip
