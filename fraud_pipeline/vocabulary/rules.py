"""Rules: how serious, what they answer; programme packs: how a value stands and is counted."""

from __future__ import annotations

from fraud_pipeline.vocabulary.term import Term

SEVERITIES: dict[str, Term] = {
    "hard": Term("硬性", "hard", "按制度不应支付。", "By the rule the money is not due."),
    "strong": Term("强", "strong", "强疑点。", "A strong lead."),
    "weak": Term("弱", "weak", "弱疑点。", "A weak lead."),
    "info": Term("提示", "note", "仅说明，不计分。", "Described, never scored."),
}
OUTCOMES: dict[str, Term] = {
    "hit": Term("命中", "hit"),
    "pass": Term("通过", "pass"),
    "not_applicable": Term("不适用", "not applicable", "缺少资料，不等于通过。",
                           "For want of data; not the same as passed."),
    "error": Term("未能判断", "error"),
}  # fmt: skip
ENTRY_STATUSES: dict[str, Term] = {
    "published": Term("已公布", "published"),
    "unlimited": Term("明文不设限", "no such limit"),
    "contradicted": Term("来源矛盾", "sources disagree"),
    "unknown": Term("未见公布", "not known"),
}
WINDOW_KINDS: dict[str, Term] = {
    "rolling": Term("滚动周期", "rolling"),
    "calendar_year": Term("自然年", "calendar year"),
    "fixed": Term("固定周期", "fixed"),
    "lifetime": Term("全程", "lifetime"),
}
CAP_BASES: dict[str, Term] = {
    "received": Term("领取的券", "received"),
    "claimed": Term("申请的补助", "claimed"),
}
