"""The data of the interactive graph: of a ring, of a claim, and around one party."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from starlette.responses import JSONResponse, Response

from fraud_pipeline.core.currency import everywhere, shared_currency
from fraud_pipeline.errors import UnknownRecordError
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.cases import party_graph
from fraud_pipeline.workbench.cases.claim_ties import strongest_ties
from fraud_pipeline.workbench.cases.regional import limit_ties
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages.claim_access import accessible_claim
from fraud_pipeline.workbench.pages.rings import accessible_ring


def ring_graph(context: RequestContext) -> Response:
    """The members of a ring, with what they share."""
    facts = accessible_ring(context, context.path("ring_id"), [], False)
    members = [m["party_id"] for m in facts["members"]]
    return _answer(context, members, members)


def claim_graph(context: RequestContext) -> Response:
    """The two parties of a claim and the parties with the strongest ties to them."""
    lead = accessible_claim(context, context.path("claim_id"))
    leads = context.app_state.leads
    ties = strongest_ties(leads, lead)
    if context.user.regions:
        ties = limit_ties(ties, leads, context.user, lead)
    own = (lead["enterprise_id"], lead["institution_id"])
    return _answer(context, {*own, *(m["party_id"] for m in ties["members"])}, own)


def party_graph_data(context: RequestContext) -> Response:
    """A party and the parties around it; with ``through``, those that share that value with it.

    Raises UnknownRecordError for a party outside the person's regions, ActionRefusedError for one
    that the person declared a conflict of interest with.
    """
    party, leads, person = context.path("party_id"), context.app_state.leads, context.user
    around = party_graph.surroundings(leads, [party])
    allowed = party_graph.visible_parties(around, person)
    if party not in allowed or not (around.ties or around.pairs or around.parties[party]["name"]):
        raise UnknownRecordError(f"there is no party {party}")
    if party in person.conflicts:
        raise ActionRefusedError("conflict")
    through = context.query().get("through", "")
    context.log("view", f"party {party}", run=leads.run_id)
    if through:
        near = party_graph.through_value(around, party, through, context.app_state.key, allowed)
    else:
        near = party_graph.strongest_neighbours(around, party, allowed)
    shown = near[: party_graph.MAX_NEIGHBOURS]
    return _answer(context, [party, *shown], [], left_out=len(near) - len(shown))


def _answer(
    context: RequestContext, parties: Collection[str], marked: Sequence[str], **facts: Any
) -> Response:
    """The graph as JSON, without the parties that the person has a conflict of interest with."""
    state = context.app_state
    graph = party_graph.graph_of(
        state.leads, set(parties) - context.user.conflicts, context.user, state.key,
        context.language, marked,
    )  # fmt: skip
    code = shared_currency(state.leads.currencies.values())
    return JSONResponse({**everywhere(graph, code), **facts})


HANDLERS = {
    "ring_graph": ring_graph, "claim_graph": claim_graph, "party_graph_data": party_graph_data,
}  # fmt: skip
