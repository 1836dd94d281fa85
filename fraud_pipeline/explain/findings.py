"""The reasons people read: at most five facts that raise a claim's risk, and what speaks for it.

Contributions are grouped by fact, so that one fact is one reason however many features carry it:
the weight of a reason is the sum of theirs. A reason says what was found in words, where that is
shown and which document would settle it. Pages, report, command line, API and packs all use this.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.explain.feature_facts import (
    RULE_OF_FLAG,
    SUMMARIES,
    Pair,
    fact_of_feature,
    fact_of_rule,
    sentence,
)
from fraud_pipeline.features.catalogue import FLAGS
from fraud_pipeline.features.flag_weights import UNWEIGHED
from fraud_pipeline.schema import RingSet
from fraud_pipeline.vocabulary.facts import FACTS
from fraud_pipeline.vocabulary.rings import TIE_KINDS
from fraud_pipeline.vocabulary.services import SERVICES

Row = Mapping[str, Any]
MOST_REASONS = 5
# Log-odds: below this a fact changes the odds by less than a tenth and is left to the full table.
LEAST_WEIGHT = 0.1
_SEVERITIES = {code: rule.severity for code, rule in FLAGS.items()}
# Kinds of a ring's evidence that are something its members share, the plainest first.
_SHARED = ("phone", "agent", "bank_account", "device", "email", "address", "legal_representative",
           "person", "text")  # fmt: skip
_MOST_SENTENCES = 2  # of rules, in one reason
_REFERENCES = re.compile(r"\[E[^\]]*\]")
_CODES = re.compile(
    r"(?<![0-9A-Za-z_])(" + "|".join(sorted(SERVICES, key=len, reverse=True)) + r")(?![0-9A-Za-z_])"
)
_PERCENT = re.compile(r"(?<=\d) %")
_EVIDENCE = (
    (re.compile(r"^report texts of claims (.*?)(?: \| word for word)?$"), "申请 {} 的成果说明"),
    (re.compile(r"^claims of the same title by (\d+) enterprises$"), "{} 家企业同名服务的申请"),
    (re.compile(r"^claims? (.*)$"), "申请 {}"), (re.compile(r"^payments? (.*)$"), "付款 {}"),
    (re.compile(r"^invoices? (.*)$"), "发票 {}"), (re.compile(r"^contracts? (.*)$"), "合同 {}"),
    (re.compile(r"^vouchers? (.*)$"), "创新券 {}"), (re.compile(r"^enterprises? (.*)$"), "企业 {}"),
    (re.compile(r"^institutions? (.*)$"), "机构 {}"), (re.compile(r"^persons? (.*)$"), "人员 {}"),
    (re.compile(r"^deliverables? (.*)$"), "成果 {}"),
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One fact about a claim, in Chinese and English.

    ``weight``: log-odds it adds to the score (negative: takes away); ``share``: its part of the
    weightiest reason, 0 to 1, for a bar. ``evidence`` names the rows that show it, ``ask`` the
    documents that would settle it; both may be empty.
    """

    fact: str
    sentence_zh: str
    sentence_en: str
    evidence_zh: str
    evidence_en: str
    weight: float
    share: float = 0.0

    @property
    def title(self) -> Pair:
        return FACTS[self.fact].title[:2]

    @property
    def ask(self) -> Pair:
        return FACTS[self.fact].ask[:2]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, without the weight: a program that shows reasons needs no log-odds."""
        (title_zh, title_en), (ask_zh, ask_en) = self.title, self.ask
        return {
            "fact": self.fact, "title_zh": title_zh, "title_en": title_en,
            "sentence_zh": self.sentence_zh, "sentence_en": self.sentence_en,
            "evidence_zh": self.evidence_zh, "evidence_en": self.evidence_en,
            "ask_zh": ask_zh, "ask_en": ask_en, "share": round(self.share, 4),
        }  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """``raises``: at most five, weightiest first; ``lowers``: likewise; ``folded``: further ones."""

    raises: tuple[Finding, ...]
    lowers: tuple[Finding, ...]
    folded: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Plain values: ``raises`` and ``lowers`` as lists, ``folded`` as a number."""
        return {
            "raises": [one.as_dict() for one in self.raises],
            "lowers": [one.as_dict() for one in self.lowers], "folded": self.folded,
        }  # fmt: skip


