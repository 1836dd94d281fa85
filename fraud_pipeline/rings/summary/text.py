"""The summary of a ring in Chinese and English, under 120 words; every number names its evidence rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fraud_pipeline.rings.summary.evidence_rows import EvidenceRows
from fraud_pipeline.rings.summary.ring_facts import RingFacts
from fraud_pipeline.rings.summary.sentences import count
from fraud_pipeline.vocabulary.rings import MARKED, SHARED, TIE_KINDS

_MOST_KINDS = 4
_ORDINARY = 0.5  # p-value from which on the pattern of trade itself is nothing unusual


def summarise(
    ring_facts: RingFacts, n_null_samples: int, evidence: EvidenceRows
) -> tuple[str, str]:
    """(Chinese, English). ``worlds`` is the number of null samples behind the p-value.

    ``[E4–E7]`` points to the rows of the ring's evidence whose sentences begin so.
    """
    inside = sum(n for key, n in ring_facts.edges_inside.items() if key.startswith("enterprise:"))
    total = sum(n for key, n in ring_facts.edges_total.items() if key.startswith("enterprise:"))
    others = sum(
        ring_facts.edges_total[f"institution:{i}"] - ring_facts.edges_inside[f"institution:{i}"]
        for i in ring_facts.institutions
    )
    numbers = {
        "enterprises": len(ring_facts.enterprises),
        "institutions": len(ring_facts.institutions),
        "claims": len(ring_facts.claims),
        "amount": f"{ring_facts.amount:,.2f}",
        "first": ring_facts.first_on,
        "last": ring_facts.last_on,
        "inside": inside,
        "elsewhere": total - inside,
        "others": others,
        "worlds": n_null_samples,
        "p": f"{ring_facts.chosen.p_value:.3g}",
        "beyond": ring_facts.chosen.p_value * (1 + n_null_samples) < 1.0 - 1e-9,
        "ordinary": ring_facts.chosen.p_value > _ORDINARY,
        "core": sum(f in ring_facts.core for f in ring_facts.enterprises),
        "set_aside": len(evidence.places.get("set_aside", ())),
    }
    shared = _shared(ring_facts)
    paid_back = [t for t in ring_facts.ties if t["kind"] == "money_back"]
    return (
        _zh(numbers, shared, paid_back, ring_facts.marked, evidence),
        _en(numbers, shared, paid_back, ring_facts.marked, evidence),
    )


def _shared(ring_facts: RingFacts) -> list[tuple[str, str, int]]:
    """(kind, the one value all of them share or nothing, enterprises), most enterprises first."""
    shared = []
    for kind in SHARED:
        enterprises = ring_facts.enterprises_tied_by(kind)
        if enterprises:
            values = {t["detail"] for t in ring_facts.ties if t["kind"] == kind and t["weight"] > 0}
            shared.append((kind, values.pop() if kind == "agent" and len(values) == 1 else "",
                         len(enterprises)))  # fmt: skip
    return sorted(shared, key=lambda s: -s[2])[:_MOST_KINDS]


def _zh(
    n: dict[str, Any], shared: list[tuple[str, str, int]], back: list[Any],
    marked: Mapping[str, tuple[str, ...]], e: EvidenceRows,
) -> str:  # fmt: skip
    parts = [
        f"{n['enterprises']}家企业在{n['first']}至{n['last']}间向{n['institutions']}家机构"
        f"提交{n['claims']}笔申请，合计{n['amount']}元{e.mark('claim')}。"
    ]
    if shared:
        phrases = (f"{SHARED[k].zh}{value}（{m}家）{e.mark(k)}" for k, value, m in shared)
        parts.append("共用：" + "、".join(phrases) + "。")
    if back:
        money = sum(t["amount"] for t in back)
        parts.append(f"机构向其中企业回款{len(back)}对，{money:,.2f}元{e.mark('money_back')}。")
    if n["core"] < n["enterprises"]:
        parts.append(f"仅其中{n['core']}家即足以成立{e.mark('core')}。")
    if e.mark(*MARKED):
        phrases = (
            f"{TIE_KINDS[k].zh}（{len(enterprises)}家）{e.mark(k)}"
            for k, enterprises in marked.items()
        )
        parts.append("另有：" + "、".join(phrases) + "。")
    parts.append(f"这些企业的交易对{n['inside']}个在此{e.mark('claim')}")
    parts.append(f"，{n['elsewhere']}个在别处{e.mark('elsewhere')}。" if n["elsewhere"] else "。")
    if n["ordinary"] and (shared or marked):
        parts.append(f"往来结构本身并不异常（p＝{n['p']}{e.mark('chance')}），因其他证据列出。")
    else:
        parts.append(
            f"保持各方业务量、季节与地区随机重排{n['worlds']}次"
            f"{'无一达到，按上界推算' if n['beyond'] else '，'}p＝{n['p']}{e.mark('chance')}。"
            if n["worlds"]
            else f"随机出现的概率上界p＝{n['p']}{e.mark('chance')}。"
        )
    others = f"另有{n['others']}个客户{e.mark('other_clients')}" if n["others"] else "无其他客户"
    parts.append(f"已权衡：机构{others}，知名度与长期客户不计分")
    parts.append(
        f"；{n['set_aside']}条由孵化器、高校或集团解释的关联不计{e.mark('set_aside')}。"
        if n["set_aside"]
        else "。"
    )
    return "".join([*parts, "此为疑点，需核实。"])


def _en(
    n: dict[str, Any], shared: list[tuple[str, str, int]], back: list[Any],
    marked: Mapping[str, tuple[str, ...]], e: EvidenceRows,
) -> str:  # fmt: skip
    parts = [
        f"{count(n['enterprises'], 'enterprise')} filed {count(n['claims'], 'claim')} for "
        f"{n['amount']} yuan with {count(n['institutions'], 'institution')} "
        f"from {n['first']} to {n['last']}{e.mark('claim')}."
    ]
    if shared:
        phrases = (
            f"{SHARED[k].en}{' ' + value if value else ''} ({m} firms){e.mark(k)}"
            for k, value, m in shared
        )
        parts.append("Shared: " + ", ".join(phrases) + ".")
    if back:
        money = sum(t["amount"] for t in back)
        parts.append(
            f"Money came back in {count(len(back), 'pair')}: {money:,.2f} yuan"
            f"{e.mark('money_back')}."
        )
    if n["core"] < n["enterprises"]:
        parts.append(f"{n['core']} of the firms alone would convince{e.mark('core')}.")
    if e.mark(*MARKED):
        phrases = (
            f"{TIE_KINDS[k].en} ({len(enterprises)}){e.mark(k)}"
            for k, enterprises in marked.items()
        )
        parts.append("Also: " + ", ".join(phrases) + ".")
    parts.append(f"Of the firms' dealings {n['inside']:,} lie here{e.mark('claim')}")
    parts.append(
        f"and {n['elsewhere']:,} elsewhere{e.mark('elsewhere')}."
        if n["elsewhere"]
        else "and none elsewhere."
    )
    if n["ordinary"] and (shared or marked):
        parts.append(
            f"The pattern of trade by itself is ordinary (p = {n['p']}{e.mark('chance')}); shown for "
            "the other evidence."
        )
    else:
        parts.append(_compared(n, e))
    others = f"{count(n['others'], 'other client')}{e.mark('other_clients')}"
    parts.append(
        f"Weighed: the institutions have {others if n['others'] else 'no other client'}; "
        "popularity and loyal repetition earn nothing."
    )
    if n["set_aside"]:
        parts.append(
            f"Set aside as explained: {count(n['set_aside'], 'tie')}{e.mark('set_aside')}."
        )
    return " ".join([*parts, "A lead to check."])


def _compared(n: dict[str, Any], e: EvidenceRows) -> str:
    if not n["worlds"]:
        return f"By chance at most p = {n['p']}{e.mark('chance')}."
    if n["beyond"]:
        return (
            f"None of {n['worlds']} worlds reshuffled with every party's volume, season and region "
            f"kept reaches this; the bound beyond them: p = {n['p']}{e.mark('chance')}."
        )
    return (
        f"Against {n['worlds']} worlds reshuffled with every party's volume, season and region "
        f"kept: p = {n['p']}{e.mark('chance')}."
    )
