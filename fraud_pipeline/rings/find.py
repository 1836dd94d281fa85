"""Rings: found, weighed against chance, named, described."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from fraud_pipeline.records import RingSet
from fraud_pipeline.records.outputs import RING_CLAIMS, RING_EVIDENCE, RING_MEMBERS, RINGS
from fraud_pipeline.rings import lineage, roles, story
from fraud_pipeline.rings.choose import choose, known_numbers
from fraud_pipeline.rings.dossier import Dossier, gather
from fraud_pipeline.rings.evidence import collect
from fraud_pipeline.rings.further import marked
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
    marks = marked(web, claims, ties)
    chosen, worlds = choose(web, known_numbers(web, ties), marks, settings)
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
    called = {party: str(row["name"]) for party, row in about.items() if row.get("name")}
    rings, members, theirs, evidence = [], [], [], []
    for (ring_id, past), dossier in zip(names, dossiers, strict=True):
        proof = collect(dossier, called, worlds, settings)
        rings.append(_ring_row(ring_id, past, dossier, story.tell(dossier, worlds, proof)))
        members += [{"ring_id": ring_id, **row} for row in roles.members(dossier, about)]
        theirs += [{"ring_id": ring_id, "claim_id": c["claim_id"]} for c in dossier.claims]
        evidence += [{"ring_id": ring_id, **row} for row in proof.rows]
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
    more = [name for name in ("contract_amount",) if name in claims.column_names]
    kept = claims.select([*columns, *more])
    ids = (
        claims["claim_id"]
        if "claim_id" in claims.column_names
        else pa.array([f"row {n + 1}" for n in range(claims.num_rows)], pa.string())
    )
    return kept.add_column(0, "claim_id", ids)


def _ring_row(ring_id: str, past: str, dossier: Dossier, told: tuple[str, str]) -> dict[str, Any]:
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
        "story_zh": told[0],
        "story_en": told[1],
        "lineage": past,
    }


def _about(parties: pa.Table | None) -> dict[str, dict[str, Any]]:
    if parties is None:
        return {}
    return {row["party_id"]: row for row in parties.to_pylist()}


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=schema)
