"""The pages, one module per area; HANDLERS maps the route names of ``permissions.ROUTES`` to functions."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.pages.account import HANDLERS as ACCOUNT
from fraud_pipeline.workbench.pages.admin import HANDLERS as ADMIN
from fraud_pipeline.workbench.pages.attachments import HANDLERS as ATTACHMENTS
from fraud_pipeline.workbench.pages.audit_sample import HANDLERS as AUDIT_SAMPLE
from fraud_pipeline.workbench.pages.case_decision import HANDLERS as CASE_DECISION
from fraud_pipeline.workbench.pages.cases import HANDLERS as CASES
from fraud_pipeline.workbench.pages.cases import refused_page as case_refused
from fraud_pipeline.workbench.pages.charts import HANDLERS as CHARTS
from fraud_pipeline.workbench.pages.claim import HANDLERS as CLAIM
from fraud_pipeline.workbench.pages.claim import refused_page as claim_refused
from fraud_pipeline.workbench.pages.claim_actions import HANDLERS as CLAIM_ACTIONS
from fraud_pipeline.workbench.pages.exports import HANDLERS as EXPORTS
from fraud_pipeline.workbench.pages.graph import HANDLERS as GRAPH
from fraud_pipeline.workbench.pages.integrations import HANDLERS as INTEGRATIONS
from fraud_pipeline.workbench.pages.lookup import HANDLERS as LOOKUP
from fraud_pipeline.workbench.pages.monitoring import HANDLERS as MONITORING
from fraud_pipeline.workbench.pages.notifications import HANDLERS as NOTIFICATIONS
from fraud_pipeline.workbench.pages.objection import HANDLERS as OBJECTION
from fraud_pipeline.workbench.pages.overview import HANDLERS as OVERVIEW
from fraud_pipeline.workbench.pages.planner import HANDLERS as PLANNER
from fraud_pipeline.workbench.pages.queue import HANDLERS as QUEUE
from fraud_pipeline.workbench.pages.referral import HANDLERS as REFERRAL
from fraud_pipeline.workbench.pages.rings import HANDLERS as RINGS
from fraud_pipeline.workbench.pages.rings import refused_page as ring_refused
from fraud_pipeline.workbench.pages.tokens import HANDLERS as TOKENS
from fraud_pipeline.workbench.pages.trials import HANDLERS as TRIALS
from fraud_pipeline.workbench.pages.tuning import HANDLERS as TUNING

Handlers = dict[str, Callable[[RequestContext], Response]]

HANDLERS: Handlers = {
    **ACCOUNT, **QUEUE, **CLAIM, **CLAIM_ACTIONS, **RINGS, **AUDIT_SAMPLE, **ADMIN, **EXPORTS,
    **OVERVIEW, **INTEGRATIONS, **ATTACHMENTS, **MONITORING, **OBJECTION, **LOOKUP,
    **CASES, **CASE_DECISION, **GRAPH, **PLANNER, **CHARTS, **TUNING, **REFERRAL, **TRIALS,
    **TOKENS, **NOTIFICATIONS,
}  # fmt: skip

# The page a refused form is shown on again, with what was entered; of other forms the address they
# came from is opened again.
PAGES_OF_FORMS: dict[str, Callable[[RequestContext, str], Response]] = {
    **dict.fromkeys(
        ("decide", "blind_check", "snooze", "second", "reopen", "appeal", "unmask"), claim_refused
    ),
    **dict.fromkeys(("decide_ring", "judge_ring"), ring_refused),
    **dict.fromkeys(
        ("change_case", "merge_case", "split_case", "decide_case", "case_attach", "make_referral"),
        case_refused,
    ),
}
