"""The search box: what was typed, looked up in every kind of text, as far as a person may see it.

Who may not see personal data unmasked finds persons, phones and accounts by their whole text
alone: by parts of it, the hidden characters could be found one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fraud_pipeline.core.masking import mask_account, mask_name, mask_phone
from fraud_pipeline.workbench.addresses import claim_address, entity_address, ring_address
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.auth.permissions import Permission
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.db.search_index import KINDS, Match, normalised
from fraud_pipeline.workbench.entities.scope import (
    PARTIES,
    sees_entity,
    sees_party,
    sees_ring,
    visible_claims,
)

SHOWN, SHOWN_OF_ONE_KIND = 6, 60
MIN_LENGTH, MAX_LENGTH = 2, 60
_PERSONAL = {"person": mask_name, "phone": mask_phone, "account": mask_account}
_OF_CLAIM = ("claim", "contract", "invoice", "voucher")
_ALIKE_FROM = 3  # characters from which names are also compared by likeness


@dataclass(frozen=True)
class Result:
    """One thing found: its address, its label, and a line that tells it from others."""

    address: str
    label: str
    detail: str


@dataclass(frozen=True)
class Group:
    """The results of one kind; ``has_more``: further ones are not listed."""

    kind: str
    results: list[Result]
    has_more: bool
    alike: bool = False  # found by likeness: nothing holds what was typed


def search(leads: Leads, person: Person, text: str, kind: str = "") -> list[Group]:
    """What was found, by kind; ``kind``: only this one, with more results."""
    wanted = normalised(text)[:MAX_LENGTH]
    if len(wanted) < MIN_LENGTH:
        return []
    most = SHOWN_OF_ONE_KIND if kind else SHOWN
    groups = []
    for one in KINDS if kind not in KINDS else (kind,):
        matches, alike = _matches(leads, person, one, wanted)
        results = list(islice(_results(leads, person, one, matches), most + 1))
        if results:
            groups.append(Group(one, results[:most], len(results) > most, alike))
    return groups


def _matches(leads: Leads, person: Person, kind: str, wanted: str) -> tuple[list[Match], bool]:
    """(matches, best first, and whether they are only alike)."""
    index = leads.search[kind]
    if kind in _PERSONAL and not person.may(Permission.UNMASK):
        return index.equal(wanted), False
    matches = index.containing(wanted)
    if matches or kind not in PARTIES or len(wanted) < _ALIKE_FROM:
        return matches, False
    return index.alike(wanted), True


def _results(leads: Leads, person: Person, kind: str, matches: list[Match]) -> Iterator[Result]:
    """The results a person may see; only as many are looked at as are wanted."""
    for match in matches:
        if kind in _OF_CLAIM:
            result = _claim(leads, person, kind, match)
        elif kind in PARTIES:
            result = _party(leads, person, kind, match)
        elif kind == "ring":
            result = _ring(leads, person, match)
        else:
            result = _entity(leads, person, kind, match)
        if result is not None:
            yield result


def _claim(leads: Leads, person: Person, kind: str, match: Match) -> Result | None:
    claims = visible_claims(leads, person, [match.target])
    if not claims:
        return None
    claim = claims[0]
    parties = " → ".join(claim[side] or claim[f"{side}_id"] for side in PARTIES)
    label = claim["claim_id"] if kind == "claim" else f"{match.shown} · {claim['claim_id']}"
    return Result(_address_of_claim(leads, claim), label, parties)


def _address_of_claim(leads: Leads, claim: dict[str, Any]) -> str:
    """A claim that was decided before the run has no page: its enterprise's page lists it."""
    if leads.claim(claim["claim_id"]) is not None:
        return claim_address(claim["claim_id"])
    return entity_address("enterprise", claim["enterprise_id"])


def _party(leads: Leads, person: Person, kind: str, match: Match) -> Result | None:
    if not sees_party(leads, person, kind, match.target):
        return None
    row = leads.lookup_one(f"{kind}s", f"{kind}_id", match.target) or {}
    detail = " · ".join(part for part in (match.target, row.get("region")) if part)
    return Result(entity_address(kind, match.target), row.get("name") or match.target, detail)


def _ring(leads: Leads, person: Person, match: Match) -> Result | None:
    if not sees_ring(leads, person, match.target):
        return None
    return Result(ring_address(match.target), match.target, "")


def _entity(leads: Leads, person: Person, kind: str, match: Match) -> Result | None:
    entity = leads.lookup_one("entities", "entity", match.target)
    if entity is None or not sees_entity(person, entity):
        return None
    mask = _PERSONAL.get(kind)
    label = (mask(entity["value"]) if mask else entity["value"]) or ""
    return Result(entity_address(kind, entity["token"]), label, _owners(leads, person, entity))


def _owners(leads: Leads, person: Person, entity: dict[str, Any]) -> str:
    """The parties that use it and are visible, by name; at most three."""
    uses = leads.lookup("entity_uses", "entity", [entity["entity"]])
    names = []
    for use in islice((u for u in uses if u["owner_kind"] in PARTIES), 40):
        kind, party_id = use["owner_kind"], use["owner_id"]
        if sees_party(leads, person, kind, party_id):
            row = leads.lookup_one(f"{kind}s", f"{kind}_id", party_id) or {}
            names.append(row.get("name") or party_id)
        if len(names) == 3:
            break
    return "、".join(names)
