"""Which records are one party, which a person has to decide about, and why.

A wrong merge makes one enterprise answer for another, so a pair is merged only if the model is
nearly sure and the evidence is of two independent kinds and nothing contradicts it.
Everything else that is worth a look stays apart and is listed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from fraud_pipeline.ingest.linkage import model

MERGE_PROB = 0.99
LOOK_PROB = 0.20
PAIRS = pa.schema([
    ("left_id", pa.string()), ("left_name", pa.string()), ("left_place", pa.string()), ("right_id", pa.string()),
    ("right_name", pa.string()), ("right_place", pa.string()), ("probability", pa.float64()), ("bits", pa.float64()),
    ("decision", pa.string()), ("evidence", pa.string()), ("against", pa.string()), ("left", pa.string()),
    ("right", pa.string()),
])  # fmt: skip
_RARE = 3  # level of a shared value that no other party has
_RARE_PLACE = 4
_SAME_NAME = 3
_SAME_CORE = 2  # level of agreement of names from which on a person should have seen the pair
_HARD = ("account", "phone", "person", "place")


@dataclass(frozen=True)
class Linked:
    """``pairs``: PAIRS, decision ``same`` or ``undecided``. ``party_of``: record -> the record
    that stands for its party (one with a valid code, where there is one). ``n_without_code``
    records have no valid code."""

    pairs: pa.Table
    party_of: dict[str, str]
    n_without_code: int = 0

    def of(self, decision: str) -> list[dict[str, Any]]:
        return [p for p in self.pairs.to_pylist() if p["decision"] == decision]


def link(records: pa.Table, merge_prob: float = MERGE_PROB) -> Linked:
    """Decides every pair of ``records`` (RECORDS) of which at least one has no valid code."""
    rows = {r["record"]: r for r in records.to_pylist()}
    if records.num_rows < 2 or all(r["coded"] for r in rows.values()):
        return Linked(PAIRS.empty_table(), {r: r for r in rows})
    decisions = [
        _decide(pair, rows, merge_prob)
        for pair in model.candidates(records)
        if pair["match_probability"] >= LOOK_PROB or pair["gamma_name"] >= _SAME_CORE
    ]
    _bare_names(decisions, rows)
    _one_candidate(decisions, rows)
    party_of = _parties(decisions, rows)
    shown = [p for p in decisions if p["decision"] != "different"]
    shown.sort(key=lambda p: (p["decision"], -p["probability"], p["left"], p["right"]))
    uncoded = sum(not r["coded"] for r in rows.values())
    return Linked(pa.Table.from_pylist(shown, schema=PAIRS), party_of, uncoded)


def _decide(pair: dict[str, Any], rows: dict[str, Any], merge_prob: float) -> dict[str, Any]:
    left, right = rows[pair["record_l"]], rows[pair["record_r"]]
    levels = {c: int(pair[f"gamma_{c}"]) for c in model.COMPARED}
    evidence = [f"{model.label(c, g)} ({pair['mw_' + c]:+.1f})" for c, g in levels.items() if g > 0]
    against = [model.label(c, 0) for c, g in levels.items() if g == 0] + _vetoes(left, right)
    sure = pair["match_probability"] >= merge_prob and _enough(levels) and not _vetoes(left, right)
    return {
        "left": left["record"], "right": right["record"], **_side("left", left), **_side("right", right),
        "probability": float(pair["match_probability"]), "bits": float(pair["match_weight"]),
        "decision": "same" if sure else "undecided", "evidence": "; ".join(evidence),
        "against": "; ".join(against), "levels": levels,
    }  # fmt: skip


def _side(side: str, record: dict[str, Any]) -> dict[str, Any]:
    row = f":{record['row']}" if record["row"] is not None else ""
    sheet = f", {record['sheet']}" if record["sheet"] else ""
    return {f"{side}_id": record["party_id"], f"{side}_name": record["stated"],
            f"{side}_place": f"{record['file'] or record['kind']}{sheet}{row}"}  # fmt: skip


def _vetoes(left: dict[str, Any], right: dict[str, Any]) -> list[str]:
    """What makes two records of similar names two parties, whatever else agrees."""
    vetoes = []
    if left["branch"] != right["branch"]:
        vetoes.append("one is a unit of the other")
    if left["numbers"] != right["numbers"]:
        vetoes.append("other numbers in the name")
    if left["seat"] and right["seat"] and left["seat"] != right["seat"]:
        vetoes.append("another city in the name")
    if left["form"] and right["form"] and left["form"] != right["form"]:
        vetoes.append("another legal form")
    if left["party_id"] and right["party_id"] and left["coded"] and right["coded"]:
        vetoes.append("two valid codes")
    return vetoes


def _enough(levels: dict[str, int]) -> bool:
    """One name but for place and legal form, and beside it the account, or two kinds of evidence.

    One other kind does, where the whole name is the same and little differs. A value that many
    share is no evidence, but an address or building is a second one. A name that only resembles
    is never merged: sister enterprises of one owner look like a slip of the pen.
    """
    hard = [c for c in _HARD if levels[c] >= (3 if c == "place" else 2)]
    differing = sum(levels[c] == 0 for c in _HARD)
    if levels["name"] < _SAME_CORE or not hard:
        return False
    bearable = 2 if "phone" in hard or levels["place"] == _RARE_PLACE else 1
    if levels["account"] == _RARE or (levels["name"] == _SAME_NAME and differing < bearable):
        return True
    return len(hard) + (levels["place"] in (1, 2)) >= 2


def _bare_names(decisions: list[dict[str, Any]], rows: dict[str, Any]) -> None:
    """A name that stands where a code should: the party that alone has exactly this name.

    The register of companies gives no full name twice in one city; two enterprises in the tables
    with one name are for a person.
    """
    bearers = Counter(r["name"] for r in rows.values() if r["coded"])
    for pair in decisions:
        sides = (rows[pair["left"]], rows[pair["right"]])
        bare = [s for s in sides if s["row"] is None]
        coded = [s for s in sides if s["coded"]]
        if len(bare) == 1 and len(coded) == 1 and pair["levels"]["name"] == _SAME_NAME:
            alone = bearers[coded[0]["name"]] == 1 and len(bare[0]["name"]) >= 6
            pair["decision"] = "same" if alone else "undecided"
            pair["evidence"] += "; no other party has this name" if alone else ""


def _one_candidate(decisions: list[dict[str, Any]], rows: dict[str, Any]) -> None:
    """A record that could be two different coded parties is merged with neither."""
    coded: dict[str, set[str]] = defaultdict(set)
    for pair in decisions:
        for one, other in ((pair["left"], pair["right"]), (pair["right"], pair["left"])):
            if not rows[one]["coded"] and rows[other]["coded"] and (pair["probability"] >= 0.9):
                coded[one].add(rows[other]["party_id"])
    for pair in decisions:
        if (
            any(len(coded[r]) > 1 for r in (pair["left"], pair["right"]))
            and pair["decision"] == "same"
        ):
            pair["decision"] = "undecided"
            pair["against"] += "; more than one party fits"


def _parties(decisions: list[dict[str, Any]], rows: dict[str, Any]) -> dict[str, str]:
    """Records joined into parties; a join that would bring two valid codes together is undone."""
    leader = {r: r for r in rows}

    def find(record: str) -> str:
        while leader[record] != record:
            leader[record] = leader[leader[record]]
            record = leader[record]
        return record

    codes = {r: {row["party_id"]} if row["coded"] else set() for r, row in rows.items()}
    for pair in sorted((p for p in decisions if p["decision"] == "same"), key=lambda p: -p["bits"]):
        left, right = find(pair["left"]), find(pair["right"])
        if left == right:
            continue
        if len(codes[left] | codes[right]) > 1:
            pair["decision"] = "undecided"
            pair["against"] += "; it would join two valid codes"
            continue
        first, second = (left, right) if codes[left] or not codes[right] else (right, left)
        leader[second], codes[first] = first, codes[left] | codes[right]
    return {record: find(record) for record in rows}
