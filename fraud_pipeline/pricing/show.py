"""One claim's price as text: verdict, market on a line, comparables and why they are similar."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from fraud_pipeline.pricing.wording import sentence
from fraud_pipeline.vocabulary.services import SERVICES
from fraud_pipeline.vocabulary.term import label

LISTED_Q = 0.1
WIDTH = 60  # characters of the strip
Row = Mapping[str, Any]

_WORDS = {
    "head": ("申请 {claim}：{service}，{quantity:g} {unit}，单价 {price} 元",
             "Claim {claim}: {service}, {quantity:g} {unit}, {price} yuan a unit"),
    "market": ("市场价 {low}–{high} 元，中位 {mid} 元；本单为 {ratio:.2f} 倍",
               "Market {low} to {high} yuan, middle {mid}; this claim {ratio:.2f} times"),
    "chance": ("诚实申请中价格这么高或更高的约占 {p}；本批错误发现率 q = {q:.3f}",
               "About {p} of honest claims would be as high or higher; q = {q:.3f} in this batch"),
    "queue": ("价格为市场价的 {ratio:.1f} 倍，相差过大：请先核对数量、计量单位和是否拆分合同。",
              "{ratio:.1f} times the market is too far apart for a price: check the quantity, the unit "
              "and whether a contract was split first."),
    "excess": ("超出市场中位部分：{excess} 元", "Above the market's middle: {excess} yuan"),
    "lead": ("疑点：价格明显高于市场，请核对。", "A lead: clearly above the market; please check."),
    "usual": ("价格不构成疑点。", "The price is no lead."),
    "none": ("价格未判断：{reason}", "Price not judged: {reason}"),
    "others": ("可比申请（由近到远）：", "Comparable claims, nearest first:"),
    "legend": ("| 可比  [ ] 市场区间  + 中位  ● 本单（对数刻度）",
               "| comparable  [ ] market  + middle  ● this claim (log scale)"),
    "patterns": ("与本单有关的价格规律：", "Habits of price this claim is part of:"),
    "ask": ("{service}，{quantity:g} {unit}：市场单价 {low}–{high} 元，中位 {mid} 元；合计 {total_low}–"
            "{total_high} 元，中位 {total} 元", "{service}, {quantity:g} {unit}: {low} to {high} yuan a "
            "unit, middle {mid}; together {total_low} to {total_high}, middle {total} yuan"),
    "asked": ("{price} 元/{unit} 为市场中位的 {ratio:.2f} 倍；诚实申请中这么高或更高的约占 {p}",
              "{price} yuan a unit is {ratio:.2f} times the middle; about {p} of honest claims "
              "would be as high or higher"),
}  # fmt: skip
_WHY = {
    "title": ("名称相同", "same title"), "category": ("同类机构", "same kind of institution"),
    "region": ("同地区", "same region"), "quantity": ("数量相近", "similar quantity"),
    "recent": ("近期", "recent"), "service": ("同类服务", "same service"),
}  # fmt: skip


def claim_text(
    verdict: Row, claim: Row, comparables: Sequence[Row], sentences: Sequence[str], language: str
) -> str:
    """The page of one claim, zh or en.

    ``verdict`` is a row of PRICE_RESULTS, ``claim`` and ``comparables`` rows with claim_id,
    service_type, unit, quantity, service_title, submitted_on, unit_price, region, category;
    ``sentences`` of patterns the claim is part of, in the language asked for.
    """
    say = _speaker(language)
    if verdict["outcome"] != "scored":
        return say("none", reason=sentence(verdict, "reason", language) or "")
    lines = [
        say("head", claim=verdict["claim_id"], service=_service(claim["service_type"], language),
            quantity=claim["quantity"] or 1, unit=claim["unit"] or "项",
            price=_yuan(verdict["unit_price"])),
        say("market", **_band(verdict), ratio=verdict["price_ratio"]),
    ]  # fmt: skip
    if verdict["q_value"] is None:
        lines.append(say("queue", ratio=verdict["price_ratio"]))
    else:
        lines.append(say("chance", p=_share(verdict["p_value"]), q=verdict["q_value"]))
    if verdict["excess_amount"]:
        lines.append(say("excess", excess=_yuan(verdict["excess_amount"])))
    if verdict.get(f"institution_{language}"):
        stop = "。" if language == "zh" else "."
        lines.append(verdict[f"institution_{language}"] + stop)
    if verdict["q_value"] is not None:
        lines.append(say("lead" if verdict["q_value"] <= LISTED_Q else "usual"))
    prices = [float(c["unit_price"]) for c in comparables if c["unit_price"]]
    lines += ["", strip(verdict, prices), say("legend"), "", say("others")]
    lines += [f"  {_comparable(c, claim, language)}" for c in comparables]
    if sentences:
        lines += ["", say("patterns"), *(f"  {s}" for s in sentences)]
    return "\n".join(lines)


def answer_text(answer: Row, prices: Sequence[float], language: str) -> str:
    """The market of a service thought of, zh or en; ``answer`` from ``what_if``."""
    say = _speaker(language)
    if answer["outcome"] != "scored":
        return say("none", reason=sentence(answer, "reason", language) or "")
    many = Decimal(str(answer["quantity"]))
    totals = {f"total_{k}": _yuan(answer[f"market_{k}"] * many) for k in ("low", "high")}
    unit = answer["unit"] or "项"
    lines = [say("ask", service=_service(answer["service_type"], language), unit=unit,
                 quantity=answer["quantity"], total=_yuan(answer["market_mid"] * many),
                 **_band(answer), **totals)]  # fmt: skip
    if answer["unit_price"] is not None:
        lines.append(say("asked", price=_yuan(answer["unit_price"]), unit=unit,
                         ratio=answer["price_ratio"], p=_share(answer["p_value"])))  # fmt: skip
    return "\n".join([*lines, "", strip(answer, prices), say("legend")])


def strip(verdict: Row, prices: Sequence[float], width: int = WIDTH) -> str:
    """The market on a line of ``width`` characters, log scale, with its ends in yuan.

    >>> strip({"market_low": 100, "market_mid": 200, "market_high": 400, "unit_price": 400},
    ...       [100, 200], width=9)
    '100 [---+---● 400'
    """
    marks = [float(verdict[f"market_{k}"]) for k in ("low", "mid", "high")]
    own_price = [float(verdict["unit_price"])] if verdict["unit_price"] else []
    every = [v for v in (*marks, *own_price, *prices) if v > 0]
    first, last = min(every), max(every)
    reach = math.log(last / first) or 1.0

    def at(value: float) -> int:
        return round(math.log(value / first) / reach * (width - 1))

    line = [" "] * width
    low, mid, high = (at(v) for v in marks)
    line[low : high + 1] = ["-"] * (high + 1 - low)
    for value in prices:
        line[at(value)] = "|"
    line[low], line[high], line[mid] = "[", "]", "+"
    for value in own_price:
        line[at(value)] = "●"
    return f"{_yuan(first)} {''.join(line)} {_yuan(last)}"


def reasons_similar(other: Row, claim: Row) -> list[str]:
    """Why a comparable is one: keys of what it has in common with the claim."""
    common = []
    if other["service_title"] and other["service_title"] == claim["service_title"]:
        common.append("title")
    common += [k for k in ("category", "region") if other[k] and other[k] == claim[k]]
    own_quantity, other_quantity = claim["quantity"] or 1.0, other["quantity"] or 1.0
    if 0.5 <= other_quantity / own_quantity <= 2.0:
        common.append("quantity")
    if (claim["submitted_on"] - other["submitted_on"]).days <= 183:
        common.append("recent")
    return common or ["service"]


def _comparable(other: Row, claim: Row, language: str) -> str:
    why = [_WHY[key][language == "en"] for key in reasons_similar(other, claim)]
    comma = ", " if language == "en" else "、"
    return (
        f"{other['claim_id']}  {other['submitted_on']}  {_yuan(other['unit_price']):>10}  "
        f"×{other['quantity'] or 1:g}  {other['service_title'] or ''}  ({comma.join(why)})"
    )


def _speaker(language: str) -> Any:
    def say(key: str, **values: Any) -> str:
        return str(_WORDS[key][language == "en"].format(**values))

    return say


def _band(row: Row) -> dict[str, str]:
    return {k: _yuan(row[f"market_{k}"]) for k in ("low", "mid", "high")}


def _service(code: str, language: str) -> str:
    return label(SERVICES, code, language)


def _yuan(amount: Any) -> str:
    return f"{amount:,.0f}"


def _share(p_value: float) -> str:
    return "<0.1%" if p_value < 0.001 else f"{p_value:.1%}"
