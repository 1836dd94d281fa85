"""Every fact a story tells, as numbered rows that say where they stand: E1, E2, ..."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.summary import sentences
from fraud_pipeline.rings.summary.ring_facts import Dossier

Row = dict[str, Any]
_DEALINGS = ("claim", "tenancy", "group", "payment")
# Facts about one party and not between two: no edge of any picture.
MARKS = ("price", "verdict", "newness", "money_path")  # kinds of marks told as facts
FACTS = frozenset({"elsewhere", "other_clients", "chance", "judgement", *MARKS})


@dataclass(frozen=True)
class Evidence:
    """Rows of RING_EVIDENCE without ring_id, in the order of their numbers, and who is where.

    ``places``: numbers by topic: each kind of tie, ``claim``, ``core``, ``set_aside``,
    ``elsewhere``, ``other_clients`` and ``chance``.
    """

    rows: list[Row]
    places: Mapping[str, Sequence[int]]

    def mark(self, *topics: str) -> str:
        """``[E1–E4,E7]``: the numbers of the topics' rows; empty if there are none."""
        said = spans(n for topic in topics for n in self.places.get(topic, ()))
        return f"[{said}]" if said else ""


def spans(numbers: Iterable[int]) -> str:
    """Numbers of evidence rows as a reader wants them.

    >>> spans([7, 1, 2, 3])
    'E1–E3,E7'
    """
    runs = [[n for _, n in run] for _, run in
            groupby(enumerate(sorted(set(numbers))), lambda p: p[1] - p[0])]  # fmt: skip
    return ",".join(f"E{r[0]}" if len(r) == 1 else f"E{r[0]}–E{r[-1]}" for r in runs)


def collect(
    dossier: Dossier, names: Mapping[str, str], worlds: int, settings: RingParameters,
    judgements: Sequence[Row] = (),
) -> Evidence:  # fmt: skip
    """The core first (identity, then dealings), the rest, what was weighed, the chance worlds.

    Last ``judgements``: what people said about members, as ``judgements.judged`` tells it.
    """
    counted = [t for t in dossier.ties if t["kind"] not in _DEALINGS and t["weight"] > 0]
    set_aside = [
        t for t in dossier.ties if t["kind"] not in ("claim", "payment") and t["weight"] == 0
    ]
    paid = [t for t in dossier.ties if t["kind"] == "payment"]
    telling = _at_most([*_least_that_tells(counted), *paid], settings.evidence_rows)
    telling.sort(key=lambda t: t["kind"])
    ties = [*telling, *_dealt(dossier, settings)]
    inner = [t for t in ties if {t["left_id"], t["right_id"]} <= dossier.core]
    outer = [t for t in ties if not {t["left_id"], t["right_id"]} <= dossier.core]
    rows: list[Row] = []
    places: dict[str, list[int]] = {}

    def add(row: Row, topics: Sequence[str], said: tuple[str, str]) -> None:
        number = len(rows) + 1
        zh, en = (f"E{number} {sentence}" for sentence in said)
        kept = {k: row[k] for k in ("kind", "left_id", "right_id", "weight", "source")}
        kept |= {k: row.get(k) for k in ("known_on", "amount")}
        rows.append({**kept, "sentence_zh": zh, "sentence_en": en})
        for topic in topics:
            places.setdefault(topic, []).append(number)

    for tie in inner:
        add(tie, (tie["kind"], "core"), sentences.tie(tie, names))
    for tie in outer:
        add(tie, (tie["kind"],), sentences.tie(tie, names))
    for tie in _least_that_tells(set_aside):
        add(tie, ("set_aside",), sentences.explained(tie, names))
    for fact in _facts(dossier, worlds, settings):
        add(fact, (fact["kind"],), sentences.fact(fact, names))
    for one in judgements:
        fact = _fact("judgement", one["left_id"], 0, f"ring_judgements {one['day']}")
        add(fact, ("judgement",), sentences.judgement(one, names))
    return Evidence(rows, places)


def _dealt(dossier: Dossier, settings: RingParameters) -> list[Row]:
    """One row a pair of firm and institution with the ids of all its claims."""
    weights = {(t["left_id"], t["right_id"]): t["weight"] for t in dossier.ties
               if t["kind"] == "claim"}  # fmt: skip
    pairs: dict[tuple[str, str], list[Row]] = {}
    for claim in dossier.claims:
        pairs.setdefault((claim["enterprise_id"], claim["institution_id"]), []).append(claim)
    rows = []
    for (firm, inst), claims in sorted(pairs.items()):
        clients = dossier.dealings_all[f"institution:{inst}"]
        weight = weights.get((firm, inst), 1.0 / math.log(settings.column_constant + clients))
        rows.append(
            {
                "kind": "claim", "left_id": firm, "right_id": inst, "weight": weight,
                "n_claims": len(claims),
                "amount": sum(c["claimed_amount"] for c in claims if c["claimed_amount"]),
                "known_on": min(c["submitted_on"] for c in claims),
                "last_on": max(c["submitted_on"] for c in claims),
                "source": "claims " + " ".join(sorted(c["claim_id"] for c in claims)),
            }
        )  # fmt: skip
    return rows


def _facts(dossier: Dossier, worlds: int, settings: RingParameters) -> list[Row]:
    rows = []
    for kind, fact, ids in (
        ("enterprise", "elsewhere", dossier.firms),
        ("institution", "other_clients", dossier.institutions),
    ):
        for party in ids:
            key = f"{kind}:{party}"
            n = dossier.dealings_all[key] - dossier.dealings_inside[key]
            if n > 0:
                rows.append(_fact(fact, party, n, f"claims {kind}_id={party}"))
    for kind in MARKS:
        said = dossier.marked.get(kind)
        if said is not None:
            places = " ".join(f"enterprise_id={party}" for party in said)
            row = _fact(kind, dossier.institutions[0], len(said), f"claims {places}")
            rows.append({**row, "firms": len(dossier.firms)})
    source = f"settings rings.seed={settings.seed} rings.null_worlds={worlds}"
    chance = _fact("chance", dossier.institutions[0], worlds, source)
    return [*rows, {**chance, "p": dossier.chosen.p_value}]


def _fact(kind: str, party: str, n: int, source: str) -> Row:
    return {"kind": kind, "left_id": party, "right_id": party, "weight": 0.0, "n": n,
            "source": source}  # fmt: skip


def _at_most(ties: list[Row], most: int) -> list[Row]:
    """The first ``most`` ties of each kind."""
    seen: dict[str, int] = {}
    kept = []
    for tie in ties:
        seen[tie["kind"]] = seen.get(tie["kind"], 0) + 1
        if seen[tie["kind"]] <= most:
            kept.append(tie)
    return kept


def _least_that_tells(ties: list[Row]) -> list[Row]:
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
        if tie["kind"] == "money_back":  # each pair is money of its own
            kept.append(tie)
            continue
        value = "" if tie["kind"] in ("text", "tenancy") else str(tie["detail"])
        left = find_root((tie["kind"], value, f"{tie['left_kind']}:{tie['left_id']}"))
        right = find_root((tie["kind"], value, f"{tie['right_kind']}:{tie['right_id']}"))
        if left != right:
            root[right] = left
            kept.append(tie)
    return kept
