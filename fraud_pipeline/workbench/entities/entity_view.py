"""The facts on the page of one party or entity: details, history, money, prices, ties, rings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from fraud_pipeline.core.masking import mask_account, mask_name, mask_phone
from fraud_pipeline.errors import UnknownRecordError
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.cases.masking import mask_row
from fraud_pipeline.workbench.db.entity_tables import MOST_CLAIMS
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.entities.scope import (
    PARTIES,
    TEXT_KINDS,
    Row,
    sees_entity,
    sees_party,
    sees_ring,
    visible_claims,
)

KINDS = (*PARTIES, *TEXT_KINDS)
_MOST_TIES, _MOST_PAYMENTS = 60, 40
_MASKS = {"person": mask_name, "phone": mask_phone, "account": mask_account}
_IMPROPER = ("fraud", "irregular")
_DETAILS = {
    "enterprise": ("region", "founded_on", "industry", "employees", "annual_revenue",
                   "legal_representative", "phone", "email", "bank_account", "address"),
    "institution": ("region", "founded_on", "category", "staff", "legal_representative", "phone",
                    "email", "bank_account", "address"),
}  # fmt: skip
# field of a party -> kind of the entity it names
ENTITY_FIELDS = {
    "legal_representative": "person", "confirmed_by": "person", "phone": "phone",
    "contact_phone": "phone", "bank_account": "account", "agent_id": "agent",
}  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """What a page is about: a party (``key`` its code) or an entity (``key`` its token)."""

    kind: str
    key: str
    name: str  # masked where it is personal data
    row: Row
    party: str  # key in ``party_claims``


def subject_of(leads: Leads, person: Person, kind: str, key: str) -> Subject:
    """The party or entity at an address. Raises UnknownRecordError if it is not to be seen."""
    if kind in PARTIES:
        if not sees_party(leads, person, kind, key):
            raise UnknownRecordError(f"there is no {kind} {key}")
        row = leads.lookup_one(f"{kind}s", f"{kind}_id", key) or {}
        return Subject(kind, key, row.get("name") or key, row, f"{kind} {key}")
    entity = leads.lookup_one("entities", "token", key) if kind in TEXT_KINDS else None
    if entity is None or entity["kind"] != kind or not sees_entity(person, entity):
        raise UnknownRecordError(f"there is no such {kind}")
    mask = _MASKS.get(kind)
    name = (mask(entity["value"]) if mask else entity["value"]) or ""
    return Subject(kind, key, name, entity, entity["entity"])


def entity_facts(leads: Leads, person: Person, subject: Subject) -> Row:
    """Everything the page shows that is in the run; verdicts are added by the caller."""
    ids = [r["claim_id"] for r in leads.lookup("party_claims", "party", [subject.party])]
    claims = _with_scores(leads, visible_claims(leads, person, ids))
    return {
        "details": _details(leads, subject),
        "claims": claims, "is_cut": len(ids) >= MOST_CLAIMS,
        "total": sum((c["claimed_amount"] for c in claims), Decimal(0)),
        "money": _money(leads, person, subject, claims),
        "ties": _ties(leads, person, subject), "uses": _uses(leads, person, subject),
        "rings": _rings(leads, person, subject, claims),
        "sanctions": _sanctions(leads, subject),
    }  # fmt: skip


def _details(leads: Leads, subject: Subject) -> list[Row]:
    """Field, masked value, and the token of the entity it names (None: it names none)."""
    masked = mask_row(subject.row)
    rows = []
    for field in _DETAILS.get(subject.kind, ()):
        value, kind = subject.row.get(field), ENTITY_FIELDS.get(field)
        entity = leads.lookup_one("entities", "entity", f"{kind} {value}") if kind else None
        if value not in (None, ""):
            rows.append({"field": field, "value": masked[field], "kind": kind,
                         "token": entity["token"] if entity else None})  # fmt: skip
    return rows


def _with_scores(leads: Leads, claims: list[Row]) -> list[Row]:
    """The claims with place in the queue, risk and price; None where the run has none."""
    ids = [claim["claim_id"] for claim in claims]
    queued = {q["claim_id"]: q for q in leads.lookup("queue", "claim_id", ids)}
    prices = {p["claim_id"]: p for p in leads.lookup("price_results", "claim_id", ids)}
    columns = ("rank", "risk", "risk_kind", "band", "expected_loss", "ring_id")
    return [
        {**claim, **{n: queued.get(claim["claim_id"], {}).get(n) for n in columns},
         "is_reachable": claim["claim_id"] in queued, **_price(prices.get(claim["claim_id"]))}
        for claim in claims
    ]  # fmt: skip


def _price(price: Row | None) -> Row:
    """Unit price, market price and their ratio; ``is_high``: rarer than one in twenty."""
    scored = price is not None and price["outcome"] == "scored"
    names = ("unit_price", "market_mid", "price_ratio", "excess_amount")
    p_value = price["p_value"] if price and scored else None
    return {
        **{name: price[name] if price and scored else None for name in names},
        "is_high": p_value is not None and p_value < 0.05,
    }


def _money(leads: Leads, person: Person, subject: Subject, claims: list[Row]) -> list[Row]:
    """Payments on the contracts of these claims, summed by payer and payee, largest first."""
    contracts = [c["contract_id"] for c in claims if c["contract_id"]]
    sums: dict[tuple[str, str], Row] = {}
    for payment in leads.lookup("payments", "contract_id", contracts):
        payer, payee = payment["payer_id"] or "", payment["payee_id"] or ""
        if subject.kind in PARTIES and subject.key not in (payer, payee):
            continue
        row = sums.setdefault((payer, payee), {"payer_id": payer, "payee_id": payee, "n": 0,
                                               "amount": Decimal(0)})  # fmt: skip
        row["n"] += 1
        row["amount"] += payment["amount"] or 0
    names = _names(leads, person, {party for pair in sums for party in pair})
    rows = [
        {**row, "payer": names.get(row["payer_id"]), "payee": names.get(row["payee_id"])}
        for row in sums.values()
    ]
    return sorted(rows, key=lambda r: (-r["amount"], r["payer_id"], r["payee_id"]))[:_MOST_PAYMENTS]


def _names(leads: Leads, person: Person, ids: set[str]) -> dict[str, tuple[str, str]]:
    """party id -> (kind, name) of the parties a person may see."""
    names = {}
    for kind in PARTIES:
        for row in leads.lookup(f"{kind}s", f"{kind}_id", sorted(ids)):
            party_id = row[f"{kind}_id"]
            if sees_party(leads, person, kind, party_id):
                names[party_id] = (kind, row["name"] or party_id)
    return names


def _ties(leads: Leads, person: Person, subject: Subject) -> list[Row]:
    """Other parties this one is tied to, with the kinds of tie; strongest first."""
    if subject.kind not in PARTIES:
        return []
    kinds: dict[str, list[str]] = defaultdict(list)
    for tie in leads.lookup("near", "party_id", [subject.key]):
        other = tie["right_id"] if tie["left_id"] == subject.key else tie["left_id"]
        if tie["kind"] not in kinds[other]:
            kinds[other].append(tie["kind"])
    names = _names(leads, person, set(kinds))
    rows = [{"party_id": other, "kind": names[other][0], "name": names[other][1], "ties": ties}
            for other, ties in kinds.items() if other in names]  # fmt: skip
    return rows[:_MOST_TIES]


def _uses(leads: Leads, person: Person, subject: Subject) -> list[Row]:
    """The parties that use an entity and as what; empty for a party's own page."""
    if subject.kind in PARTIES:
        return []
    uses = leads.lookup("entity_uses", "entity", [subject.party])
    parties = [u for u in uses if u["owner_kind"] in PARTIES]
    names = _names(leads, person, {u["owner_id"] for u in parties})
    return [
        {"party_id": u["owner_id"], "kind": u["owner_kind"], "name": names[u["owner_id"]][1],
         "used_as": u["used_as"]}
        for u in parties if u["owner_id"] in names
    ]  # fmt: skip


def _rings(leads: Leads, person: Person, subject: Subject, claims: list[Row]) -> list[str]:
    """The rings the party is a member of, or that claims of the entity lie in."""
    if subject.kind in PARTIES:
        members = leads.lookup("ring_members", "party_id", [subject.key])
        ids = {m["ring_id"] for m in members}
    else:
        ids = {c["ring_id"] for c in claims if c["ring_id"]}
    return sorted(ring_id for ring_id in ids if sees_ring(leads, person, ring_id))


def _sanctions(leads: Leads, subject: Subject) -> list[Row]:
    if subject.kind not in PARTIES:
        return []
    return sorted(
        leads.lookup("sanctions", "party_id", [subject.key]), key=lambda s: s["starts_on"]
    )


def audited(claims: list[Row]) -> tuple[int, int]:
    """(claims with a verdict, those found improper)."""
    verdicts = [c["verdict"] for c in claims if c.get("verdict")]
    return len(verdicts), sum(v in _IMPROPER for v in verdicts)
