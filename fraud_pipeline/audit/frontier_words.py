"""What the frontier of a plan says, in a few sentences for the leader of a bureau."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fraud_pipeline.audit.frontier_chart import Language

Point = Mapping[str, Any]


def frontier_words(summary: Mapping[str, Any], lang: Language) -> str:
    """The text that goes with plan.json's ``frontier``; empty without points."""
    points = summary.get("frontier") or ()
    if not points:
        return ""
    chosen = next(p for p in points if p["chosen"])
    yuan = summary.get("yuan_per_tenth_point")
    write = _chinese if lang == "zh" else _english
    return write(points[0], chosen, points[-1], yuan)


def _chinese(first: Point, chosen: Point, last: Point, yuan: float | None) -> str:
    price = f"从本方案起再精确 0.1 个百分点，约少追回 {yuan:,.0f} 元。" if yuan else ""
    return (
        f"最偏重追回时可得名单前列的 {_share(first)}，误付率误差 ±{_width(first)} 个百分点；"
        f"本方案 {_share(chosen)}，±{_width(chosen)}；只求误付率准确时 {_share(last)}，±{_width(last)}。"
        f"{price}假如风险排序毫无作用，本方案的误差约为 ±{_unranked(chosen)} 个百分点。"
    )


def _english(first: Point, chosen: Point, last: Point, yuan: float | None) -> str:
    price = f" From there, 0.1 point more costs about {yuan:,.0f} yuan of recovery." if yuan else ""
    return (
        f"All weight on recovery: {_share(first)} of what the top of the list holds, rate within "
        f"±{_width(first)} points. This plan: {_share(chosen)}, ±{_width(chosen)}. All weight on the "
        f"rate: {_share(last)}, ±{_width(last)}.{price} If the ranking knew nothing, this plan would "
        f"know the rate within about ±{_unranked(chosen)} points."
    )


def _share(point: Point) -> str:
    return f"{point['kept_of_top_share']:.0%}"


def _width(point: Point) -> str:
    return f"{100 * point['half_width']:.2g}"


def _unranked(point: Point) -> str:
    return f"{100 * point['unranked_half_width']:.2g}"
