"""The graph of parties and what they share, as nodes and edges for the interactive picture.

A phone, account, device, agent, person, address or e-mail that parties share is a node of its own.
Nothing in it identifies a party outside the person's regions: those are counted. Shared values are
masked, and the ids of their nodes are keyed hashes, from which no value can be guessed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from fraud_pipeline.core.masking import mask_account, mask_email, mask_name, mask_phone
from fraud_pipeline.workbench.addresses import entity_address, slug
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.cases import graph_words
from fraud_pipeline.workbench.cases.masking import scrub
from fraud_pipeline.workbench.db.leads import Leads

Row = dict[str, Any]
SHARED_KINDS = (
    "phone", "bank_account", "device", "agent", "person", "legal_representative", "address", "email",
)  # fmt: skip
MAX_NEIGHBOURS = 30  # parties that one expansion adds, those with the strongest ties first
_MAX_PAIRS = 5_000  # enterprise-institution pairs read at once
_MASKS: dict[str, Callable[[str | None], str | None]] = {
    "phone": mask_phone, "bank_account": mask_account, "email": mask_email,
    "legal_representative": mask_name,
}  # fmt: skip
_PAIRS_SQL = f"""
    WITH ids AS (SELECT unnest($ids::VARCHAR[]) AS id)
    SELECT enterprise_id, institution_id, count(*) AS n, sum(claimed_amount) AS amount,
        min(submitted_on) AS since, string_agg(DISTINCT programme, ';' ORDER BY programme) AS programmes,
        string_agg(DISTINCT source_file, ';' ORDER BY source_file) AS sources
    FROM claims
    WHERE enterprise_id IN (SELECT id FROM ids) OR institution_id IN (SELECT id FROM ids)
    GROUP BY ALL ORDER BY enterprise_id, institution_id LIMIT {_MAX_PAIRS}