def findings(
    reasons: Sequence[Row], hits: Sequence[Row], price: Row | None = None, ring: Row | None = None
) -> Findings:
    """The reasons of one claim.

    ``reasons``: its EXPLANATIONS. ``hits``: its RULE_RESULTS that hit, with the ``severity`` of the
    rule where a programme gives it another than the catalogue. ``price``: its PRICE_RESULTS. ``ring``: the RINGS row of its ring, with ``kinds``,
    the words (Chinese, English) of what its members share, where known.
    """
    known_hits = [{**h, "severity": _severity(h)} for h in hits]
    weighed = [h for h in known_hits if h["severity"] != "info" and h["rule_code"] not in UNWEIGHED]
    weights, features = _weights(reasons, weighed)
    known = [
        finding
        for fact, weight in weights.items()
        if abs(weight) >= LEAST_WEIGHT
        and (finding := _finding(fact, weight, features[fact], weighed, price, ring)) is not None
    ]
    known.sort(key=lambda f: (-abs(f.weight), f.fact))
    raises, lowers = ([f for f in known if (f.weight > 0) is up] for up in (True, False))
    return Findings(
        _first(raises),
        _first(lowers),
        max(0, len(raises) - MOST_REASONS) + max(0, len(lowers) - MOST_REASONS),
    )


def _severity(hit: Row) -> str:
    code = str(hit["rule_code"])
    return str(
        hit.get("severity") or _SEVERITIES.get(code, "hard" if code.startswith("L") else "weak")
    )


def _first(ordered: list[Finding]) -> tuple[Finding, ...]:
    most = max((abs(f.weight) for f in ordered), default=1.0)
    return tuple(replace(f, share=abs(f.weight) / most) for f in ordered[:MOST_REASONS])


def _weights(
    reasons: Sequence[Row], hits: Sequence[Row]
) -> tuple[dict[str, float], dict[str, list[Row]]]:
    """(weight, features) by fact; what sums hits up is shared out among the facts that hit."""
    weights: dict[str, float] = defaultdict(float)
    features: dict[str, list[Row]] = defaultdict(list)
    for row in reasons:
        name = row["feature"]
        if name == "base" or name.endswith("_rest"):
            continue
        facts = _facts_of(row, hits)
        for fact in facts:
            weights[fact] += row["contribution"] / len(facts)
        features[facts[0]].append(row)
    return weights, features


def _facts_of(row: Row, hits: Sequence[Row]) -> list[str]:
    name = row["feature"]
    if name in RULE_OF_FLAG:
        return [fact_of_rule(RULE_OF_FLAG[name]) if row["value"] else "no_flags"]
    if name in SUMMARIES:
        facts = {fact_of_rule(h["rule_code"]) for h in hits if h["severity"] in SUMMARIES[name]}
        return sorted(facts) or ["no_flags"]
    return [fact_of_feature(name, row["group"])]


def _finding(
    fact: str, weight: float, features: Sequence[Row], hits: Sequence[Row], price: Row | None,
    ring: Row | None,
) -> Finding | None:  # fmt: skip
    """The finding in words; None where nothing that a person could check stands behind it."""
    own = [h for h in hits if fact_of_rule(h["rule_code"]) == fact] if weight > 0 else []
    words = (
        _of_hits(own) or _of_ring(fact, ring) or _of_price(fact, price)
        or _of_features(features, weight) or _of_title(fact)
    )  # fmt: skip
    if words is None:
        return None
    shown = [evidence(h["evidence"]) for h in own if h["evidence"]][:_MOST_SENTENCES]
    zh, en = ("；".join(e[0] for e in shown), "; ".join(e[1] for e in shown))
    return Finding(fact, *words, zh, en, weight)


def _of_hits(hits: Sequence[Row]) -> Pair | None:
    pairs = [
        (plain(h["sentence_zh"], 0), plain(h["sentence_en"], 1)) for h in hits if h["sentence_zh"]
    ][:_MOST_SENTENCES]
    return ("；".join(zh for zh, _ in pairs), "; ".join(en for _, en in pairs)) if pairs else None


