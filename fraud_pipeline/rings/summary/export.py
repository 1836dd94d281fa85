"""A ring for people and for other tools: text, networkx, GraphML, GEXF, JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import networkx as nx
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.rings.summary.evidence_rows import FACTS
from fraud_pipeline.rings.summary.timeline import Month, timeline
from fraud_pipeline.schema import RingSet


def as_networkx(ringset: RingSet, ring_id: str, ties: pa.Table | None = None) -> nx.MultiGraph:
    """The ring as a multigraph, nodes and edges inserted in sorted order.

    Nodes carry kind, role and strength; edges kind, weight and the sentence. Edges are the
    ring's evidence, or all of ``ties`` between its members when given.
    """
    graph = nx.MultiGraph(ring_id=ring_id)
    members = rows_of(ringset.members, ring_id)
    for row in members:
        role, strength = row["role"] or "", row["strength"]
        graph.add_node(
            row["party_id"], kind=row["party_kind"], role=role,
            strength=0.0 if strength is None else strength,
        )  # fmt: skip
    rows = [row for row in rows_of(ringset.evidence, ring_id) if row["kind"] not in FACTS]
    if ties is not None:
        ids = pa.array([row["party_id"] for row in members], pa.string())
        both = pc.and_(pc.is_in(ties["left_id"], ids), pc.is_in(ties["right_id"], ids))
        rows = ties.filter(both).to_pylist()
    for row in sorted(rows, key=lambda r: (r["left_id"], r["right_id"], r["kind"])):
        graph.add_edge(
            row["left_id"], row["right_id"], kind=row["kind"], weight=row["weight"],
            sentence_zh=row.get("sentence_zh") or "", sentence_en=row.get("sentence_en") or "",
            source=row["source"] or "", known_on=str(row.get("known_on") or ""),
            amount=float(row.get("amount") or 0.0),
        )  # fmt: skip
    return graph


def as_graphml(ringset: RingSet, ring_id: str) -> str:
    """GraphML text of the ring."""
    return "\n".join(nx.generate_graphml(as_networkx(ringset, ring_id))) + "\n"


def as_gexf(ringset: RingSet, ring_id: str) -> str:
    """GEXF 1.2 text of the ring, without the writer's clock."""
    lines = [
        line
        for line in nx.generate_gexf(as_networkx(ringset, ring_id))
        if "lastmodifieddate" not in line and "<creator>" not in line and line.strip() != "</meta>"
    ]
    return "\n".join(lines) + "\n"


def as_json(ringset: RingSet, ring_id: str) -> str:
    """The ring's rows of all four tables as JSON text, keys sorted, amounts and dates as text."""
    ring = rows_of(ringset.rings, ring_id)
    whole = {
        "ring": ring[0] if ring else None,
        "members": rows_of(ringset.members, ring_id),
        "claims": [row["claim_id"] for row in rows_of(ringset.claims, ring_id)],
        "evidence": rows_of(ringset.evidence, ring_id),
    }
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, indent=1, default=str)


def as_text(ringset: RingSet, ring_id: str, language: str = "zh") -> str:
    """Story, members, evidence and claims of a ring for the terminal, ``zh`` or ``en``."""
    ring = rows_of(ringset.rings, ring_id)[0]
    zh = language == "zh"
    sentence = "sentence_zh" if zh else "sentence_en"
    lines = [
        f"{ring_id}  {'分数' if zh else 'score'} {ring['score']:.2f}  p = {ring['p_value']:.3g}  "
        f"q = {ring['q_value']:.3g}  {ring['typologies']}  {ring['lineage']}",
        certificate(ring, language),
        ring["story_zh" if zh else "story_en"],
        "",
        "成员" if zh else "Members",
    ]
    for row in rows_of(ringset.members, ring_id):
        lines.append(f"  {row['party_id']}  {row['role']}  {row['strength']:.2f}")
    lines += ["", "时间与资金" if zh else "Time and money"]
    lines += [_month(m, zh) for m in timeline(rows_of(ringset.evidence, ring_id))]
    lines += ["", "证据" if zh else "Evidence"]
    lines += [f"  {row[sentence]} [{row['source']}]" for row in rows_of(ringset.evidence, ring_id)]
    claims = " ".join(row["claim_id"] for row in rows_of(ringset.claims, ring_id))
    return "\n".join([*lines, "", "申请" if zh else "Claims", f"  {claims}"]) + "\n"


def _month(m: Month, zh: bool) -> str:
    paid = f"，已付{m.paid:,.2f}元" if zh else f", {m.paid:,.2f} yuan paid"
    back = f"，回款{m.paid_back:,.2f}元" if zh else f", {m.paid_back:,.2f} yuan back"
    edges = (
        f"新增往来{m.edges}对，申请{m.claimed:,.2f}元"
        if zh
        else f"{m.edges} new dealings, {m.claimed:,.2f} yuan claimed"
    )
    return f"  {m.month}  {edges}{paid if m.paid else ''}{back if m.paid_back else ''} [{m.rows}]"


def certificate(ring: Mapping[str, Any], language: str = "zh") -> str:
    """Whether the ring passed a run's error budget, and at which level, in one sentence."""
    day, level = ring.get("certified_on"), ring.get("certified_level")
    if day is None or level is None:
        return (
            "尚未在任何一次运行中通过显著性检验"
            if language == "zh"
            else "not significant in any run"
        )
    if language == "zh":
        return f"{day}的运行中通过显著性检验（α={level:.3g}，计入年度误差预算）"
    return f"significant in the run of {day} at α={level:.3g}, within the year's error budget"


def rows_of(table: pa.Table, ring_id: str) -> list[dict[str, Any]]:
    """The rows of one ring, in the order they stand."""
    rows: list[dict[str, Any]] = table.filter(pc.equal(table["ring_id"], ring_id)).to_pylist()
    return rows
