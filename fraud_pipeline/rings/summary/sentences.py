"""One tie or fact in a sentence, Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fraud_pipeline.vocabulary.rings import INNOCENT_REASONS, MARKED, SHARED
from fraud_pipeline.vocabulary.term import Term

_REASON = re.compile(r"\s*\[(\w+)\]$")


def count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _when(row: Mapping[str, Any], to: str, around: str) -> str:
    """The day or days of an edge or of payments, where they are known."""
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
    zh, en = SHARED[kind][:2]
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
    reason = _REASON.search(detail)
    code = reason.group(1) if reason else "own_group" if row["kind"] == "group" else ""
    zh, en = INNOCENT_REASONS.get(code, Term("另有合理解释", "explained otherwise"))[:2]
    kind_zh, kind_en = SHARED[row["kind"]][:2]
    return (
        f"{left}与{right}共用{kind_zh}，{zh}，不计",
        f"{left} and {right} share {kind_en}: {en}, not counted",
    )


def fact(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, str]:
    """A fact about one party or several, or the comparison with chance."""
    party, n = names.get(row["left_id"], row["left_id"]), row["n"]
    if row["kind"] in MARKED:
        zh, en = MARKED[row["kind"]][:2]
        of = row["enterprises"]
        return f"{of}家企业中{n}家{zh}", f"{n} of {of} enterprises {en}"
    if row["kind"] == "elsewhere":
        return f"{party}另与{n}家其他机构交易", f"{party} also deals with {count(n, 'institution')}"
    if row["kind"] == "other_clients":
        return f"{party}另有{n}个其他客户", f"{party} has {count(n, 'other client')}"
    p = f"{row['p']:.3g}"
    if n and row["p"] * (1 + n) < 1.0 - 1e-9:
        return (
            f"{n}次随机重排（各方每季业务量、地区与全部关联不变，只重新分配谁去哪家机构）中无一达到，"
            f"即p不超过{1 / (1 + n):.3g}；超出部分按并集上界推算，p＝{p}",
            f"none of {n:,} null samples that keep every party's dealings by season and region and every "
            f"tie reaches this, so p is at most {1 / (1 + n):.3g}; beyond them the union bound gives p = {p}",
        )
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
