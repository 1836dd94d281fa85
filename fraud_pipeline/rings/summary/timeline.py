"""A ring month by month: new edges, what they claimed, what was paid and came back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fraud_pipeline.rings.summary.evidence_rows import spans

_KINDS = ("claim", "payment", "money_back")


@dataclass(frozen=True)
class Month:
    """What began in a calendar month, money in yuan; ``rows`` names the evidence."""

    month: str  # 2016-03
    edges: int
    claimed: Decimal
    paid: Decimal  # by the enterprises, to institutions that paid them back
    paid_back: Decimal
    rows: str  # E1–E3,E7


def timeline(evidence: Iterable[Mapping[str, Any]]) -> list[Month]:
    """The months in which edges or payments back began, in order; RING_EVIDENCE rows of a ring.

    An edge counts with all its claims in the month of the first, payments likewise.
    """
    months: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in evidence:
        if row["kind"] in _KINDS and row.get("known_on"):
            months[f"{row['known_on']:%Y-%m}"].append(row)
    return [_month(month, rows) for month, rows in sorted(months.items())]


def _month(month: str, rows: Sequence[Mapping[str, Any]]) -> Month:
    claimed, paid, back = (_sum(r for r in rows if r["kind"] == kind) for kind in _KINDS)
    edges = sum(r["kind"] == "claim" for r in rows)
    numbers = (int(r["sentence_en"].split(" ", 1)[0].removeprefix("E")) for r in rows)
    return Month(month, edges, claimed, paid, back, spans(numbers))


def _sum(rows: Iterable[Mapping[str, Any]]) -> Decimal:
    return sum((r["amount"] for r in rows if r["amount"]), Decimal(0))
