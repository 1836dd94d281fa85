"""Every fact of a summary, as numbered rows that name their source: E1, E2, ..."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.summary import sentences
from fraud_pipeline.rings.summary.ring_facts import RingFacts

Row = dict[str, Any]
_EDGES = ("claim", "tenancy", "group", "payment")
# Facts about one party and not between two: no edge of any picture.
MARKS = ("price", "verdict", "newness", "money_path")  # kinds of marks listed as facts
FACTS = frozenset({"elsewhere", "other_clients", "chance", "judgement", *MARKS})


@dataclass(frozen=True)
class EvidenceRows:
    """Rows of RING_EVIDENCE without ring_id, in the order of their numbers, and who is where.

    ``places``: numbers by topic: each kind of tie, ``claim``, ``core``, ``set_aside``,
    ``elsewhere``, ``other_clients`` and ``chance``.
    """

    rows: list[Row]
    places: Mapping[str, Sequence[int]]

    def mark(self, *topics: str) -> str:
        """``[E1–E4,E7]``: the numbers of the topics' rows; empty if there are none."""
        numbers = spans(n for topic in topics for n in self.places.get(topic, ()))
        return f"[{numbers}]" if numbers else ""


def spans(numbers: Iterable[int]) -> str:
    """Numbers of evidence rows as a reader wants them.

    >>> spans([7, 1, 2, 3])
    'E1–E3,E7'
    """
    runs = [[n for _, n in run] for _, run in
            groupby(enumerate(sorted(set(numbers))), lambda p: p[1] - p[0])]  # fmt: skip
    return ",".join(f"E{r[0]}" if len(r) == 1 else f"E{r[0]}–E{r[-1]}" for r in runs)


def collect_rows(
    ring_facts: RingFacts, names: Mapping[str, str], n_null_samples: int, settings: RingParameters,
    judgements: Sequence[Row] = (),
) -> EvidenceRows:  # fmt: skip
    """The core first (identity, then edges), the rest, what was weighed, the null samples.

    Last ``judgements``: what people said about members, as ``judgements.judged`` tells it.
    """
    counted = [t for t in ring_facts.ties if t["kind"] not in _EDGES and t["weight"] > 0]
    set_aside = [
        t for t in ring_facts.ties if t["kind"] not in ("claim", "payment") and t["weight"] == 0
    ]
    paid = [t for t in ring_facts.ties if t["kind"] == "payment"]
    counted_or_paid = _at_most([*_spanning_forest(counted), *paid], settings.evidence_rows)
    counted_or_paid.sort(key=lambda t: t["kind"])
    ties = [*counted_or_paid, *_claim_rows(ring_facts, settings)]
    inner = [t for t in ties if {t["left_id"], t["right_id"]} <= ring_facts.core]
    outer = [t for t in ties if not {t["left_id"], t["right_id"]} <= ring_facts.core]
    rows: list[Row] = []
    places: dict[str, list[int]] = {}

    def add(row: Row, topics: Sequence[str], sentences_of_row: tuple[str, str]) -> None:
        number = len(rows) + 1
        zh, en = (f"E{number} {sentence}" for sentence in sentences_of_row)
        values = {k: row[k] for k in ("kind", "left_id", "right_id", "weight", "source")}
        values |= {k: row.get(k) for k in ("known_on", "amount")}
        rows.append({**values, "sentence_zh": zh, "sentence_en": en})
        for topic in topics:
            places.setdefault(topic, []).append(number)

    for tie in inner:
        add(tie, (tie["kind"], "core"), sentences.tie(tie, names))
    for tie in outer:
        add(tie, (tie["kind"],), sentences.tie(tie, names))
    for tie in _spanning_forest(set_aside):
        add(tie, ("set_aside",), sentences.explained(tie, names))
    for fact in _facts(ring_facts, n_null_samples, settings):
        add(fact, (fact["kind"],), sentences.fact(fact, names))
    for one in judgements:
        fact = _fact("judgement", one["left_id"], 0, f"ring_judgements {one['day']}")
        add(fact, ("judgement",), sentences.judgement(one, names))
    return EvidenceRows(rows, places)


