"""Who is what in a ring, how strongly, and which typologies the ties suggest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fraud_pipeline.rings.summary.ring_facts import Dossier

_NEW = timedelta(days=180)
_FEW_STAFF = 3
_LEAD = 0.15  # points


def typologies(dossier: Dossier) -> list[str]:
    """Codes the kinds of tie suggest, the most specific first; T01 where nothing else does.

    T13 an agent packages claims; T14 money comes back; T18 firm and institution related;
    T23 one account serves several firms; T01 sham contracts by firms and institution together.
    """
    n = len(dossier.firms)
    paid_back = {t["left_id"] for t in dossier.ties if t["kind"] == "money_back"}
    shares = {
        "T14": len(paid_back) / n,
        "T13": len(dossier.firms_tied_by("agent")) / n,
        "T01": len(dossier.firms_tied_by("text")) / n,
        "T18": len(related_firms(dossier)) / n,
        "T23": len(dossier.firms_tied_by("bank_account")) / n,
    }
    least = {"T13": 0.5, "T14": 0.25, "T18": 0.2, "T23": 0.5, "T01": 1 / 3}
    found = [code for code in shares if shares[code] >= least[code]]
    return found or ["T01"]


def related_firms(dossier: Dossier) -> set[str]:
    """Firms that share a person, name, account, phone or e-mail with a member institution."""
    kinds = {"person", "legal_representative", "bank_account", "phone", "email"}
    return {
        t["left_id"]
        for t in dossier.identity()
        if t["kind"] in kinds
        and t["left_kind"] == "enterprise"
        and t["right_kind"] == "institution"
    }


def members(dossier: Dossier, parties: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row a member: party_id, party_kind, role, strength.

    ``strength`` is the mean of the share of the party's dealings that lie inside the ring and
    of its own link to the evidence (institutions: the first alone): the share of other member firms
    it is tied to, or of the kinds of marks that it carries, whichever is more.
    """
    tied = _tied_firms(dossier)
    related, filing = related_firms(dossier), _agents(dossier)
    middle = organiser(dossier)
    rows = []
    for kind, ids in (("enterprise", dossier.firms), ("institution", dossier.institutions)):
        for party in ids:
            key = f"{kind}:{party}"
            inside = dossier.dealings_inside[key] / max(dossier.dealings_all[key], 1)
            if kind == "institution":
                role = "complicit_institution" if inside >= 0.5 else "institution"
                strength = inside
            else:
                near = min(1.0, len(tied.get(party, ())) / max(len(dossier.firms) - 1, 1))
                near = max(near, _marked_share(dossier, party))
                strength = (inside + near) / 2
                role = _firm_role(party, inside, near, related, parties.get(party, {}), dossier)
                role = "organiser" if party == middle else role
            if _plain(party) in filing:
                role = "agent"
            rows.append({"party_id": party, "party_kind": kind, "role": role, "strength": strength})
    return _once(rows)


def organiser(dossier: Dossier) -> str | None:
    """The firm in the middle, if one stands out: a place in the picture, not a guilt.

    Score: the share of the other firms it is tied to, half a point for being related to a
    member institution, half a point for having filed first (less for each day later, over the
    ring's span). None unless it is tied to half of the others and leads by 0.15,
    and none where one agent filed for half of the firms: then the agent is in the middle.
    """
    if len(dossier.firms_tied_by("agent")) >= len(dossier.firms) / 2:
        return None
    tied, related = _tied_firms(dossier), related_firms(dossier)
    first: dict[str, date] = {}
    for claim in dossier.claims:
        firm, day = claim["enterprise_id"], claim["submitted_on"]
        first[firm] = min(day, first.get(firm, day))
    others = max(len(dossier.firms) - 1, 1)
    span = max((max(first.values()) - min(first.values())).days, 1)
    scores = sorted(
        (
            min(1.0, len(tied.get(firm, ())) / others)
            + 0.5 * (firm in related)
            + 0.5 * (1.0 - (first[firm] - dossier.first_on).days / span),
            firm,
        )
        for firm in dossier.firms
        if firm in first and len(tied.get(firm, ())) >= others / 2
    )
    if not scores or (len(scores) > 1 and scores[-1][0] - scores[-2][0] < _LEAD):
        return None
    return scores[-1][1]


def _marked_share(dossier: Dossier, party: str) -> float:
    """The share of the kinds of marks that speak for the ring that the party itself carries."""
    kinds = dossier.marked.values()
    return sum(party in firms for firms in kinds) / len(kinds) if kinds else 0.0


def _agents(dossier: Dossier) -> set[str]:
    """Agents that filed for several member firms, as the ties name them."""
    return {t["detail"] for t in dossier.identity() if t["kind"] == "agent" and t["detail"]}


def _plain(party: str) -> str:
    """An id as values of ties are written: capitals without punctuation."""
    return re.sub(r"[\s,.;:，。；：、()（）-]", "", party.upper().strip())


def _firm_role(
    party: str, inside: float, near: float, related: set[str], about: Mapping[str, Any],
    dossier: Dossier,
) -> str:  # fmt: skip
    if party in related:
        return "insider"
    if _looks_like_a_shell(about, dossier.first_on):
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


def _tied_firms(dossier: Dossier) -> dict[str, set[str]]:
    tied: dict[str, set[str]] = {}
    for t in dossier.identity():
        if t["left_kind"] == t["right_kind"] == "enterprise":
            tied.setdefault(t["left_id"], set()).add(t["right_id"])
            tied.setdefault(t["right_id"], set()).add(t["left_id"])
    return tied


def _once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a party: who is firm and institution at once stands as the institution."""
    return list({row["party_id"]: row for row in rows}.values())
