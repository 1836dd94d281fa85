"""A ring told in Chinese and English, under 120 words, with the numbers of its tables."""

from __future__ import annotations

from typing import Any

from fraud_pipeline.rings.dossier import Dossier

_KINDS = {
    "person": ("股东或任职人员", "a person behind them"),
    "legal_representative": ("法定代表人", "legal representative"),
    "bank_account": ("账号", "bank account"),
    "phone": ("电话", "phone"),
    "email": ("邮箱", "e-mail"),
    "device": ("设备", "device"),
    "agent": ("代办机构", "agent"),
    "address": ("地址", "address"),
    "text": ("文本", "text"),
}


def tell(dossier: Dossier, worlds: int) -> tuple[str, str]:
    """(Chinese, English). ``worlds`` is the number of chance worlds behind the p-value."""
    shared = [
        (zh, en, len(dossier.firms_tied_by(kind)))
        for kind, (zh, en) in _KINDS.items()
        if dossier.firms_tied_by(kind)
    ]
    shared = sorted(shared, key=lambda s: -s[2])[:4]
    paid_back = [t for t in dossier.ties if t["kind"] == "money_back"]
    inside = sum(n for key, n in dossier.dealings_inside.items() if key.startswith("enterprise:"))
    total = sum(n for key, n in dossier.dealings_all.items() if key.startswith("enterprise:"))
    others = sum(
        dossier.dealings_all[f"institution:{i}"] - dossier.dealings_inside[f"institution:{i}"]
        for i in dossier.institutions
    )
    numbers = {
        "firms": len(dossier.firms),
        "institutions": len(dossier.institutions),
        "claims": len(dossier.claims),
        "amount": f"{dossier.amount:,.2f}",
        "first": dossier.first_on,
        "last": dossier.last_on,
        "inside": inside,
        "total": total,
        "others": others,
        "worlds": worlds,
        "p": f"{dossier.chosen.p_value:.3g}",
        "set_aside": sum(t["weight"] == 0 for t in dossier.ties),
    }
    return _zh(numbers, shared, paid_back), _en(numbers, shared, paid_back)


def _zh(n: dict[str, Any], shared: list[Any], paid_back: list[Any]) -> str:
    parts = [
        f"{n['firms']}家企业在{n['first']}至{n['last']}间向{n['institutions']}家机构"
        f"提交{n['claims']}笔申请，合计{n['amount']}元。"
    ]
    if shared:
        parts.append("共用：" + "、".join(f"{zh}（{k}家）" for zh, _, k in shared) + "。")
    if paid_back:
        money = sum(t["amount"] for t in paid_back)
        parts.append(f"机构向其中企业回款{len(paid_back)}对，{money:,.2f}元。")
    parts.append(f"这些企业{n['total']}个交易对中{n['inside']}个落在这些机构。")
    parts.append(
        f"保持各方业务量与季节随机重排{n['worlds']}次，p＝{n['p']}。"
        if n["worlds"]
        else f"随机出现的概率上界p＝{n['p']}。"
    )
    parts.append(f"已权衡：机构另有{n['others']}个其他客户，知名度与长期客户不计分")
    parts.append(f"，{n['set_aside']}条由孵化器或高校解释的关联不计。" if n["set_aside"] else "。")
    return "".join([*parts, "此为疑点，需核实。"])


def _en(n: dict[str, Any], shared: list[Any], paid_back: list[Any]) -> str:
    parts = [
        f"{_count(n['firms'], 'enterprise')} filed {_count(n['claims'], 'claim')} for "
        f"{n['amount']} yuan with {_count(n['institutions'], 'institution')} "
        f"from {n['first']} to {n['last']}."
    ]
    if shared:
        parts.append("Shared: " + ", ".join(f"{en} ({k} firms)" for _, en, k in shared) + ".")
    if paid_back:
        money = sum(t["amount"] for t in paid_back)
        parts.append(f"Money came back in {_count(len(paid_back), 'pair')}: {money:,.2f} yuan.")
    parts.append(f"Of the firms' {_count(n['total'], 'dealing')}, {n['inside']} lie here.")
    parts.append(
        f"Against {n['worlds']} worlds reshuffled with every party's volume and season "
        f"kept: p = {n['p']}."
        if n["worlds"]
        else f"By chance at most p = {n['p']}."
    )
    parts.append(
        f"Weighed: the institutions have {_count(n['others'], 'other client')}; "
        "popularity and loyal repetition earn nothing."
    )
    if n["set_aside"]:
        parts.append(f"Set aside as explained: {_count(n['set_aside'], 'tie')}.")
    return " ".join([*parts, "A lead to check."])


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def sentences(tie: dict[str, Any], names: dict[str, str]) -> tuple[str, str]:
    """One tie in words, Chinese and English."""
    left = names.get(tie["left_id"], tie["left_id"])
    right = names.get(tie["right_id"], tie["right_id"])
    kind, detail = tie["kind"], tie["detail"]
    if kind == "claim":
        return (
            f"{left}向{right}提交{tie['n_claims']}笔申请，{tie['amount']:,.2f}元",
            f"{left} filed {_count(tie['n_claims'], 'claim')} with {right}, "
            f"{tie['amount']:,.2f} yuan",
        )
    if kind == "money_back":
        return (
            f"{right}向{left}付款{tie['n_claims']}笔，{tie['amount']:,.2f}元",
            f"{right} paid {left} {_count(tie['n_claims'], 'time')}, {tie['amount']:,.2f} yuan",
        )
    if kind == "text":
        return (
            f"{left}与{right}的材料文本重合度{detail}",
            f"papers of {left} and {right} overlap by {detail}",
        )
    zh, en = _KINDS[kind]
    n = tie["n_sharing"]
    return (
        f"{left}与{right}共用{zh}{detail}（全部数据中{n}方使用）",
        f"{left} and {right} share {en} {detail} ({n} parties use it)",
    )
