"""A chart: its option for ECharts, and a table with the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """One chart: its title, a sentence on how to read it, the option for ECharts, and its table."""

    key: str
    title: str
    note: str
    option: Row
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def base_option(**option: Any) -> Row:
    """An option with the margins and the description for screen readers of every chart."""
    grid = {"left": 8, "right": 16, "top": 64, "bottom": 8, "containLabel": True}
    return {"aria": {"enabled": True}, "grid": grid, **option}


def bar_option(names: Sequence[str], values: Sequence[float], name: str) -> Row:
    """Horizontal bars, the first at the bottom; ``name`` is the unit of the values."""
    return base_option(
        tooltip={"trigger": "axis"}, xAxis={"type": "value", "name": name},
        yAxis={"type": "category", "data": list(names), "axisLabel": {"width": 150, "overflow": "truncate"}},
        series=[{"type": "bar", "data": list(values)}],
    )  # fmt: skip


def label_of(table: Any, code: str, zh: bool) -> str:
    """The label of a code in one list of the catalogue; the code itself if it has none."""
    term = table.get(code)
    return str(term[not zh]) if term else (code or ("未填" if zh else "not stated"))
