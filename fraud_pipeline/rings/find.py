"""Rings: found, weighed against chance, named, described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.rings.evidence.exclusive_values import shared_values
from fraud_pipeline.rings.evidence.judgements import Judgement, apply_judgements, of_ring
from fraud_pipeline.rings.evidence.scan import OtherEvidence, edge_marks
from fraud_pipeline.rings.evidence.selection import SelectedRing, rescore, select_rings
from fraud_pipeline.rings.evidence.supporting import find_marks
from fraud_pipeline.rings.graph.any_table import bipartite
from fraud_pipeline.rings.graph.parties import Parties, build
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.candidates import money_back_pairs
from fraud_pipeline.rings.search.executor import Executor
from fraud_pipeline.rings.search.tasks import LOCAL_EXECUTOR
from fraud_pipeline.rings.summary import lineage, roles, text
from fraud_pipeline.rings.summary.evidence_rows import Row, collect_rows
from fraud_pipeline.rings.summary.ring_facts import RingFacts, collect_facts
from fraud_pipeline.schema import RingSet
from fraud_pipeline.schema.outputs import RING_CLAIMS, RING_EVIDENCE, RING_MEMBERS, RINGS
from fraud_pipeline.schema.table_schema import TableSchema
from fraud_pipeline.settings import RingSettings


def find(
    ties: pa.Table | None,
    claims: pa.Table | RingSettings,
    settings: RingSettings | None = None,
    previous: RingSet | None = None,
    parties: pa.Table | None = None,
    judgements: Sequence[Judgement] = (),
    executor: Executor = LOCAL_EXECUTOR,
    records: Mapping[str, pa.Table] | None = None,
) -> RingSet:
    """Groups of parties whose edges chance does not explain, best first by score.

    ``ties`` as from :func:`fraud_pipeline.graph.build_ties`: then a group is shown only if its
    members are also tied by things that nobody outside shares (:mod:`fraud_pipeline.rings.evidence.exclusive_values`).
    None: only who dealt with whom and when is used, and what comes out are dense groups, which an
    ordinary market has too. ``claims`` needs enterprise_id, institution_id, claimed_amount and
    submitted_on (see :func:`as_claims`), claim_id if there is one. ``previous``: the rings of
    the previous run, for ids that survive. ``parties``: optional columns party_id, name,
    founded_on, employees, for the words and the role of a shell. ``judgements``: members people
    took out of or put into a ring of an earlier run (:mod:`fraud_pipeline.rings.evidence.judgements`).
    ``executor``: runs the tasks of the search (:mod:`fraud_pipeline.rings.search.executor`); the result does
    not depend on it. ``records``: the tables ``payments``, ``outcomes``, ``sanctions`` and
    ``institutions`` as known on the day, as far as there are any; with the prices of ``claims``
    they are evidence besides structure (:mod:`fraud_pipeline.rings.evidence.scan`).

    ``find(table, settings)`` takes any table of two parties, amount and date instead, of Arrow, pandas
    or DuckDB (:func:`fraud_pipeline.rings.graph.any_table.bipartite`).

    Method: sets of enterprises and institutions whose edges are improbable given every party's volume by
    season (hypergeometric tails), less the code length of naming them, which is low for parties tied
    by identity; searched from seeds by coordinate ascent; compared with the best sets of null samples
    in which the institutions are dealt out anew. Deterministic; row order does not matter.
    """
    if isinstance(claims, RingSettings):
        if ties is None:
            raise SettingsError("rings.find: a table of two parties, amount and date is needed")
        ties, claims, settings = None, bipartite(ties), claims
    parameters = RingParameters.of(settings)
    full_claims, claims = claims, _with_ids(claims)
    graph = build(ties, claims, parameters)
    marks = find_marks(graph, claims, ties)
    known = _previous_members(graph, previous)
    other = None if ties is None else _other_evidence(graph, ties, full_claims, records or {})
    chosen, maxima = select_rings(
        graph, money_back_pairs(graph, ties), marks, parameters, known, executor, other
    )
    if not chosen:
        return RingSet.empty()
    names = lineage.assign_ids([_party_keys(graph, one.nodes) for one in chosen], previous)
    rows: list[tuple[SelectedRing, tuple[str, str], list[Row]]] = []
    for one, name in zip(chosen, names, strict=True):
        nodes, facts = apply_judgements(
            graph, one.nodes, of_ring(judgements, name[0]), claims, ties
        )
        if nodes and nodes != one.nodes:
            one = rescore(graph, nodes, one, maxima, marks, parameters, other)  # noqa: PLW2901
        if nodes:
            rows.append((one, name, facts))
    if not rows:
        return RingSet.empty()
    ones, ids, facts_told = zip(*rows, strict=True)
    all_ring_facts = collect_facts(graph, list(ones), claims, ties)
    return _ring_tables(
        all_ring_facts, ids, facts_told, _party_records(parties), maxima.size, parameters
    )


def _ring_tables(
    all_ring_facts: Sequence[RingFacts], names: Sequence[tuple[str, str]], judgement_facts: Sequence[list[Row]],
    records: dict[str, dict[str, Any]], n_null_samples: int, settings: RingParameters,
) -> RingSet:  # fmt: skip
    """The four tables; one ring_facts, id with its past and list of judgements a ring."""
    display_names = {party: str(row["name"]) for party, row in records.items() if row.get("name")}
    rings, members, theirs, evidence = [], [], [], []
    for (ring_id, past), ring_facts, facts in zip(
        names, all_ring_facts, judgement_facts, strict=True
    ):
        proof = collect_rows(ring_facts, display_names, n_null_samples, settings, facts)
        rings.append(
            _ring_row(ring_id, past, ring_facts, text.summarise(ring_facts, n_null_samples, proof))
        )
        members += [{"ring_id": ring_id, **row} for row in roles.members(ring_facts, records)]
        theirs += [{"ring_id": ring_id, "claim_id": c["claim_id"]} for c in ring_facts.claims]
        evidence += [{"ring_id": ring_id, **row} for row in proof.rows]
    by_ring = [("ring_id", "ascending")]
    return RingSet(
        _table(rings, RINGS, [("score", "descending"), *by_ring]),
        _table(members, RING_MEMBERS, [*by_ring, ("party_id", "ascending")]),
        _table(theirs, RING_CLAIMS, [*by_ring, ("claim_id", "ascending")]),
        _table(evidence, RING_EVIDENCE, None),
    )


def _other_evidence(
    graph: Parties,
    ties: pa.Table,
    claims: pa.Table,
    records: Mapping[str, pa.Table],
) -> OtherEvidence:
    shared = shared_values(graph, ties)
    return OtherEvidence(shared, edge_marks(graph, shared, claims, records))


def _with_ids(claims: pa.Table) -> pa.Table:
    columns = ["enterprise_id", "institution_id", "claimed_amount", "submitted_on"]
    more = [name for name in ("contract_amount",) if name in claims.column_names]
    columns_read = claims.select([*columns, *more])
    ids = (
        claims["claim_id"]
        if "claim_id" in claims.column_names
        else pa.array([f"row {n + 1}" for n in range(claims.num_rows)], pa.string())
    )
    return columns_read.add_column(0, "claim_id", ids)


def _party_keys(graph: Parties, nodes: tuple[int, ...]) -> frozenset[str]:
    enterprises = graph.graph.n_enterprises
    return frozenset(
        f"{'enterprise' if n < enterprises else 'institution'}:{graph.ids[n]}" for n in nodes
    )


def _previous_members(graph: Parties, previous: RingSet | None) -> list[frozenset[int]]:
    """The rings of the previous run as numbers of parties, those gone from the graph left out."""
    enterprises = graph.graph.n_enterprises
    at = {
        ("enterprise" if n < enterprises else "institution", party): n
        for n, party in enumerate(graph.ids)
    }
    return [
        frozenset(at[kind, party] for kind, party in members if (kind, party) in at)
        for members in lineage.members_by_ring(previous).values()
    ]


def _ring_row(
    ring_id: str, past: str, ring_facts: RingFacts, summary: tuple[str, str]
) -> dict[str, Any]:
    return {
        "ring_id": ring_id,
        "score": ring_facts.chosen.score,
        "p_value": float(ring_facts.chosen.p_value),
        "q_value": float(ring_facts.chosen.q_value),
        "n_enterprises": len(ring_facts.enterprises),
        "n_institutions": len(ring_facts.institutions),
        "n_claims": len(ring_facts.claims),
        "amount": ring_facts.amount,
        "first_on": ring_facts.first_on,
        "last_on": ring_facts.last_on,
        "typologies": ";".join(roles.typologies(ring_facts)),
        "story_zh": summary[0],
        "story_en": summary[1],
        "lineage": past,
        "score_without_verdicts": ring_facts.chosen.score_without_verdicts,
    }


def _party_records(parties: pa.Table | None) -> dict[str, dict[str, Any]]:
    if parties is None:
        return {}
    return {row["party_id"]: row for row in parties.to_pylist()}


def _table(
    rows: list[dict[str, Any]], schema: TableSchema, order: list[tuple[str, str]] | None
) -> pa.Table:
    table = pa.Table.from_pylist(rows, schema=schema.arrow)
    return schema.conform(table.sort_by(order) if order else table)
