"""The facts a ring's page shows, as plain values: members, ties, claims, payments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import networkx as nx

from fraud_pipeline.rings.summary.export import certificate
from fraud_pipeline.rings.summary.masking import masked_sentences
from fraud_pipeline.vocabulary.rings import MEMBER_ROLES
from fraud_pipeline.vocabulary.term import label
from fraud_pipeline.workbench.cases.masking import scrub
from fraud_pipeline.workbench.db.leads import Leads

_MAX_TIES = 60


def ring_facts(
    leads: Leads, ring_id: str, kinds: Collection[str], everything: bool, until: date | None = None
) -> dict[str, Any]:
    """The facts of one ring. Raises KeyError when the run has no such ring.

    ``kinds``: kinds of ties to show (empty = all). ``everything``: show every tie, not only a
    maximum spanning forest (``spanning_ties``). ``until``: restrict the ring to claims submitted
    by that day and to the parties of those claims.
    """
    ring = leads.query_one("SELECT * FROM rings WHERE ring_id = ?", [ring_id])
    if ring is None:
        raise KeyError(ring_id)
    members, claims = _members(leads, ring_id), _claims(leads, ring_id)
    ties = _ties(leads, ring_id)
    if until is not None:
        members, claims, ties = _restrict(members, claims, ties, until)
    people = [m["legal_representative"] for m in members if m["legal_representative"]]
    _mask_sentences(ties, members, people)
    chosen = [tie for tie in ties if not kinds or tie["kind"] in kinds]
    shown = (chosen if everything else spanning_ties(chosen))[:_MAX_TIES]
    return {
        "ring": _ring_row(ring, people), "members": members, "ties": shown,
        "n_ties": len(chosen), "folded": len(chosen) - len(shown),
        "kinds": sorted({tie["kind"] for tie in ties}),
        "matrix": tie_matrix(members, member_ties(leads, members)),
        "money": _money(leads, members), "claims": claims,
    }  # fmt: skip


def _ties(leads: Leads, ring_id: str) -> list[dict[str, Any]]:
    """The evidence of a ring, strongest first."""
    return leads.query(
        "SELECT * FROM ring_evidence WHERE ring_id = ? "
        "ORDER BY weight DESC, kind, left_id, right_id", [ring_id],
    )  # fmt: skip


def _restrict(
    members: list[dict[str, Any]], claims: list[dict[str, Any]], ties: list[dict[str, Any]],
    until: date,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:  # fmt: skip
    """(members, claims, ties) of the claims submitted by ``until``."""
    claims = [c for c in claims if c["submitted_on"] <= until]
    parties = {c[f"{side}_id"] for c in claims for side in ("enterprise", "institution")}
    members = [m for m in members if m["party_id"] in parties]
    ties = [tie for tie in ties if {tie["left_id"], tie["right_id"]} <= parties]
    return members, claims, ties


def _mask_sentences(
    ties: list[dict[str, Any]], members: Sequence[dict[str, Any]], people: Sequence[str]
) -> None:
    """Masks personal data in the sentences of ``ties`` in place and puts names for party ids."""
    for tie in ties:
        sentences = masked_sentences(tie["kind"], tie["sentence_zh"], tie["sentence_en"])
        for column, sentence in zip(("sentence_zh", "sentence_en"), sentences, strict=True):
            tie[column] = _with_names(scrub(sentence, people), members)


def _ring_row(ring: dict[str, Any], people: Sequence[str]) -> dict[str, Any]:
    """The ring with masked summaries and the sentences on its significance."""
    return {
        **ring, "story_zh": scrub(ring["story_zh"], people),
        "story_en": scrub(ring["story_en"], people),
        "certificate_zh": certificate(ring, "zh"), "certificate_en": certificate(ring, "en"),
    }  # fmt: skip


def spanning_ties(ties: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A maximum spanning forest of the ties, which must be sorted by falling weight.

    These ties suffice to connect every party that the ties connect.
    """
    joined: nx.utils.UnionFind[str] = nx.utils.UnionFind()
    forest = []
    for tie in ties:
        if joined[tie["left_id"]] != joined[tie["right_id"]]:
            joined.union(tie["left_id"], tie["right_id"])
            forest.append(tie)
    return forest


def tie_matrix(
    members: Sequence[dict[str, Any]], ties: Sequence[dict[str, Any]]
) -> tuple[list[str], dict[str, dict[str, int]]]:
    """(kinds, party -> kind -> number of other parties it is tied to by that kind)."""
    kinds = sorted({tie["kind"] for tie in ties if tie["kind"] != "claim"})
    others: dict[str, dict[str, set[str]]] = {
        m["party_id"]: {k: set() for k in kinds} for m in members
    }
    for tie in ties:
        if tie["kind"] == "claim":
            continue
        for party, other in ((tie["left_id"], tie["right_id"]), (tie["right_id"], tie["left_id"])):
            if party in others:
                others[party][tie["kind"]].add(other)
    return kinds, {p: {k: len(s) for k, s in row.items()} for p, row in others.items()}


