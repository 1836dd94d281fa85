"""The pages, one module per area; HANDLERS maps the route names of ``permissions.ROUTES`` to functions."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.pages.account import HANDLERS as ACCOUNT
from fraud_pipeline.workbench.pages.admin import HANDLERS as ADMIN
from fraud_pipeline.workbench.pages.attachments import HANDLERS as ATTACHMENTS
from fraud_pipeline.workbench.pages.audit_sample import HANDLERS as AUDIT_SAMPLE
from fraud_pipeline.workbench.pages.claim import HANDLERS as CLAIM
from fraud_pipeline.workbench.pages.claim_actions import HANDLERS as CLAIM_ACTIONS
from fraud_pipeline.workbench.pages.exports import HANDLERS as EXPORTS
from fraud_pipeline.workbench.pages.integrations import HANDLERS as INTEGRATIONS
from fraud_pipeline.workbench.pages.monitoring import HANDLERS as MONITORING
from fraud_pipeline.workbench.pages.objection import HANDLERS as OBJECTION
from fraud_pipeline.workbench.pages.overview import HANDLERS as OVERVIEW
from fraud_pipeline.workbench.pages.queue import HANDLERS as QUEUE
from fraud_pipeline.workbench.pages.rings import HANDLERS as RINGS

Handlers = dict[str, Callable[[RequestContext], Response]]

HANDLERS: Handlers = {
    **ACCOUNT, **QUEUE, **CLAIM, **CLAIM_ACTIONS, **RINGS, **AUDIT_SAMPLE, **ADMIN, **EXPORTS,
    **OVERVIEW, **INTEGRATIONS, **ATTACHMENTS, **MONITORING, **OBJECTION,
}  # fmt: skip
