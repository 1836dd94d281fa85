"""What a person bound to regions may know of a claim and a ring: nothing that names others.

The region of a claim is that of its enterprise. Claims, enterprises and amounts elsewhere are left
out and counted; an institution may be named where it is a party of a claim inside, since it
serves every region. Who is bound to no region sees everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.cases.redaction import MayName, Redactor
from fraud_pipeline.workbench.db.leads import Leads

Row = dict[str, Any]
_TEXTS = ("sentence_zh", "sentence_en", "evidence")
_FINDING_TEXTS = ("sentence_zh", "sentence_en", "evidence_zh", "evidence_en")
_ELSEWHERE = (
    "涉及其他地区的主体，详情由有权限的人员查看",
    "parties of other regions are involved; who may see them has the details",
)


def regions_of(leads: Leads, claim_ids: Iterable[str]) -> dict[str, str]:
    """claim id -> region of its enterprise; an empty text where it is unknown."""
    rows = leads.lookup("claims", "claim_id", list(claim_ids), "claim_id, enterprise_id")
    enterprises = {
        e["enterprise_id"]: e["region"] or ""
        for e in leads.lookup("enterprises", "enterprise_id", [r["enterprise_id"] for r in rows],
                              "enterprise_id, region")
    }  # fmt: skip
    return {row["claim_id"]: enterprises.get(row["enterprise_id"], "") for row in rows}


def limit_claim(facts: dict[str, Any], leads: Leads, person: Person) -> dict[str, Any]:
    """The facts of a claim without claims, parties and amounts outside the person's regions."""
    if not person.regions:
        return facts
    redactor = Redactor(leads, _within(leads, person, facts["lead"]["institution_id"]))
    limited = {
        **facts,
        "rules": redactor.rows(facts["rules"], _TEXTS),
        "reasons": redactor.rows(_without_rings(facts["reasons"]), _TEXTS),
        "findings": _limited_findings(facts["findings"], redactor),
        "comparables": _claims_within(facts["comparables"], leads, person),
        "price": _limited_price(facts["price"], leads, person),
        "twins": _claims_within(facts["twins"], leads, person),
        "ties": limit_ties(facts["ties"], leads, person, facts["lead"]),
        "ring": _limited_ring(facts["ring"]),
    }
    for side in ("enterprise_past", "institution_past"):
        limited[side] = _limited_past(facts[side], leads, person)
    return limited


def limit_ring(facts: dict[str, Any], leads: Leads, person: Person) -> dict[str, Any]:
    """The facts of a ring as far as they lie in the person's regions; ``elsewhere`` counts the rest."""
    if not person.regions:
        return {**facts, "elsewhere": 0}
    claims = [c for c in facts["claims"] if person.sees_region(c["region"])]
    elsewhere = len(facts["claims"]) - len(claims)
    parties = {c[f"{side}_id"] for c in claims for side in ("enterprise", "institution")}
    members = [m for m in facts["members"] if m["party_id"] in parties
               or (m["party_kind"] == "enterprise" and person.sees_region(m["region"]))]  # fmt: skip
    if len(members) == len(facts["members"]) and not elsewhere:
        return {**facts, "elsewhere": 0}
    inside = {m["party_id"] for m in members}
    kinds, cells = facts["matrix"]
    return {
        **facts, "claims": claims, "members": members, "elsewhere": elsewhere,
        "ties": [e for e in facts["ties"] if {e["left_id"], e["right_id"]} <= inside],
        "matrix": (kinds, {party: row for party, row in cells.items() if party in inside}),
        "money": [m for m in facts["money"] if {m["payer_id"], m["payee_id"]} <= inside],
        "ring": {
            **_limited_ring(facts["ring"]), "n_claims": len(claims),
            "amount": sum((c["claimed_amount"] for c in claims), Decimal(0)),
            "n_enterprises": sum(m["party_kind"] == "enterprise" for m in members),
            "n_institutions": sum(m["party_kind"] == "institution" for m in members),
        },
    }  # fmt: skip


