"""Rings: the list, one ring with its ties, judgements about members, a decision on all its claims."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from fraud_pipeline.errors import UnknownRecordError
from fraud_pipeline.workbench.addresses import ring_address
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.cases.collapse import collapse_hubs
from fraud_pipeline.workbench.cases.regional import limit_ring, limited_ring_rows
from fraud_pipeline.workbench.cases.ring_view import graph_data, ring_facts
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.decisions import verdicts
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import kept_forms, responses
from fraud_pipeline.workbench.pages.case_access import cases_holding
from fraud_pipeline.workbench.pages.claim_access import account_names
from fraud_pipeline.workbench.pages.confirm_many import Proposal, preview
from fraud_pipeline.workbench.queue import assignment

_MAX_ROWS = 40  # members and claims that are listed before the rest is collapsed


def rings_page(context: RequestContext) -> Response:
    leads = context.app_state.leads
    rows = context.app_state.cached(("rings", leads.run_id), lambda: leads.query(
        """SELECT r.*, list_sort(list(DISTINCT e.region)) AS regions
        FROM rings r JOIN ring_claims c USING (ring_id) JOIN claims k USING (claim_id)
        LEFT JOIN enterprises e ON e.enterprise_id = k.enterprise_id
        GROUP BY ALL ORDER BY r.score DESC, r.p_value, r.ring_id"""
    ))  # fmt: skip
    visible = [r for r in rows if any(context.user.sees_region(region) for region in r["regions"])]
    return responses.render_page(
        context, "rings.html", rings=limited_ring_rows(visible, leads, context.user)
    )


def accessible_ring(
    context: RequestContext,
    ring_id: str,
    kinds: list[str],
    everything: bool,
    days: int | None = None,
) -> dict[str, Any]:
    """The facts of a ring with a claim in the person's regions and no party in conflict.

    ``days``: the ring as of so many days after its first claim (None = all of it). Raises
    UnknownRecordError or ActionRefusedError.
    """
    try:
        facts = ring_facts(context.app_state.leads, ring_id, kinds, everything)
    except KeyError:
        raise UnknownRecordError(f"there is no ring {ring_id}") from None
    if not any(context.user.sees_region(c["region"]) for c in facts["claims"]):
        raise UnknownRecordError(f"there is no ring {ring_id}")
    if {m["party_id"] for m in facts["members"]} & context.user.conflicts:
        raise ActionRefusedError("conflict")
    leads = context.app_state.leads
    if days is not None:
        until = facts["ring"]["first_on"] + timedelta(days=days)
        facts = ring_facts(leads, ring_id, kinds, everything, until)
    return limit_ring(facts, leads, context.user)


def _days(text: str, ring: dict[str, Any]) -> tuple[int, int | None]:
    """(days the ring lasted, days after its first on which it is wanted; None = the last)."""
    lasted = max(0, (ring["last_on"] - ring["first_on"]).days)
    fits = text.isascii() and text.isdigit() and len(text) < 6 and int(text) < lasted
    return lasted, int(text) if fits else None


def ring_page(context: RequestContext) -> Response:
    return _render(context)


def refused_page(context: RequestContext, problem: str) -> Response:
    """The ring's page with the form as it was filled in, and why it was refused."""
    return _render(context, problem)


