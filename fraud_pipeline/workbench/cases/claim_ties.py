"""Ties of a claim's two parties to others: shared identity, text or money."""

from __future__ import annotations

from typing import Any

from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.db.leads_layout import MOST_TIES

_MAX_TIES = 12


def strongest_ties(leads: Leads, lead: dict[str, Any]) -> dict[str, Any]:
    """The strongest ties of the two parties: rows, folded (not shown), more, members, labels."""
    parties = [lead["enterprise_id"], lead["institution_id"]]
    strongest = {
        (row["left_id"], row["right_id"], row["kind"]): row
        for row in leads.lookup("near", "party_id", parties)
    }
    rows = sorted(
        strongest.values(), key=lambda r: (-r["weight"], r["left_id"], r["right_id"], r["kind"])
    )
    shown = rows[:_MAX_TIES]
    kinds = {r[f"{side}_id"]: r[f"{side}_kind"] for r in shown for side in ("left", "right")}
    kinds |= {parties[0]: "enterprise", parties[1]: "institution"}
    members = _party_nodes(leads, kinds)
    return {"rows": shown, "folded": len(rows) - len(shown), "more": len(rows) >= MOST_TIES,
            "members": members, "labels": {m["party_id"]: m["label"] for m in members}}  # fmt: skip


def _party_nodes(leads: Leads, kinds: dict[str, str]) -> list[dict[str, Any]]:
    """party_id, kind, label, role of parties, the nodes of ``svg_charts.ring``."""
    ids = sorted(kinds)
    rows = [
        *leads.lookup("enterprises", "enterprise_id", ids, "enterprise_id AS id, name"),
        *leads.lookup("institutions", "institution_id", ids, "institution_id AS id, name"),
    ]
    label = {row["id"]: row["name"] for row in rows}
    return [{"party_id": i, "kind": kinds[i], "label": label.get(i, i), "role": ""} for i in ids]
