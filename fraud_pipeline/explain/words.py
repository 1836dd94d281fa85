"""How a feature's value, its peers' value and its weight are said in two languages."""

from __future__ import annotations

import math

from fraud_pipeline.records.features import Feature

GROUP_ZH = {
    "rules": "规则",
    "price": "价格",
    "ring": "团伙关联",
    "behaviour": "行为",
    "profile": "主体情况",
}
GROUP_EN = {
    "rules": "rules",
    "price": "price",
    "ring": "ties",
    "behaviour": "behaviour",
    "profile": "profile",
}


def amount(feature: Feature, value: float | None) -> str:
    """A value as people write it; unknown is said, not shown as zero."""
    if value is None or math.isnan(value):
        return "未知 unknown"
    if feature.unit == "share":
        return f"{value:.0%}"
    if feature.unit in ("count", "days", "flag"):
        return f"{value:,.0f}"
    return f"{value:,.2f}"


def plain(
    feature: Feature, value: float | None, peer: float | None, contribution: float
) -> tuple[str, str]:
    """What the feature is, beside its peers, and which way it moves the claim."""
    shown, usual = amount(feature, value), amount(feature, peer)
    zh = f"{feature.zh} {shown}（全体中位 {usual}），{direction_zh(contribution)}"
    en = f"{feature.en}: {shown} (median of all {usual}), {direction_en(contribution)}"
    return zh, en


def cited(said: tuple[str, str], contribution: float) -> tuple[str, str]:
    """A sentence made elsewhere (a rule's, a price's, a ring's), with what it weighs."""
    return (
        f"{said[0]}（{direction_zh(contribution)}）",
        f"{said[1]} ({direction_en(contribution)})",
    )


def rest(group: str, contribution: float) -> tuple[str, str]:
    return (
        f"其余{GROUP_ZH[group]}因素合计，{direction_zh(contribution)}",
        f"all other {GROUP_EN[group]} factors together, {direction_en(contribution)}",
    )


def base(contribution: float) -> tuple[str, str]:
    return (
        f"起点：没有任何证据时的分值 {contribution:+.2f}",
        f"starting point: the score without any evidence, {contribution:+.2f}",
    )


def direction_zh(contribution: float) -> str:
    return f"{'加重' if contribution > 0 else '减轻'}疑点 {contribution:+.2f}"


def direction_en(contribution: float) -> str:
    return f"speaks {'for' if contribution > 0 else 'against'} looking, {contribution:+.2f}"
