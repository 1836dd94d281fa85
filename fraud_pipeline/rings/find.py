"""Rings: found, weighed against chance, named, described."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from fraud_pipeline.records import RingSet
from fraud_pipeline.records.outputs import RING_CLAIMS, RING_EVIDENCE, RING_MEMBERS, RINGS
from fraud_pipeline.rings import lineage, roles, story
from fraud_pipeline.rings.choose import choose, known_numbers
from fraud_pipeline.rings.dossier import Dossier, gather
from fraud_pipeline.rings.parties import build
from fraud_pipeline.settings import RingSettings


def find(
    ties: pa.Table | None,
    claims: pa.Table,
    settings: RingSettings,
    previous: RingSet | None = None,
    parties: pa.Table | None = None,
) -> RingSet:
    """Groups of parties whose dealings chance does not explain, best first by score.

    ``ties`` as from :func:`fraud_pipeline.graph.build_ties`, or None: then only who dealt with
    whom and when is used. ``claims`` needs enterprise_id, institution_id, claimed_amount and
    submitted_on (see :func:`as_claims`), claim_id if there is one. ``previous``: the rings of
    the night before, for ids that survive. ``parties``: optional columns party_id, name,
    founded_on, employees, for the words and the role of a shell.

    Method: sets of firms and institutions that are surprising given every party's volume by
    season (hypergeometric tails), less the cost of naming them, which is low for parties tied
    by identity; climbed from seeds by coordinate ascent; compared with the best sets of worlds
    in which the institutions are dealt out anew. Deterministic; row order does not matter.
    """
    claims = _with_ids(claims)
    web = build(ties, claims, settings)
    chosen, worlds = choose(web, known_numbers(web, ties), settings)
    if not chosen:
        return RingSet.empty()
    dossiers = gather(web, chosen, claims, ties)
    sets = [
        frozenset(
            [*(f"enterprise:{f}" for f in d.firms), *(f"institution:{i}" for i in d.institutions)]
        )
        for d in dossiers
    ]
    names = lineage.named(sets, previous)
    about = _about(parties)
    rings, members, theirs, evidence = [], [], [], []
    for (ring_id, past), dossier in zip(names, dossiers, strict=True):
        rings.append(_ring_row(ring_id, past, dossier, worlds))
        members += [{"ring_id": ring_id, **row} for row in roles.members(dossier, about)]
        theirs += [{"ring_id": ring_id, "claim_id": c["claim_id"]} for c in dossier.claims]
        evidence += _evidence_rows(ring_id, dossier, about, settings.evidence_rows)
    return RingSet(
        RINGS.conform(
            _table(rings, RINGS.arrow).sort_by([("score", "descending"), ("ring_id", "ascending")])
        ),
        RING_MEMBERS.conform(
            _table(members, RING_MEMBERS.arrow).sort_by(
                [("ring_id", "ascending"), ("party_id", "ascending")]
            )
        ),
        RING_CLAIMS.conform(
            _table(theirs, RING_CLAIMS.arrow).sort_by(
                [("ring_id", "ascending"), ("claim_id", "ascending")]
            )
        ),
        RING_EVIDENCE.conform(_table(evidence, RING_EVIDENCE.arrow)),
    )


def as_claims(table: pa.Table, left: str, right: str, amount: str, day: str) -> pa.Table:
    """Any table of two parties, amount and date under the names :func:`find` reads."""
    names = ("enterprise_id", "institution_id", "claimed_amount", "submitted_on")
    kinds = (pa.string(), pa.string(), pa.decimal128(18, 2), pa.date32())
    columns = [table[c].cast(k) for c, k in zip((left, right, amount, day), kinds, strict=True)]
    return pa.table(columns, names=list(names))


def _with_ids(claims: pa.Table) -> pa.Table:
    columns = ["enterprise_id", "institution_id", "claimed_amount", "submitted_on"]
    kept = claims.select(columns)
    ids = (
        claims["claim_id"]
        if "claim_id" in claims.column_names
        else pa.array([f"row {n + 1}" for n in range(claims.num_rows)], pa.string())
    )
    return kept.add_column(0, "claim_id", ids)


def _ring_row(ring_id: str, past: str, dossier: Dossier, worlds: int) -> dict[str, Any]:
    zh, en = story.tell(dossier, worlds)
    return {
        "ring_id": ring_id,
        "score": dossier.chosen.score,
        "p_value": float(dossier.chosen.p_value),
        "q_value": float(dossier.chosen.q_value),
        "n_enterprises": len(dossier.firms),
        "n_institutions": len(dossier.institutions),
        "n_claims": len(dossier.claims),
        "amount": dossier.amount,
        "first_on": dossier.first_on,
        "last_on": dossier.last_on,
        "typologies": ";".join(roles.typologies(dossier)),
        "story_zh": zh,
        "story_en": en,
        "lineage": past,
    }


def _evidence_rows(
    ring_id: str, dossier: Dossier, about: dict[str, dict[str, Any]], most: int
) -> list[dict[str, Any]]:
    names = {party: str(row["name"]) for party, row in about.items() if row.get("name")}
    telling = [t for t in dossier.ties if t["kind"] not in ("claim", "tenancy") and t["weight"] > 0]
    telling = _least_that_tells(telling)
    dealt = [t for t in dossier.ties if t["kind"] == "claim"]
    rows = []
    for tie in [*telling[:most], *dealt]:
        zh, en = story.sentences(tie, names)
        rows.append(
            {
                "ring_id": ring_id,
                "kind": tie["kind"],
                "left_id": tie["left_id"],
                "right_id": tie["right_id"],
                "weight": tie["weight"],
                "sentence_zh": zh,
                "sentence_en": en,
                "source": tie["source"],
            }
        )
    return rows


def _least_that_tells(ties: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the ties by one shared value only so many as join its sharers: n - 1, not n(n - 1)/2.

    Kruskal's forest within each kind and value, in the order given.
    """
    root: dict[tuple[str, str, str], tuple[str, str, str]] = {}

    def find_root(node: tuple[str, str, str]) -> tuple[str, str, str]:
        while root.get(node, node) != node:
            node = root[node]
        return node

    kept = []
    for tie in ties:
        value = "" if tie["kind"] in ("text", "money_back") else str(tie["detail"])
        left = find_root((tie["kind"], value, f"{tie['left_kind']}:{tie['left_id']}"))
        right = find_root((tie["kind"], value, f"{tie['right_kind']}:{tie['right_id']}"))
        if left != right:
            root[right] = left
            kept.append(tie)
    return kept


def _about(parties: pa.Table | None) -> dict[str, dict[str, Any]]:
    if parties is None:
        return {}
    return {row["party_id"]: row for row in parties.to_pylist()}


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=schema)
