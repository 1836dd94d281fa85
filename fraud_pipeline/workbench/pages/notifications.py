"""The page of notifications: what waits for this person, and what others did with their claims."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.cases.case_book import Case
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.decisions import notifications
from fraud_pipeline.workbench.decisions.notifications import DAYS
from fraud_pipeline.workbench.entities.scope import visible_claims
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.case_access import visible_cases

_SOON = 3  # days before a task of a case is due
_GROUPS = (("due", ("late", "due")), ("assigned", ("assigned",)), ("ring", ("ring",)),
           ("decided", ("second", "undo", "reopen", "appeal")))  # fmt: skip
_SHOWN = 50


def notifications_page(context: RequestContext) -> Response:
    groups, tasks, mentions = _all(context)
    with context.app_state.db.reading() as connection:
        deadline = current(connection).deadline_days
    return responses.render_page(
        context, "notifications.html", groups=groups, tasks=tasks, mentions=mentions, most=_SHOWN,
        today=date.fromisoformat(now()[:10]), deadline=deadline, days=DAYS,
    )  # fmt: skip


def count(context: RequestContext) -> int:
    """How many notifications the page would show this person."""
    groups, tasks, mentions = _all(context)
    return sum(len(rows) for rows in groups.values()) + len(tasks) + len(mentions)


def _all(context: RequestContext) -> tuple[dict[str, list[Any]], list[Any], list[Any]]:
    state, leads = context.app_state, context.app_state.leads
    with state.db.reading() as connection:
        listed = notifications.about_claims(connection, leads, context.user)
    ids = list(dict.fromkeys(one.claim_id for one in listed))
    claims = {row["claim_id"]: row for row in visible_claims(leads, context.user, ids)}
    groups = {
        name: [(one, claims[one.claim_id]) for one in listed
               if one.kind in kinds and one.claim_id in claims]
        for name, kinds in _GROUPS
    }  # fmt: skip
    cases = [case for case in visible_cases(context) if case.is_open]
    return groups, _tasks(cases, context.user.id), _mentions(cases, context.user.id)


def _tasks(cases: list[Case], me: int) -> list[Any]:
    """This person's tasks in cases that are due within days, first the one due first."""
    soon = date.fromisoformat(now()[:10]) + timedelta(days=_SOON)
    pairs = [(c, task) for c in cases for task in c.open_tasks() if task.owner == me]
    return sorted((p for p in pairs if p[1].is_due(soon)), key=lambda p: (p[1].due, p[1].id))


def _mentions(cases: list[Case], me: int) -> list[Any]:
    """Notes of the last days that mention this person, latest first."""
    since = (date.fromisoformat(now()[:10]) - timedelta(days=DAYS)).isoformat()
    pairs = [(c, note) for c in cases for note in c.notes
             if me in note["mentions"] and note["at"] >= since]  # fmt: skip
    return sorted(pairs, key=lambda p: str(p[1]["at"]), reverse=True)


HANDLERS = {"notifications_page": notifications_page}
