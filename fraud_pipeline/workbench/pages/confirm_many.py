"""The page between asking for one verdict on many claims and recording it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.decisions import verdicts
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import responses


@dataclass(frozen=True)
class Proposal:
    """What is to be decided at once: the page it was asked from, its claims and the verdict.

    ``n_all``: claims of the ring or case. ``name_claims``: the confirmation names each claim,
    because only some of them were chosen.
    """

    address: str
    leads: Sequence[dict[str, Any]]
    finding: verdicts.Finding
    n_all: int
    name_claims: bool = False


def preview(context: RequestContext, proposal: Proposal) -> Response:
    """The claims that would be closed, their sum, and whether it needs a second person."""
    finding = proposal.finding
    with context.app_state.db.reading() as connection:
        chosen = verdicts.decidable(connection, list(proposal.leads), context.user)
        limit = current(connection).four_eyes_amount
    if not chosen:
        raise ActionRefusedError("nothing_chosen")
    for lead in chosen:
        verdicts.validate(verdicts.in_full(finding, lead), lead["claimed_amount"])
    total = sum((lead["claimed_amount"] for lead in chosen), Decimal(0))
    return responses.render_page(
        context, "confirm_many.html", address=proposal.address, chosen=chosen, finding=finding,
        total=total, left_out=proposal.n_all - len(chosen), needs_second=total >= limit,
        improper=finding.verdict in verdicts.IMPROPER, name_claims=proposal.name_claims,
    )  # fmt: skip
