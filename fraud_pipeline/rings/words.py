"""One tie or fact in a sentence, Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

KINDS = {
    "person": ("股东或任职人员", "a person behind them"),
    "legal_representative": ("法定代表人", "legal representative"),
    "bank_account": ("账号", "bank account"),
    "phone": ("电话", "phone"),
    "email": ("邮箱", "e-mail"),
    "device": ("设备", "device"),
    "agent": ("代办机构", "agent"),
    "address": ("地址", "address"),
    "text": ("文本", "text"),
    "group": ("控股公司", "majority holder"),
    "tenancy": ("场地", "premises"),
}
# What kinds of tie, and of facts that are no ties, are called where one word must do.
TIE_KINDS = {
    "claim": ("申请往来", "claims"), "tenancy": ("入孵", "tenancy"),
    "money_back": ("资金回流", "money back"), "payment": ("付款", "payments"), "group": ("同一集团", "group of companies"),
    "text": ("文本", "text"), "phone": ("电话", "phone"), "email": ("邮箱", "e-mail"),
    "bank_account": ("账号", "account"), "device": ("设备", "device"),
    "address": ("地址", "address"), "agent": ("代办", "agent"),
    "legal_representative": ("法定代表人", "legal representative"), "person": ("人员", "person"),
    "elsewhere": ("他处往来", "dealings elsewhere"), "other_clients": ("其他客户", "other clients"),
    "chance": ("随机对照", "compared with chance"), "judgement": ("人工判断", "judgement"),
}  # fmt: skip
_REASONS = {
    "own_incubator": ("企业在该孵化器内", "the firm sits in that incubator"),
    "fellow_tenants": ("同一孵化器的入驻企业", "tenants of one incubator"),
    "spin_off": ("高校院所衍生企业", "a spin-off of a university or institute"),
    "own_group": ("同一集团，公开登记", "one group of companies, openly registered"),
}
_REASON = re.compile(r"\s*\[(\w+)\]$")


def count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _when(row: Mapping[str, Any], to: str, around: str) -> str:
    """The day or days of a dealing or of payments, where they are known."""
    first, last = row.get("known_on"), row.get("last_on")
    if first is None:
        return ""
    return around.format(first if last in (None, first) else f"{first}{to}{last}")


def tie(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, str]:
    """A tie that counts."""
    left = names.get(row["left_id"], row["left_id"])
    right = names.get(row["right_id"], row["right_id"])
    kind = row["kind"]
    if kind == "claim":
        return (
            f"{left}向{right}提交{row['n_claims']}笔申请，{row['amount']:,.2f}元{_when(row, '至', '（{}）')}",
            f"{left} filed {count(row['n_claims'], 'claim')} with {right}, "
            f"{row['amount']:,.2f} yuan{_when(row, ' to ', ' ({})')}",
        )
    if kind == "money_back":
        return (
            f"{right}向{left}付款{row['n_claims']}笔，{row['amount']:,.2f}元{_when(row, '至', '（{}起）')}",
            f"{right} paid {left} {count(row['n_claims'], 'time')}, {row['amount']:,.2f} yuan"
            f"{_when(row, ' to ', ' (from {})')}",
        )
    if kind == "payment":
        return (
            f"{left}向{right}付款{row['n_claims']}笔，{row['amount']:,.2f}元{_when(row, '至', '（{}起）')}",
            f"{left} paid {right} {count(row['n_claims'], 'time')}, {row['amount']:,.2f} yuan"
            f"{_when(row, ' to ', ' (from {})')}",
        )
    if kind == "text":
        return (
            f"{left}与{right}的材料文本重合度{row['detail']}",
            f"papers of {left} and {right} overlap by {row['detail']}",
        )
    zh, en = KINDS[kind]
    detail, n = row["detail"], row["n_sharing"]
    return (
        f"{left}与{right}共用{zh}{detail}（全部数据中{n}方使用）",
        f"{left} and {right} share {en} {detail} ({n} parties use it)",
    )


def explained(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, str]:
    """A tie that was weighed and set aside, with the innocent reason."""
    left = names.get(row["left_id"], row["left_id"])
    right = names.get(row["right_id"], row["right_id"])
    if row["kind"] == "tenancy":
        return (
            f"{left}入驻{right}，在此采购不计",
            f"{left} sits in {right}; that it buys there does not count",
        )
    detail = str(row["detail"] or "")
    found = _REASON.search(detail)
    code = found.group(1) if found else "own_group" if row["kind"] == "group" else ""
    zh, en = _REASONS.get(code, ("另有合理解释", "explained otherwise"))
    kind_zh, kind_en = KINDS[row["kind"]]
    return (
        f"{left}与{right}共用{kind_zh}，{zh}，不计",
        f"{left} and {right} share {kind_en}: {en}, not counted",
    )


def fact(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, str]:
    """A fact about one party, or the comparison with chance."""
    party, n = names.get(row["left_id"], row["left_id"]), row["n"]
    if row["kind"] == "elsewhere":
        return f"{party}另与{n}家其他机构交易", f"{party} also deals with {count(n, 'institution')}"
    if row["kind"] == "other_clients":
        return f"{party}另有{n}个其他客户", f"{party} has {count(n, 'other client')}"
    p = f"{row['p']:.3g}"
    if not n:
        return (
            f"按编码长度的上界，随机出现的概率不超过{p}",
            f"by the union bound over all sets chance gives this with p at most {p}",
        )
    return (
        f"{n}次随机重排：各方每季业务量、地区与全部关联不变，只重新分配谁去哪家机构；p＝{p}",
        f"{n:,} worlds that keep every party's dealings by season and region and every tie, and "
        f"deal out anew who went where: p = {p}",
    )


def judgement(one: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, str]:
    """What a person judged about a member, and whether something newer overrides it."""
    party, day, since = names.get(one["left_id"], one["left_id"]), one["day"], one["since"]
    if one["action"] == "add":
        return f"{party}经{day}人工判断列入", f"{party} was put in by a judgement of {day}"
    if since is None:
        return (
            f"{party}经{day}人工判断移出，此后无新证据",
            f"{party} was taken out by a judgement of {day}; nothing newer ties it",
        )
    return (
        f"{party}经{day}人工判断移出，{since}有新证据，重新列入",
        f"{party} was taken out by a judgement of {day} and is back for evidence of {since}",
    )