def limited_ring_rows(rows: list[Row], leads: Leads, person: Person) -> list[Row]:
    """Rows of the list of rings with counts and amounts of the person's regions alone."""
    if not person.regions:
        return rows
    limited = []
    for row in rows:
        ids = [c["claim_id"] for c in leads.lookup("ring_claims", "ring_id", [row["ring_id"]])]
        regions = regions_of(leads, ids)
        inside = [i for i in ids if person.sees_region(regions.get(i))]
        claims = leads.lookup("claims", "claim_id", inside)
        limited.append({
            **row, "n_claims": len(claims), "amount": sum((c["claimed_amount"] for c in claims), Decimal(0)),
            "n_enterprises": len({c["enterprise_id"] for c in claims}),
            "n_institutions": len({c["institution_id"] for c in claims}),
        })  # fmt: skip
    return [row for row in limited if row["n_claims"]]


def _within(leads: Leads, person: Person, own_institution: str) -> MayName:
    def may_name(table: str, row: Row) -> bool:
        if table == "institutions":
            return row["institution_id"] == own_institution or person.sees_region(row["region"])
        if table == "enterprises":
            return person.sees_region(row["region"])
        enterprise = leads.lookup_one("enterprises", "enterprise_id", row["enterprise_id"])
        return person.sees_region(enterprise["region"] if enterprise else "")

    return may_name


def _claims_within(rows: list[Row], leads: Leads, person: Person) -> list[Row]:
    regions = regions_of(leads, [row["claim_id"] for row in rows])
    return [row for row in rows if person.sees_region(regions.get(row["claim_id"]))]


def _limited_price(price: Row | None, leads: Leads, person: Person) -> Row | None:
    """The price row without the identifiers of comparables elsewhere; the market itself stays."""
    if not price or not price["comparables"]:
        return price
    ids = price["comparables"].split(";")
    regions = regions_of(leads, ids)
    inside = [one for one in ids if person.sees_region(regions.get(one))]
    return {**price, "comparables": ";".join(inside)}


def _without_rings(reasons: list[Row]) -> list[Row]:
    """A ring's summary names amounts and parties of every region."""
    return [
        {**row, "sentence_zh": _ELSEWHERE[0], "sentence_en": _ELSEWHERE[1]}
        if row["feature"] == "ring_score" else row
        for row in reasons
    ]  # fmt: skip


def _limited_findings(findings: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    def limited(rows: list[Row]) -> list[Row]:
        of_ring = {"sentence_zh": _ELSEWHERE[0], "sentence_en": _ELSEWHERE[1]}
        limited_rows = [row | of_ring if row["fact"] == "ring" else row for row in rows]
        return redactor.rows(limited_rows, _FINDING_TEXTS)

    return {
        **findings,
        "raises": limited(findings["raises"]),
        "lowers": limited(findings["lowers"]),
    }


def _limited_ring(ring: Row | None) -> Any:
    if ring is None:
        return None
    return {
        **ring,
        "story_zh": _ELSEWHERE[0],
        "story_en": _ELSEWHERE[1],
        "amount": None,
        "n_claims": None,
    }


def limit_ties(ties: Row, leads: Leads, person: Person, lead: Row) -> Row:
    own = {lead["enterprise_id"], lead["institution_id"]}
    inside = {
        m["party_id"] for m in ties["members"]
        if m["party_id"] in own or _sees_party(m, leads, person)
    }  # fmt: skip
    rows = [r for r in ties["rows"] if {r["left_id"], r["right_id"]} <= inside]
    return {
        **ties, "rows": rows, "members": [m for m in ties["members"] if m["party_id"] in inside],
        "labels": {k: v for k, v in ties["labels"].items() if k in inside},
    }  # fmt: skip


def _sees_party(member: Row, leads: Leads, person: Person) -> bool:
    table = f"{member['kind']}s"
    row = leads.lookup_one(table, f"{member['kind']}_id", member["party_id"])
    return person.sees_region(row["region"] if row else "")


def _limited_past(past: Row, leads: Leads, person: Person) -> Row:
    """A party's past as far as it lies inside; totals only of the claims that are listed."""
    rows = _claims_within(past["rows"], leads, person)
    if len(rows) == len(past["rows"]) == past["n"]:
        return past
    improper = sum(row["verdict"] in ("fraud", "irregular") for row in rows)
    return {
        **past, "rows": rows, "n": len(rows), "audited": sum(row["verdict"] is not None for row in rows),
        "improper": improper, "amount": sum((r["claimed_amount"] for r in rows), Decimal(0)),
    }  # fmt: skip