def _render(context: RequestContext, problem: str = "") -> Response:
    query = context.request.query_params
    kinds, everything = query.getlist("kind"), query.get("all") == "1"
    facts = accessible_ring(context, context.path("ring_id"), kinds, everything)
    ring_id = facts["ring"]["ring_id"]
    lasted, day = _days(query.get("days", ""), facts["ring"])
    if day is not None:
        facts = accessible_ring(context, ring_id, kinds, everything, day)
    context.log("view", f"ring {ring_id}", run=context.app_state.leads.run_id)
    j = t.RING_JUDGEMENTS
    with context.app_state.db.reading() as connection:
        judgements = connection.execute(
            sa.select(j).where(j.c.ring_id == ring_id).order_by(j.c.id)
        ).mappings().all()  # fmt: skip
        states = {c["claim_id"]: assignment.claim_state(connection, c["claim_id"])["status"]
                  for c in facts["claims"]}  # fmt: skip
        who = account_names(connection)
    members, edges, collapsed = collapse_hubs(
        *graph_data(facts, context.language), query.getlist("open")
    )
    return responses.render_page(
        context, "ring.html", 422 if problem else 200, refused=problem,
        cases=cases_holding(context, "ring", ring_id),
        draft=kept_forms.entered(context) if problem else {}, collapsed=collapsed, lasted=lasted, day=lasted if day is None else day,
        stood=facts["ring"]["first_on"] + timedelta(days=lasted if day is None else day),
        most=len(facts["members"]) if everything else _MAX_ROWS, query=query.multi_items(), f=facts, ring=facts["ring"], members=members, edges=edges, judgements=judgements,
        states=states, names=who, kinds=kinds, everything=query.get("all") == "1",
        reachable={c["claim_id"] for c in facts["claims"]
                   if c["rank"] is not None and context.user.sees_region(c["region"])},
    )  # fmt: skip


def judge_ring(context: RequestContext) -> Response:
    """Records a judgement, with its reason, that a party is (add) or is not (remove) a member."""
    facts = accessible_ring(context, context.path("ring_id"), [], False)
    ring_id = facts["ring"]["ring_id"]
    action, party = context.field("action"), context.field("party").strip()
    reason = context.field("reason").strip()[:2000]
    if not reason:
        raise ActionRefusedError("note_needed")
    inside = party in {m["party_id"] for m in facts["members"]}
    if action == "remove" and not inside:
        raise ActionRefusedError("not_a_member")
    if action not in ("remove", "add") or (
        action == "add" and (inside or not _party_exists(context, party))
    ):
        raise ActionRefusedError("not_a_member")
    with context.app_state.db.writing() as connection:
        receipt = audit_log.append(
            connection, context.user.id, context.user.name, "judge", f"ring {ring_id}", member=party,
            judgement=action, reason=reason,
        )  # fmt: skip
        connection.execute(
            sa.insert(t.RING_JUDGEMENTS).values(
                ring_id=ring_id, run_id=context.app_state.leads.run_id, action=action, party_id=party,
                reason=reason, by=context.user.id, who=context.user.name, at=now(), log_seq=receipt.seq,
            )
        )  # fmt: skip
    return responses.redirect(ring_address(ring_id), "judged")


def _party_exists(context: RequestContext, party: str) -> bool:
    row = context.app_state.leads.query_one(
        "SELECT 1 AS x FROM enterprises WHERE enterprise_id = $1 "
        "UNION ALL SELECT 1 FROM institutions WHERE institution_id = $1", [party],
    )  # fmt: skip
    return row is not None


def decide_ring(context: RequestContext) -> Response:
    """Records one verdict on each of the ring's claims that this person may decide.

    Without the field ``confirmed`` it records nothing and shows what would be decided.
    """
    facts = accessible_ring(context, context.path("ring_id"), [], False)
    ring_id = facts["ring"]["ring_id"]
    wanted = [c["claim_id"] for c in facts["claims"] if context.user.sees_region(c["region"])]
    leads = context.app_state.leads.query(
        "SELECT * FROM queue WHERE list_contains(?, claim_id) ORDER BY rank", [wanted]
    )
    leads = [context.app_state.with_signed_plan(lead) for lead in leads]
    finding = verdicts.Finding(
        context.field("verdict"),
        context.field("reason"),
        context.field("typology"),
        "0",
        context.field("note"),
    )
    if context.field("confirmed") != "1":
        return preview(context, Proposal(ring_address(ring_id), leads, finding, len(leads)))
    _, _, second = verdicts.decide_many(
        context.app_state.db,
        context.app_state.leads.run_id,
        leads,
        context.user,
        finding,
        verdicts.FanOut(ring_id, disallow_all=True),
        is_drawn=context.app_state.is_drawn,
    )
    return responses.redirect(ring_address(ring_id), "second" if second else "decided")


HANDLERS = {
    "rings_page": rings_page, "ring_page": ring_page, "judge_ring": judge_ring,
    "decide_ring": decide_ring,
}  # fmt: skip
