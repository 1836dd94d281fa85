"""Small pictures as SVG text: a market strip, a bar of contributions, a ring.

Everything is drawn here from numbers; nothing from the data is put into the
picture without being escaped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import networkx as nx
from markupsafe import Markup, escape

from fraud_pipeline.vocabulary.rings import TIE_KINDS

_DASH = {"claim": "", "text": "6 3", "money": "1 4"}
_IDENTITY_DASH = "3 3"


def strip(price: float, low: float, mid: float, high: float, others: Sequence[float]) -> Markup:
    """The market of a unit price on a log axis: others as ticks, the band, the claim as a dot."""
    every = [v for v in (price, low, mid, high, *others) if v > 0]
    least, most = math.log(min(every) * 0.8), math.log(max(every) * 1.25)

    def x(value: float) -> float:
        return round(20 + 560 * (math.log(max(value, 1e-9)) - least) / (most - least), 1)

    ticks = "".join(f'<line class="tick" x1="{x(v)}" x2="{x(v)}" y1="16" y2="36"/>' for v in others)
    words = f"market {low:,.0f} - {high:,.0f}, middle {mid:,.0f}, this claim {price:,.0f}"
    # The strings are numbers formatted here; the escaped words are the only text.
    return Markup(  # noqa: S704
        f'<svg class="strip" viewBox="0 0 600 62" role="img" aria-label="{escape(words)}">'
        f'<rect class="band" x="{x(low)}" y="16" width="{max(1.0, x(high) - x(low)):.1f}" height="20"/>'
        f'<line class="axis" x1="20" x2="580" y1="26" y2="26"/>{ticks}'
        f'<line class="mid" x1="{x(mid)}" x2="{x(mid)}" y1="10" y2="42"/>'
        f'<circle class="claim" cx="{x(price)}" cy="26" r="6"/>'
        f'<text x="{x(mid)}" y="56" text-anchor="middle">{mid:,.0f}</text>'
        f'<text class="strong" x="{x(price)}" y="10" text-anchor="middle">{price:,.0f}</text></svg>'
    )


def bar(contribution: float, largest: float) -> Markup:
    """One contribution as a bar left (lowers the risk) or right (raises it) of a middle line."""
    width = round(48 * min(1.0, abs(contribution) / largest), 1) if largest else 0.0
    start = 50.0 if contribution > 0 else 50.0 - width
    kind = "for" if contribution > 0 else "against"
    return Markup(  # noqa: S704 - numbers only
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="{kind}" x="{start:.1f}" y="1" width="{width}" height="8"/>'
        '<line x1="50" x2="50" y1="0" y2="10"/></svg>'
    )


def ring(members: Sequence[dict[str, Any]], edges: Sequence[dict[str, Any]]) -> Markup:
    """The ring: institutions as squares in the middle, enterprises as circles around.

    ``members``: party_id, kind, label, role; ``edges``: left, right, kind, weight.
    The layout is a function of the sorted members, so the same ring looks the same.
    """
    places = _layout(members, edges)
    lines = "".join(
        _edge(places, edge)
        for edge in edges
        if edge["left"] != edge["right"] and {edge["left"], edge["right"]} <= set(places)
    )
    nodes = "".join(_node(places[m["party_id"]], m) for m in members)
    title = f"ring of {len(members)} parties"
    return Markup(  # noqa: S704 - labels were escaped in _node and _edge
        f'<svg class="ring" viewBox="0 0 520 340" role="img" aria-label="{title}">{lines}{nodes}</svg>'
    )


def _layout(
    members: Sequence[dict[str, Any]], edges: Sequence[dict[str, Any]]
) -> dict[str, tuple[float, float]]:
    inner = [m["party_id"] for m in members if m["kind"] == "institution"]
    outer = [m["party_id"] for m in members if m["kind"] != "institution"]
    graph = nx.Graph()
    graph.add_nodes_from(sorted(outer))
    graph.add_edges_from(sorted((e["left"], e["right"]) for e in edges
                                if e["left"] in graph and e["right"] in graph))  # fmt: skip
    # members of one connected part are placed next to each other, so that ties inside it stay short
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    places = _circle([p for part in parts for p in sorted(part)], 190, 130)
    return places | _circle(sorted(inner), 60, 38)


def _circle(names: Sequence[str], wide: float, high: float) -> dict[str, tuple[float, float]]:
    if len(names) == 1 and wide < 100:
        return {names[0]: (260.0, 170.0)}
    step = 2 * math.pi / max(1, len(names))
    return {
        name: (
            round(260 + wide * math.cos(k * step - 1.57), 1),
            round(170 + high * math.sin(k * step - 1.57), 1),
        )
        for k, name in enumerate(names)
    }


def _edge(places: dict[str, tuple[float, float]], edge: dict[str, Any]) -> str:
    (x1, y1), (x2, y2) = places[edge["left"]], places[edge["right"]]
    family = edge["kind"].split("_", 1)[0]
    dash = _DASH.get(family, _IDENTITY_DASH)
    kind = family if family in _DASH else "identity"
    words = " ".join(TIE_KINDS.get(edge["kind"], (edge["kind"],))[:2])
    return (
        f'<line class="tie {kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
        f' stroke-dasharray="{dash}"><title>{escape(words)}</title></line>'
    )


def _node(place: tuple[float, float], member: dict[str, Any]) -> str:
    x, y = place
    if member["kind"] == "institution":
        shape = f'<rect class="institution" x="{x - 9}" y="{y - 9}" width="18" height="18"/>'
    else:
        shape = f'<circle class="enterprise" cx="{x}" cy="{y}" r="9"/>'
    label = escape(member["label"][:10])
    return f'<g>{shape}<title>{escape(member["label"])} · {escape(member["role"])}</title><text x="{x}" y="{y + 22}" text-anchor="middle">{label}</text></g>'