"""  # noqa: S608 - a number of ours


@dataclass(frozen=True)
class Surroundings:
    """What lies around some parties: their ties, their claims summed by pair, who is who."""

    ties: list[Row]
    pairs: list[Row]
    parties: dict[str, Row]  # party_id -> kind, name, region

    def neighbours(self, party: str) -> set[str]:
        """The parties that a tie or a claim connects with ``party``."""
        others = {r["left_id"] if r["right_id"] == party else r["right_id"]
                 for r in self.ties if party in (r["left_id"], r["right_id"])}  # fmt: skip
        for pair in self.pairs:
            sides = (pair["enterprise_id"], pair["institution_id"])
            if party in sides:
                others.add(sides[sides[0] == party])
        return others


def surroundings(leads: Leads, ids: Collection[str]) -> Surroundings:
    """The ties and claims of the parties ``ids``, with everybody that these name."""
    wanted = sorted(ids)
    ties = {(r["left_id"], r["right_id"], r["kind"]): r
            for r in leads.lookup("near", "party_id", wanted)}  # fmt: skip
    pairs = leads.query(_PAIRS_SQL, {"ids": wanted})
    kinds = dict.fromkeys(wanted, "")
    for row in ties.values():
        kinds |= {row["left_id"]: row["left_kind"], row["right_id"]: row["right_kind"]}
    for row in pairs:
        kinds |= {row["enterprise_id"]: "enterprise", row["institution_id"]: "institution"}
    return Surroundings(list(ties.values()), pairs, _parties(leads, kinds))


def _parties(leads: Leads, kinds: dict[str, str]) -> dict[str, Row]:
    ids = sorted(kinds)
    known = {
        row["id"]: {**row, "kind": kind}
        for kind in ("institution", "enterprise")
        for row in leads.lookup(f"{kind}s", f"{kind}_id", ids, f"{kind}_id AS id, name, region")
    }
    blank = {"name": None, "region": ""}
    return {i: known.get(i) or {"id": i, **blank, "kind": kinds[i] or "enterprise"} for i in ids}


def visible_parties(around: Surroundings, person: Person) -> set[str]:
    """Parties this person may know of: in their regions, or an institution with a claim inside."""
    inside = {i for i, p in around.parties.items() if person.sees_region(p["region"])}
    return inside | {
        pair["institution_id"] for pair in around.pairs if pair["enterprise_id"] in inside
    }  # fmt: skip


def strongest_neighbours(around: Surroundings, party: str, allowed: set[str]) -> list[str]:
    """The neighbours of ``party`` among ``allowed``, those with the strongest ties first."""
    weight: dict[str, float] = defaultdict(float)
    for row in around.ties:
        if party in (row["left_id"], row["right_id"]):
            other = row["left_id"] if row["right_id"] == party else row["right_id"]
            weight[other] += row["weight"]
    near = around.neighbours(party) & allowed
    return sorted(near, key=lambda p: (-weight[p], p))


def graph_of(
    leads: Leads, ids: Collection[str], person: Person, key: bytes, language: str,
    marked: Collection[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """Nodes and edges of the parties ``ids`` that this person may see, ready for JSON.

    ``key``: the installation's secret, for the ids of shared values. ``marked``: parties that are
    drawn with a strong outline (the members of a ring, the parties of a claim). A node of a party
    has ``more``, the number of its parties that are not in the graph and may be added, and
    ``elsewhere``, the number of those outside the person's regions.
    """
    around = surroundings(leads, ids)
    allowed = visible_parties(around, person)
    inside = set(ids) & allowed
    edges = [*_shared_edges(around, inside, key), *_direct_edges(around, inside, language)]
    values = _value_nodes(around, inside, key, language)
    groups = _groups(around, allowed)
    nodes = [
        _party_node(around, i, inside, allowed, groups.get(i, ("", "")), i in marked)
        for i in sorted(inside)
    ]
    kinds = sorted({e["kind"] for e in edges})
    return {
        "nodes": [*nodes, *values], "edges": edges,
        "tie_kinds": {k: graph_words.tie_kind(k, language) for k in kinds},
        "node_kinds": graph_words.node_kinds(language), "words": graph_words.controls(language),
    }  # fmt: skip


def _party_node(
    around: Surroundings, party: str, inside: set[str], allowed: set[str],
    group: tuple[str, str], marked: bool,
) -> Row:  # fmt: skip
    row, others = around.parties[party], around.neighbours(party) - inside
    return {
        "id": party, "kind": row["kind"], "label": row["name"] or party, "code": party,
        "region": row["region"] or "", "programme": group[0], "source": group[1],
        "marked": marked, "more": len(others & allowed), "elsewhere": len(others - allowed),
        "expand": f"/parties/{slug(party)}/graph.json", "href": entity_address(row["kind"], party),
    }  # fmt: skip


def _groups(around: Surroundings, allowed: set[str]) -> dict[str, tuple[str, str]]:
    """party -> (programmes, source files) of its claims with parties the person may see."""
    programmes: dict[str, set[str]] = defaultdict(set)
    sources: dict[str, set[str]] = defaultdict(set)
    for pair in around.pairs:
        sides = {pair["enterprise_id"], pair["institution_id"]}
        for party in sides if sides <= allowed else ():
            programmes[party] |= set((pair["programmes"] or "").split(";"))
            sources[party] |= set((pair["sources"] or "").split(";"))
    return {p: (_joined(programmes[p]), _joined(sources[p])) for p in programmes}


def _joined(values: Iterable[str]) -> str:
    return "; ".join(sorted(v for v in values if v))


def _value_of(row: Row) -> str:
    """The value that a tie's two parties share; of a person the id alone."""
    value = row["detail"] or f"{row['left_id']} {row['right_id']}"
    return value.split(" ")[0] if row["kind"] == "person" else value


def _masked(kind: str, value: str) -> str:
    """The value as a person may read it; of a phone nothing but its digits is shown.

    >>> _masked("phone", "张三 13812345678")
    '138****5678'
    """
    if kind == "phone":
        value = "".join(character for character in value if character.isdigit())
    mask = _MASKS.get(kind, scrub)
    return mask(value) or ""


def value_id(kind: str, value: str, key: bytes) -> str:
    """The id of the node of a shared value: a keyed hash, the same in every graph."""
    return f"{kind}:{hmac.new(key, f'{kind} {value}'.encode(), hashlib.sha256).hexdigest()[:20]}"