def _claim_rows(ring_facts: RingFacts, settings: RingParameters) -> list[Row]:
    """One row a pair of enterprise and institution with the ids of all its claims."""
    weights = {(t["left_id"], t["right_id"]): t["weight"] for t in ring_facts.ties
               if t["kind"] == "claim"}  # fmt: skip
    pairs: dict[tuple[str, str], list[Row]] = {}
    for claim in ring_facts.claims:
        pairs.setdefault((claim["enterprise_id"], claim["institution_id"]), []).append(claim)
    rows = []
    for (enterprise, institution), claims in sorted(pairs.items()):
        clients = ring_facts.edges_total[f"institution:{institution}"]
        weight = weights.get(
            (enterprise, institution), 1.0 / math.log(settings.column_constant + clients)
        )
        rows.append(
            {
                "kind": "claim", "left_id": enterprise, "right_id": institution, "weight": weight,
                "n_claims": len(claims),
                "amount": sum(c["claimed_amount"] for c in claims if c["claimed_amount"]),
                "known_on": min(c["submitted_on"] for c in claims),
                "last_on": max(c["submitted_on"] for c in claims),
                "source": "claims " + " ".join(sorted(c["claim_id"] for c in claims)),
            }
        )  # fmt: skip
    return rows


def _facts(ring_facts: RingFacts, n_null_samples: int, settings: RingParameters) -> list[Row]:
    rows = []
    for kind, fact, ids in (
        ("enterprise", "elsewhere", ring_facts.enterprises),
        ("institution", "other_clients", ring_facts.institutions),
    ):
        for party in ids:
            key = f"{kind}:{party}"
            n = ring_facts.edges_total[key] - ring_facts.edges_inside[key]
            if n > 0:
                rows.append(_fact(fact, party, n, f"claims {kind}_id={party}"))
    for kind in MARKS:
        marked = ring_facts.marked.get(kind)
        if marked is not None:
            places = " ".join(f"enterprise_id={party}" for party in marked)
            row = _fact(kind, ring_facts.institutions[0], len(marked), f"claims {places}")
            rows.append({**row, "enterprises": len(ring_facts.enterprises)})
    source = f"settings rings.seed={settings.seed} rings.null_worlds={n_null_samples}"
    comparison = _fact("chance", ring_facts.institutions[0], n_null_samples, source)
    return [*rows, {**comparison, "p": ring_facts.chosen.p_value}]


def _fact(kind: str, party: str, n: int, source: str) -> Row:
    return {"kind": kind, "left_id": party, "right_id": party, "weight": 0.0, "n": n,
            "source": source}  # fmt: skip


def _at_most(ties: list[Row], most: int) -> list[Row]:
    """The first ``most`` ties of each kind."""
    count: dict[str, int] = {}
    first = []
    for tie in ties:
        count[tie["kind"]] = count.get(tie["kind"], 0) + 1
        if count[tie["kind"]] <= most:
            first.append(tie)
    return first


def _spanning_forest(ties: list[Row]) -> list[Row]:
    """Of the ties by one shared value only so many as join its sharers: n - 1, not n(n - 1)/2.

    Kruskal's forest within each kind and value, in the order given.
    """
    root: dict[tuple[str, str, str], tuple[str, str, str]] = {}

    def find_root(node: tuple[str, str, str]) -> tuple[str, str, str]:
        while root.get(node, node) != node:
            node = root[node]
        return node

    forest = []
    for tie in ties:
        if tie["kind"] == "money_back":  # each pair is money of its own
            forest.append(tie)
            continue
        value = "" if tie["kind"] in ("text", "tenancy") else str(tie["detail"])
        left = find_root((tie["kind"], value, f"{tie['left_kind']}:{tie['left_id']}"))
        right = find_root((tie["kind"], value, f"{tie['right_kind']}:{tie['right_id']}"))
        if left != right:
            root[right] = left
            forest.append(tie)
    return forest
