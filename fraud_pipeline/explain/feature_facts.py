"""Which fact a feature or a rule belongs to, and how a feature's value is said in a sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from fraud_pipeline.explain.words import amount
from fraud_pipeline.features.catalogue import FEATURES, FLAGS, Feature, flag_feature
from fraud_pipeline.vocabulary.reason_words import PRICE_TIMES

Row = dict[str, Any]
Pair = tuple[str, str]  # Chinese, English

FACT_OF_RULE: dict[str, str] = {
    "T01": "text", "T02": "capacity", "T03": "voucher", "T04": "price", "T05": "transfer",
    "T06": "capacity", "T07": "goods", "T08": "voucher", "T10": "report", "T11": "documents",
    "T13": "contact", "T14": "money_back", "T15": "shell", "T16": "duplicate", "T17": "splitting",
    "T18": "related", "T19": "timing", "T20": "amount", "T21": "invoice", "T22": "statutory",
    "T23": "account", "T24": "eligibility", "T25": "incubator", "T26": "confirmation",
}  # fmt: skip
_FACTS: dict[str, tuple[str, ...]] = {
    "ring": ("ring_score", "ring_surprise", "ring_strength"),
    "contact": ("enterprise_tie_weight", "agent_claims_30d"),
    "related": ("own_tie_weight",),
    "text": ("text_tie_weight",),
    "duplicate": ("invoice_reused", "report_reused"),
    "price": ("price_log_ratio", "price_surprise", "price_excess_share"),
    "capacity": ("quantity_per_employee", "quantity_per_researcher", "contract_to_revenue", "employees"),
    "shell": ("enterprise_age_days",),
    "money_back": ("money_back_share",),
    "timing": ("days_contract_to_claim", "days_contract_to_invoice", "service_days"),
    "amount": ("same_amount_365d",),
    "invoice": ("invoice_spoiled",),
    "report": ("report_chars", "title_in_report"),
    "confirmation": ("days_service_to_confirmation",),
    "enterprise_history": ("enterprise_past_improper",),
    "institution_history": ("institution_past_improper",),
    "burst": ("institution_burst", "institution_claims_30d", "institution_claims_365d",
              "first_client_share_90d", "institution_clients_90d", "same_day_institution"),
    "activity": ("enterprise_claims_90d", "enterprise_claims_365d", "pair_claims_365d",
                 "pair_share_365d", "same_day_enterprise"),
    "voucher": ("days_to_expiry", "voucher_spent_share", "voucher_share"),
    "size": ("claimed_log",),
    "overall": ("outlyingness",),
}  # fmt: skip
_OF_GROUP = {
    "ring": "ring", "price": "price", "text": "text", "neighbourhood": "neighbours",
    "behaviour": "other", "profile": "other", "rules": "other",
}  # fmt: skip
# Features that sum up the hits of one severity; their weight belongs to the facts that hit.
SUMMARIES: dict[str, tuple[str, ...]] = {
    "hard_hits": ("hard",), "strong_hits": ("strong",), "weak_hits": ("weak",),
    "rule_score": ("hard", "strong", "weak"),
}  # fmt: skip
RULE_OF_FLAG = {flag_feature(code): code for code in FLAGS}
FEATURE: dict[str, Feature] = {f.name: f for f in FEATURES}
_OF_FEATURE = {name: fact for fact, names in _FACTS.items() for name in names}


def fact_of_rule(code: str) -> str:
    """The fact of a red flag; the rules of a programme (L..) are its limits."""
    return FACT_OF_RULE.get(code, "limit" if code.startswith("L") else "other")


def fact_of_feature(name: str, group: str | None) -> str:
    """The fact of a feature that is no flag and no summary of hits."""
    return _OF_FEATURE.get(name) or _OF_GROUP.get(group or "", "other")


def sentence(row: Row) -> Pair | None:
    """What a feature's value says, beside the usual value; None where the value is unknown.

    ``row``: feature, value and peer_value as in EXPLANATIONS. A value that stands for nothing a
    person could check (how rare, how unusual as a whole) has no sentence of its own.
    """
    feature, value, peer = FEATURE.get(row["feature"]), row["value"], row["peer_value"]
    named_elsewhere = row["feature"] in RULE_OF_FLAG  # a rule words its own hit
    if named_elsewhere or feature is None or value is None or math.isnan(value):
        return None
    if feature.unit == "score":
        return None
    special = _SPECIAL.get(feature.name)
    if special is not None:
        return special(value, peer)
    if feature.unit == "flag":
        return (
            f"{feature.zh}：{'有' if value else '无'}",
            f"{feature.en}: {'yes' if value else 'no'}",
        )
    zh, en = (
        f"{feature.zh}：{_value(feature, value, 0)}",
        f"{feature.en}: {_value(feature, value, 1)}",
    )
    if peer is None or math.isnan(peer) or peer == value:
        return zh, en
    return (
        f"{zh}（一般为{_value(feature, peer, 0)}）",
        f"{en} (usually {_value(feature, peer, 1)})",
    )


def _value(feature: Feature, value: float, at: int) -> str:
    text = amount(feature, value, "")
    unit = {"days": ("天", " days"), "ratio": ("", ""), "count": ("", "")}.get(
        feature.unit, ("", "")
    )
    return text + unit[at]


def _price_ratio(value: float, peer: float | None) -> Pair:
    times = f"{math.exp(value):.2f}"
    return PRICE_TIMES.zh.format(times=times), PRICE_TIMES.en.format(times=times)


def _claimed(value: float, peer: float | None) -> Pair:
    zh, en = f"申请金额{math.exp(value):,.0f}元", f"{math.exp(value):,.0f} yuan claimed"
    if peer is None or math.isnan(peer):
        return zh, en
    return f"{zh}（一般为{math.exp(peer):,.0f}元）", f"{en} (usually {math.exp(peer):,.0f})"


_SPECIAL: dict[str, Callable[[float, float | None], Pair]] = {
    "price_log_ratio": _price_ratio, "claimed_log": _claimed,
}  # fmt: skip
