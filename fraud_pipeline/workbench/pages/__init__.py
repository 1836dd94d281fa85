"""The pages, one module a room; HANDLERS maps the names in the table of routes to them."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.pages.account import HANDLERS as ACCOUNT
from fraud_pipeline.workbench.pages.admin import HANDLERS as OFFICE
from fraud_pipeline.workbench.pages.attachments import HANDLERS as EVIDENCE
from fraud_pipeline.workbench.pages.audit_sample import HANDLERS as AUDIT_ROOM
from fraud_pipeline.workbench.pages.claim import HANDLERS as CLAIM
from fraud_pipeline.workbench.pages.claim_actions import HANDLERS as CLAIM_WORK
from fraud_pipeline.workbench.pages.exports import HANDLERS as PACKS
from fraud_pipeline.workbench.pages.integrations import HANDLERS as DOORS
from fraud_pipeline.workbench.pages.monitoring import HANDLERS as INSIGHT
from fraud_pipeline.workbench.pages.objection import HANDLERS as OBJECTION
from fraud_pipeline.workbench.pages.overview import HANDLERS as OVERVIEW
from fraud_pipeline.workbench.pages.queue import HANDLERS as QUEUE
from fraud_pipeline.workbench.pages.rings import HANDLERS as RINGS

Handlers = dict[str, Callable[[RequestContext], Response]]

HANDLERS: Handlers = {
    **ACCOUNT, **QUEUE, **CLAIM, **CLAIM_WORK, **RINGS, **AUDIT_ROOM, **OFFICE, **PACKS,
    **OVERVIEW, **DOORS, **EVIDENCE, **INSIGHT, **OBJECTION,
}  # fmt: skip
