"""The frontier of a plan as a picture: money kept against precision, the chosen point marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Literal

Language = Literal["zh", "en"]

_WIDTH, _HEIGHT = 620, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 20, 24, 44
_LABEL_AT = 0.5  # height of the chosen point's label, below the curves

_WORDS = {
    "zh": (
        "误付率的预计误差（± 百分点，越靠左越准）", "预计追回（占只查名单前列的）", "本方案",
        "实线：按名单的风险估计；虚线：假如风险排序毫无作用",
    ),
    "en": (
        "Planned margin of error of the rate (± points; left is more precise)",
        "Expected recovery (of the top of the list)", "this plan",
        "solid: with the list's risks; dashed: if the ranking knew nothing",
    ),
}  # fmt: skip


def frontier_chart(points: Sequence[Mapping[str, Any]], lang: Language) -> str:
    """SVG of the points of plan.json's ``frontier``; empty for fewer than two points."""
    if len(points) < 2:
        return ""
    x_name, y_name, mark, legend = _WORDS[lang]
    widest = max(max(p["half_width"], p["unranked_half_width"]) for p in points)
    x_top = _axis_end(100 * widest)

    def x(width: float) -> float:
        return round(_LEFT + 100 * width / x_top * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(share: float) -> float:
        return round(_HEIGHT - _BOTTOM - min(share, 1.0) * (_HEIGHT - _TOP - _BOTTOM), 1)

    def line(name: str, width: float, dash: str) -> str:
        path = " ".join(f"{x(p[name])},{y(p['kept_of_top_share'])}" for p in points)
        return (
            f'<polyline points="{path}" fill="none" stroke="#1f4e79" stroke-width="{width}" '
            f'stroke-dasharray="{dash}"/>'
        )

    chosen = next(p for p in points if p["chosen"])
    at_x, at_y = x(chosen["half_width"]), y(chosen["kept_of_top_share"])
    label = f"{mark}: {chosen['kept_of_top_share']:.0%}, ±{100 * chosen['half_width']:.2g}"
    alternative = escape(f"{y_name}; {x_name}; {label}")
    texts = (
        (at_x + 8, y(_LABEL_AT), "start", label),
        (_LEFT, _HEIGHT - 6, "start", x_name),
        (_LEFT, _TOP - 8, "start", y_name),
        (_WIDTH - _RIGHT, _HEIGHT - _BOTTOM - 6, "end", legend),
    )
    inner = [
        *_axes(x, y, x_top),
        line("unranked_half_width", 1.2, "5 4"), line("half_width", 2.0, "none"),
        f'<line x1="{at_x}" x2="{at_x}" y1="{at_y}" y2="{y(_LABEL_AT)}" stroke="#b00020"/>',
        f'<circle cx="{at_x}" cy="{at_y}" r="5" fill="#b00020"/>',
        *(_text(*text) for text in texts),
    ]  # fmt: skip
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="100%" role="img" font-size="11" '
        f'aria-label="{alternative}">{"".join(inner)}</svg>'
    )


def _axes(x: Callable[[float], float], y: Callable[[float], float], x_top: float) -> list[str]:
    """Grid lines and numbers at quarters of the money and at steps of the margin, in points."""
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts += [_rule(_LEFT, _WIDTH - _RIGHT, y(share), y(share)),
                  _text(_LEFT - 6, y(share) + 4, "end", f"{share:.0%}")]  # fmt: skip
    for i in range(6):
        points = x_top * i / 5
        at = x(points / 100)
        parts += [_rule(at, at, _TOP, _HEIGHT - _BOTTOM),
                  _text(at, _HEIGHT - _BOTTOM + 15, "middle", f"{points:g}")]  # fmt: skip
    return parts


def _rule(x1: float, x2: float, y1: float, y2: float) -> str:
    return f'<line x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}" stroke="#ddd"/>'


def _text(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="#333">{escape(text)}</text>'


def _axis_end(points: float) -> float:
    """The least of 5, 10, 20 ... or 100 points that holds the widest margin."""
    return next((float(end) for end in (5, 10, 20, 40, 60) if end >= points), 100.0)