def _shared(around: Surroundings, inside: set[str]) -> list[Row]:
    return [r for r in around.ties
            if r["kind"] in SHARED_KINDS and {r["left_id"], r["right_id"]} <= inside]  # fmt: skip


def _shared_edges(around: Surroundings, inside: set[str], key: bytes) -> list[Row]:
    """One edge per party and shared value; it is known from the day of its first tie."""
    since: dict[tuple[str, str, str], date | None] = {}
    for row in _shared(around, inside):
        node = value_id(row["kind"], _value_of(row), key)
        for party in (row["left_id"], row["right_id"]):
            place = (party, node, row["kind"])
            days = [d for d in (since.get(place), row["known_on"]) if d]
            since[place] = min(days) if days else None
    return [
        {"id": f"{party}|{node}", "source": party, "target": node, "kind": kind,
         "since": day.isoformat() if day else None, "detail": ""}
        for (party, node, kind), day in sorted(since.items(), key=lambda item: item[0])
    ]  # fmt: skip


def _value_nodes(around: Surroundings, inside: set[str], key: bytes, language: str) -> list[Row]:
    sharing: dict[tuple[str, str], set[str]] = defaultdict(set)
    total: dict[tuple[str, str], int] = defaultdict(int)
    for row in _shared(around, inside):
        place = (row["kind"], _value_of(row))
        sharing[place] |= {row["left_id"], row["right_id"]}
        total[place] = max(total[place], row["n_sharing"] or 0)
    nodes = []
    for (kind, value), parties in sorted(sharing.items()):
        more = max(0, total[kind, value] - len(parties))
        through = value_id(kind, value, key)
        first = min(parties)
        nodes.append({
            "id": through, "kind": kind, "label": _masked(kind, value), "code": "", "region": "", "programme": "",
            "source": "", "marked": False, "shared": True, "more": more, "elsewhere": 0,
            "expand": f"/parties/{slug(first)}/graph.json?through={through}",
        })  # fmt: skip
    return nodes


def _direct_edges(around: Surroundings, inside: set[str], language: str) -> list[Row]:
    """Edges from party to party: claims, payments, reused text, groups of companies, tenancy."""
    edges = [
        _claims_edge(pair, language) for pair in around.pairs
        if {pair["enterprise_id"], pair["institution_id"]} <= inside
    ]  # fmt: skip
    for row in around.ties:
        if row["kind"] in SHARED_KINDS or not {row["left_id"], row["right_id"]} <= inside:
            continue
        edges.append(
            {"id": f"{row['left_id']}|{row['right_id']}|{row['kind']}", "source": row["left_id"],
             "target": row["right_id"], "kind": row["kind"],
             "since": row["known_on"].isoformat() if row["known_on"] else None,
             "detail": _sum(None, row["amount"], language)}
        )  # fmt: skip
    return edges


def _claims_edge(pair: Row, language: str) -> Row:
    return {
        "id": f"{pair['enterprise_id']}|{pair['institution_id']}|claim",
        "source": pair["enterprise_id"], "target": pair["institution_id"], "kind": "claim",
        "since": pair["since"].isoformat() if pair["since"] else None,
        "detail": _sum(pair["n"], pair["amount"], language),
    }  # fmt: skip


def _sum(n: int | None, amount: Decimal | None, language: str) -> str:
    zh = language == "zh"
    parts = [] if n is None else [f"{n} 件申请" if zh else f"{n} claim{'s' * (n != 1)}"]
    if amount is not None:
        parts.append(f"{amount:,.0f} 元" if zh else f"{amount:,.0f} yuan")
    return ("，" if zh else ", ").join(parts)


def through_value(
    around: Surroundings, party: str, node: str, key: bytes, allowed: set[str]
) -> Sequence[str]:
    """The parties among ``allowed`` that share with ``party`` the value with this node id."""
    others = set()
    for row in around.ties:
        sides = {row["left_id"], row["right_id"]}
        is_shared = party in sides and row["kind"] in SHARED_KINDS
        if is_shared and value_id(row["kind"], _value_of(row), key) == node:
            others |= sides
    return sorted((others - {party}) & allowed)