def graph_data(
    facts: dict[str, Any], language: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(members, edges) as ``svg_charts.ring`` takes them; ``language``: zh or en."""
    members = [
        {"party_id": m["party_id"], "kind": m["party_kind"], "label": m["name"] or m["party_id"],
         "role": label(MEMBER_ROLES, m["role"], language)}
        for m in facts["members"]
    ]  # fmt: skip
    edges = [
        {
            "left": tie["left_id"],
            "right": tie["right_id"],
            "kind": tie["kind"],
            "weight": tie["weight"],
        }
        for tie in facts["ties"]
    ]
    return members, edges


def member_ties(leads: Leads, members: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every tie of positive weight between members; ``ring_evidence`` has only the strongest."""
    ids = [m["party_id"] for m in members]
    return leads.query(
        """WITH ids AS (SELECT unnest(?::VARCHAR[]) AS id)
        SELECT left_id, right_id, kind FROM ties t
        SEMI JOIN ids l ON l.id = t.left_id SEMI JOIN ids r ON r.id = t.right_id
        WHERE weight > 0 ORDER BY kind, left_id, right_id""",
        [ids],
    )


def _members(leads: Leads, ring_id: str) -> list[dict[str, Any]]:
    return leads.query(
        """SELECT m.*, coalesce(e.name, i.name) AS name, coalesce(e.region, i.region) AS region,
            coalesce(e.founded_on, i.founded_on) AS founded_on,
            coalesce(e.legal_representative, i.legal_representative) AS legal_representative
        FROM ring_members m
        LEFT JOIN enterprises e ON m.party_kind = 'enterprise' AND e.enterprise_id = m.party_id
        LEFT JOIN institutions i ON m.party_kind = 'institution' AND i.institution_id = m.party_id
        WHERE m.ring_id = ? ORDER BY m.party_kind DESC, m.strength DESC, m.party_id""",
        [ring_id],
    )


def _claims(leads: Leads, ring_id: str) -> list[dict[str, Any]]:
    """The ring's claims by day of submission; ``rank`` is None for those decided before the run."""
    ids = [r["claim_id"] for r in leads.lookup("ring_claims", "ring_id", [ring_id])]
    columns = "claim_id, submitted_on, service_type, claimed_amount, enterprise_id, institution_id"
    claims = leads.lookup("claims", "claim_id", ids, columns)
    queued = {q["claim_id"]: q for q in leads.lookup("queue", "claim_id", ids)}
    enterprises = {e["enterprise_id"]: e for e in leads.lookup(
        "enterprises", "enterprise_id", [c["enterprise_id"] for c in claims])}  # fmt: skip
    institutions = {i["institution_id"]: i["name"] for i in leads.lookup(
        "institutions", "institution_id", [c["institution_id"] for c in claims])}  # fmt: skip
    for claim in claims:
        lead, enterprise = (
            queued.get(claim["claim_id"], {}),
            enterprises.get(claim["enterprise_id"], {}),
        )
        claim |= {
            name: lead.get(name) for name in ("risk", "risk_kind", "band", "expected_loss", "rank")
        }
        claim |= {"region": lead.get("region") or enterprise.get("region") or "",
                  "enterprise": enterprise.get("name"),
                  "institution": institutions.get(claim["institution_id"])}  # fmt: skip
    return sorted(claims, key=lambda c: (c["submitted_on"], c["claim_id"]))


def _money(leads: Leads, members: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Payments between members, summed by payer and payee (yuan); at most 60 rows."""
    ids = [m["party_id"] for m in members]
    rows = leads.query(
        """SELECT payer_id, payee_id, count(*) AS n, sum(amount) AS amount, min(paid_on) AS first_on,
            max(paid_on) AS last_on FROM payments
        WHERE list_contains(?, payer_id) AND list_contains(?, payee_id)
        GROUP BY ALL ORDER BY amount DESC, payer_id, payee_id LIMIT 60""",
        [ids, ids],
    )
    kind = {m["party_id"]: m["party_kind"] for m in members}
    name = {m["party_id"]: m["name"] or m["party_id"] for m in members}
    return [
        {**row, "payer": name[row["payer_id"]], "payee": name[row["payee_id"]],
         "amount": Decimal(row["amount"]), "back": kind[row["payer_id"]] == "institution"}
        for row in rows
    ]  # fmt: skip


def _with_names(sentence: str, members: Sequence[dict[str, Any]]) -> str:
    """The sentence with party names in place of party ids."""
    for m in members:
        if m["name"]:
            sentence = sentence.replace(m["party_id"], m["name"])
    return sentence
