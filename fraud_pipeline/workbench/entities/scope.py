"""Which parties, claims and entities a person may see: their regions, no declared conflict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.db.leads import Leads

Row = dict[str, Any]
PARTIES = ("enterprise", "institution")
TEXT_KINDS = ("person", "phone", "account", "agent")


def sees_one_of(person: Person, regions: str | None) -> bool:
    """Whether one of these regions (separated by ';') is the person's."""
    return any(person.sees_region(region) for region in (regions or "").split(";"))


def sees_party(leads: Leads, person: Person, kind: str, party_id: str) -> bool:
    """Whether the party exists, lies in the person's regions and is in no conflict with them."""
    if party_id in person.conflicts:
        return False
    row = leads.lookup_one(f"{kind}s", f"{kind}_id", party_id)
    if kind == "enterprise":
        return row is not None and person.sees_region(row["region"])
    scope = leads.lookup_one("institution_scope", "institution_id", party_id)
    return scope is not None and sees_one_of(person, scope["regions"])


def sees_entity(person: Person, entity: Row) -> bool:
    """Whether a person, phone, account or agent is used in the person's regions."""
    return sees_one_of(person, entity["regions"])


def visible_claims(leads: Leads, person: Person, claim_ids: Sequence[str]) -> list[Row]:
    """The claims a person may see, with the names of both parties and the region, in order."""
    claims = leads.lookup("claims", "claim_id", claim_ids)
    enterprises = {e["enterprise_id"]: e for e in leads.lookup(
        "enterprises", "enterprise_id", [c["enterprise_id"] for c in claims])}  # fmt: skip
    institutions = {i["institution_id"]: i for i in leads.lookup(
        "institutions", "institution_id", [c["institution_id"] for c in claims])}  # fmt: skip
    rows = []
    for claim in claims:
        enterprise = enterprises.get(claim["enterprise_id"], {})
        region = enterprise.get("region") or ""
        parties = {claim["enterprise_id"], claim["institution_id"]}
        if person.sees_region(region) and not parties & person.conflicts:
            institution = institutions.get(claim["institution_id"], {})
            rows.append({**claim, "region": region, "enterprise": enterprise.get("name"),
                         "institution": institution.get("name")})  # fmt: skip
    return rows


def sees_ring(leads: Leads, person: Person, ring_id: str) -> bool:
    """Whether a claim of the ring is visible and no member is in conflict with the person."""
    ids = [row["claim_id"] for row in leads.lookup("ring_claims", "ring_id", [ring_id])]
    claims = leads.lookup("claims", "claim_id", ids, "enterprise_id, institution_id")
    members = {c["enterprise_id"] for c in claims} | {c["institution_id"] for c in claims}
    return not members & person.conflicts and bool(visible_claims(leads, person, ids))