def _of_ring(fact: str, ring: Row | None) -> Pair | None:
    if fact != "ring" or ring is None:
        return None
    kinds = ring.get("kinds") or ()
    shared_zh = f"，共用{'、'.join(zh for zh, _ in kinds)}" if kinds else ""
    shared_en = f", sharing {', '.join(en for _, en in kinds)}" if kinds else ""
    buyers, sellers, claims = ring["n_enterprises"], ring["n_institutions"], ring["n_claims"]
    return (
        f"{buyers}家企业与{sellers}家机构往来密集：{claims}件申请，合计{ring['amount']:,.2f}元{shared_zh}",
        f"{buyers} enterprises deal closely with {sellers} institution{'s'[: sellers > 1]}: {claims} claims, "
        f"{ring['amount']:,.2f} yuan in all{shared_en}",
    )


def _of_price(fact: str, price: Row | None) -> Pair | None:
    if fact != "price" or price is None or price["outcome"] != "scored":
        return None
    values = [price[n] for n in ("unit_price", "market_mid", "market_low", "market_high")]
    if any(v is None for v in values) or price["price_ratio"] is None:
        return None
    own, mid, low, high = (f"{Decimal(v):,.0f}" for v in values)  # pages hold money as exact text
    ratio = f"{price['price_ratio']:.2f}"
    return (
        f"单价{own}元，为同类中位价{mid}元的{ratio}倍（市场价{low}–{high}元）",
        f"{own} yuan a unit, {ratio} times the median of its kind, {mid} (market {low} to {high})",
    )


def _of_features(features: Sequence[Row], weight: float) -> Pair | None:
    """What the weightiest of the features that point the same way says."""
    same = [row for row in features if (row["contribution"] > 0) == (weight > 0)]
    for row in sorted(same, key=lambda r: -abs(r["contribution"])):
        pair = sentence(dict(row))
        if pair is not None:
            return pair
    return None


def _of_title(fact: str) -> Pair | None:
    return FACTS[fact].title[:2] if fact in ("ring", "overall", "no_flags") else None


def rings_of(ringset: RingSet, claim_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """claim id -> the RINGS row of its ring with ``kinds``; of several rings the strongest."""
    wanted = pa.array(list(claim_ids), pa.string())
    ring_claims = ringset.claims.filter(pc.is_in(ringset.claims["claim_id"], wanted)).to_pylist()
    ids = pa.array(sorted({row["ring_id"] for row in ring_claims}), pa.string())
    rows = {
        r["ring_id"]: r
        for r in ringset.rings.filter(pc.is_in(ringset.rings["ring_id"], ids)).to_pylist()
    }
    kinds: dict[str, set[str]] = defaultdict(set)
    shown = ringset.evidence.filter(pc.is_in(ringset.evidence["ring_id"], ids)).select(
        ["ring_id", "kind"]
    )
    for row in shown.to_pylist():
        kinds[row["ring_id"]].add(row["kind"])
    strongest: dict[str, dict[str, Any]] = {}
    for row in sorted(ring_claims, key=lambda r: (rows[r["ring_id"]]["score"], r["ring_id"])):
        ring = rows[row["ring_id"]]
        strongest[row["claim_id"]] = {**ring, "kinds": shared_kinds(kinds[row["ring_id"]])}
    return strongest


def shared_kinds(kinds: Iterable[str]) -> tuple[Pair, ...]:
    """What the members of a ring share, in words, from the kinds of its evidence."""
    present = set(kinds)
    return tuple(TIE_KINDS[kind][:2] for kind in _SHARED if kind in present and kind in TIE_KINDS)


def plain(text: str | None, at: int) -> str:
    """A sentence of a rule or ring without codes and references; ``at``: 0 Chinese, 1 English.

    >>> plain("研发人员0人，却申请technology_development，占100 %[E1–E3]", 0)
    '研发人员0人，却申请技术开发，占100%'
    """
    cleaned = _REFERENCES.sub("", text or "")
    cleaned = _CODES.sub(lambda m: SERVICES[m[1]][at], cleaned)
    return _PERCENT.sub("%", cleaned)


def evidence(text: str) -> Pair:
    """Where a hit is shown, in Chinese and English.

    >>> evidence("claims C1; C2")
    ('申请 C1、C2', 'claims C1; C2')
    """
    for pattern, form in _EVIDENCE:
        fits = pattern.match(text)
        if fits:
            return form.format("、".join(part.strip() for part in fits[1].split(";"))), text
    return text, text
