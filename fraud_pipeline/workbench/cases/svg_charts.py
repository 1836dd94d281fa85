"""SVG charts of a claim and a ring; ``bar``, ``ring`` and ``strip`` are shared with the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

from fraud_pipeline.report.svg import bar, ring, strip

_ROW, _LEFT, _WIDE = 22, 300, 860


def waterfall(reasons: Sequence[dict[str, Any]], language: str) -> Markup:
    """Waterfall chart of contributions (log-odds): each bar starts where the one before ended."""
    if not reasons:
        return Markup("")
    steps, at = [], 0.0
    for reason in reasons:
        steps.append((at, at + reason["contribution"], reason))
        at += reason["contribution"]
    values = [v for start, end, _ in steps for v in (start, end)]
    low, high = min(0.0, *values), max(0.0, *values)
    scale = (_WIDE - _LEFT - 60) / max(high - low, 1e-9)

    def x(value: float) -> float:
        return round(_LEFT + (value - low) * scale, 1)

    rows = "".join(_step(k, start, end, r, x, language) for k, (start, end, r) in enumerate(steps))
    height = _ROW * len(steps) + 8
    label = ("从起点到评分的各项贡献，合计 " if language == "zh" else "contributions from the start "
             "to the score, in all ") + f"{at:+.2f}"  # fmt: skip
    # The strings are numbers formatted here; labels are escaped in _step.
    return Markup(  # noqa: S704
        f'<svg class="waterfall" viewBox="0 0 {_WIDE} {height}" role="img" aria-label="{escape(label)}">'
        f'<line class="axis" x1="{x(0)}" x2="{x(0)}" y1="0" y2="{height}"/>{rows}</svg>'
    )


def _step(k: int, start: float, end: float, r: dict[str, Any], x: Any, language: str) -> str:
    kind = "base" if r["feature"] == "base" else "for" if end > start else "against"
    sentence = r["sentence_zh" if language == "zh" else "sentence_en"] or ""
    short = sentence[:22] if language == "zh" else sentence[:44]
    short += "…" if len(short) < len(sentence) else ""
    y, width = k * _ROW + 4, max(1.0, abs(x(end) - x(start)))
    return (
        f'<text x="{_LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(short)}</text>'
        f'<rect class="{kind}" x="{min(x(start), x(end))}" y="{y}" width="{width:.1f}" height="16"/>'
        f'<text x="{max(x(start), x(end)) + 4}" y="{y + 13}">{end - start:+.2f}</text>'
    )


def ties_chart(ties: dict[str, Any], claim: tuple[str, str]) -> Markup:
    """Graph of a claim's two parties and the parties their strongest ties join them to."""
    edges = [{"left": r["left_id"], "right": r["right_id"], "kind": r["kind"], "weight": r["weight"]}
             for r in ties["rows"]]  # fmt: skip
    edges.append({"left": claim[0], "right": claim[1], "kind": "claim", "weight": 1.0})
    return ring(ties["members"], edges)


def price_strip(price: dict[str, Any], others: Sequence[Any]) -> Markup:
    """Market range of a scored price (yuan a unit): the claim is the dot, its comparables the ticks."""
    values = (price["unit_price"], price["market_low"], price["market_mid"], price["market_high"])
    if any(v is None for v in values):
        return Markup("")
    prices = [float(o["unit_price"]) for o in others if o["unit_price"] is not None]
    unit_price, low, mid, high = (float(v) for v in values)
    return strip(unit_price, low, mid, high, prices)


__all__ = ["bar", "price_strip", "ring", "ties_chart", "waterfall"]
