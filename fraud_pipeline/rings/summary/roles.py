"""Who is what in a ring, how strongly, and which typologies the ties suggest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fraud_pipeline.rings.summary.ring_facts import RingFacts

_NEW = timedelta(days=180)
_FEW_STAFF = 3
_LEAD = 0.15  # points


def typologies(ring_facts: RingFacts) -> list[str]:
    """Codes the kinds of tie suggest, the most specific first; T01 where nothing else does.

    T13 an agent packages claims; T14 money comes back; T18 enterprise and institution related;
    T23 one account serves several enterprises; T01 sham contracts by enterprises and institution together.
    """
    n = len(ring_facts.enterprises)
    paid_back = {t["left_id"] for t in ring_facts.ties if t["kind"] == "money_back"}
    shares = {
        "T14": len(paid_back) / n,
        "T13": len(ring_facts.enterprises_tied_by("agent")) / n,
        "T01": len(ring_facts.enterprises_tied_by("text")) / n,
        "T18": len(related_enterprises(ring_facts)) / n,
        "T23": len(ring_facts.enterprises_tied_by("bank_account")) / n,
    }
    least = {"T13": 0.5, "T14": 0.25, "T18": 0.2, "T23": 0.5, "T01": 1 / 3}
    codes = [code for code in shares if shares[code] >= least[code]]
    return codes or ["T01"]


def related_enterprises(ring_facts: RingFacts) -> set[str]:
    """Enterprises that share a person, name, account, phone or e-mail with a member institution."""
    kinds = {"person", "legal_representative", "bank_account", "phone", "email"}
    return {
        t["left_id"]
        for t in ring_facts.identity()
        if t["kind"] in kinds
        and t["left_kind"] == "enterprise"
        and t["right_kind"] == "institution"
    }


def members(
    ring_facts: RingFacts, parties: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """A row a member: party_id, party_kind, role, strength.

    ``strength`` is the mean of the share of the party's edges that lie inside the ring and
    of its own link to the evidence (institutions: the first alone): the share of other member enterprises
    it is tied to, or of the kinds of marks that it carries, whichever is more.
    """
    tied = _tied_enterprises(ring_facts)
    related, filing = related_enterprises(ring_facts), _agents(ring_facts)
    middle = organiser(ring_facts)
    rows = []
    for kind, ids in (
        ("enterprise", ring_facts.enterprises),
        ("institution", ring_facts.institutions),
    ):
        for party in ids:
            key = f"{kind}:{party}"
            inside = ring_facts.edges_inside[key] / max(ring_facts.edges_total[key], 1)
            if kind == "institution":
                role = "complicit_institution" if inside >= 0.5 else "institution"
                strength = inside
            else:
                near = min(1.0, len(tied.get(party, ())) / max(len(ring_facts.enterprises) - 1, 1))
                near = max(near, _marked_share(ring_facts, party))
                strength = (inside + near) / 2
                role = _enterprise_role(
                    party, inside, near, related, parties.get(party, {}), ring_facts
                )
                role = "organiser" if party == middle else role
            if _plain(party) in filing:
                role = "agent"
            rows.append({"party_id": party, "party_kind": kind, "role": role, "strength": strength})
    return _once(rows)


def organiser(ring_facts: RingFacts) -> str | None:
    """The enterprise in the middle, if one stands out: a place in the picture, not a guilt.

    Score: the share of the other enterprises it is tied to, half a point for being related to a
    member institution, half a point for having filed first (less for each day later, over the
    ring's span). None unless it is tied to half of the others and leads by 0.15,
    and none where one agent filed for half of the enterprises: then the agent is in the middle.
    """
    if len(ring_facts.enterprises_tied_by("agent")) >= len(ring_facts.enterprises) / 2:
        return None
    tied, related = _tied_enterprises(ring_facts), related_enterprises(ring_facts)
    first: dict[str, date] = {}
    for claim in ring_facts.claims:
        enterprise, day = claim["enterprise_id"], claim["submitted_on"]
        first[enterprise] = min(day, first.get(enterprise, day))
    others = max(len(ring_facts.enterprises) - 1, 1)
    span = max((max(first.values()) - min(first.values())).days, 1)
    scores = sorted(
        (
            min(1.0, len(tied.get(enterprise, ())) / others)
            + 0.5 * (enterprise in related)
            + 0.5 * (1.0 - (first[enterprise] - ring_facts.first_on).days / span),
            enterprise,
        )
        for enterprise in ring_facts.enterprises
        if enterprise in first and len(tied.get(enterprise, ())) >= others / 2
    )
    if not scores or (len(scores) > 1 and scores[-1][0] - scores[-2][0] < _LEAD):
        return None
    return scores[-1][1]


def _marked_share(ring_facts: RingFacts, party: str) -> float:
    """The share of the kinds of marks that speak for the ring that the party itself carries."""
    kinds = ring_facts.marked.values()
    return sum(party in enterprises for enterprises in kinds) / len(kinds) if kinds else 0.0


def _agents(ring_facts: RingFacts) -> set[str]:
    """Agents that filed for several member enterprises, as the ties name them."""
    return {t["detail"] for t in ring_facts.identity() if t["kind"] == "agent" and t["detail"]}


def _plain(party: str) -> str:
    """An id as values of ties are written: capitals without punctuation."""
    return re.sub(r"[\s,.;:，。；：、()（）-]", "", party.upper().strip())


def _enterprise_role(
    party: str, inside: float, near: float, related: set[str], about: Mapping[str, Any],
    ring_facts: RingFacts,
) -> str:  # fmt: skip
    if party in related:
        return "insider"
    if _looks_like_a_shell(about, ring_facts.first_on):
        return "shell"
    return "drawn_in_customer" if near == 0.0 and inside < 0.5 else "member"


def _looks_like_a_shell(about: Mapping[str, Any], first_on: date) -> bool:
    founded, staff = about.get("founded_on"), about.get("employees")
    return bool(
        founded is not None
        and staff is not None
        and first_on - founded < _NEW
        and staff <= _FEW_STAFF
    )


def _tied_enterprises(ring_facts: RingFacts) -> dict[str, set[str]]:
    tied: dict[str, set[str]] = {}
    for t in ring_facts.identity():
        if t["left_kind"] == t["right_kind"] == "enterprise":
            tied.setdefault(t["left_id"], set()).add(t["right_id"])
            tied.setdefault(t["right_id"], set()).add(t["left_id"])
    return tied


def _once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a party: who is enterprise and institution at once stands as the institution."""
    return list({row["party_id"]: row for row in rows}.values())
