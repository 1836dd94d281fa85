"""One decision for the claims of a case: a preview first, recorded when it is confirmed."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from fraud_pipeline.workbench.addresses import case_address
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.cases import case_actions
from fraud_pipeline.workbench.decisions import verdicts
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.case_access import accessible_case
from fraud_pipeline.workbench.pages.confirm_many import Proposal, preview


def decide_case(context: RequestContext) -> Response:
    """Records one verdict on the case's open claims; without ``confirmed`` it only shows them."""
    case = accessible_case(context, context.path("case_id"))
    if not case.is_open:
        raise ActionRefusedError("case_over")
    app_state = context.app_state
    chosen = set(context.form.get("claim", case.keys("claim")))
    leads = [
        app_state.with_signed_plan(lead)
        for lead in app_state.leads.lookup("queue", "claim_id", case.keys("claim"))
        if lead["claim_id"] in chosen
    ]
    finding = verdicts.Finding(
        context.field("verdict"), context.field("reason"), context.field("typology"), "0",
        context.field("note"),
    )  # fmt: skip
    if context.field("confirmed") != "1":
        n_all = len(case.keys("claim"))
        return preview(
            context, Proposal(case_address(case.id), leads, finding, n_all, name_claims=True)
        )

    def record_in_case(connection: Any, batch: str, n: int) -> None:
        case_actions.record(
            connection, context.user, case.id, "decide", verdict=finding.verdict, batch=batch, n=n
        )

    _, _, second = verdicts.decide_many(
        app_state.db, app_state.leads.run_id, leads, context.user, finding,
        verdicts.FanOut(disallow_all=True, also=record_in_case), app_state.is_drawn,
    )  # fmt: skip
    return responses.redirect(case_address(case.id), "second" if second else "decided")


HANDLERS = {"decide_case": decide_case}
