"""Whom a claim's two parties share an identity, a text or money with: the small graph of a claim."""

from __future__ import annotations

from typing import Any

from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.db.leads_layout import MOST_TIES

_SHOWN_TIES = 12


def strongest_ties(leads: Leads, lead: dict[str, Any]) -> dict[str, Any]:
    """The strongest identity, text and money ties of the two parties, and how many are folded."""
    parties = [lead["enterprise_id"], lead["institution_id"]]
    found = {
        (row["left_id"], row["right_id"], row["kind"]): row
        for row in leads.lookup("near", "party_id", parties)
    }
    rows = sorted(
        found.values(), key=lambda r: (-r["weight"], r["left_id"], r["right_id"], r["kind"])
    )
    shown = rows[:_SHOWN_TIES]
    kinds = {r[f"{side}_id"]: r[f"{side}_kind"] for r in shown for side in ("left", "right")}
    kinds |= {parties[0]: "enterprise", parties[1]: "institution"}
    members = _named(leads, kinds)
    return {"rows": shown, "folded": len(rows) - len(shown), "more": len(rows) >= MOST_TIES,
            "members": members, "labels": {m["party_id"]: m["label"] for m in members}}  # fmt: skip


def _named(leads: Leads, kinds: dict[str, str]) -> list[dict[str, Any]]:
    """(party_id, kind, label, role) of parties, as the ring picture takes them."""
    ids = sorted(kinds)
    rows = [
        *leads.lookup("enterprises", "enterprise_id", ids, "enterprise_id AS id, name"),
        *leads.lookup("institutions", "institution_id", ids, "institution_id AS id, name"),
    ]
    label = {row["id"]: row["name"] for row in rows}
    return [{"party_id": i, "kind": kinds[i], "label": label.get(i, i), "role": ""} for i in ids]
