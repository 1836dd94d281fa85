"""The queue page: claims by expected recoverable loss, filters, taking and bulk actions."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import sqlalchemy as sa
from starlette.responses import Response

from fraud_pipeline.workbench.addresses import claim_address
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.decisions import blind_review, review, verdicts
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import notifications, responses
from fraud_pipeline.workbench.pages.claim_access import (
    account_names,
    assignable_accounts,
    may_access,
)
from fraud_pipeline.workbench.pages.parameters import account_id, record_id
from fraud_pipeline.workbench.queue import assignment
from fraud_pipeline.workbench.queue.filters import AGES, AMOUNTS, Filter

BULK_VERDICTS = ("clean", "explained", "undetermined")  # an accusation needs a decision per claim


def queue_page(context: RequestContext) -> Response:
    app_state, chosen = context.app_state, Filter.parse(context.query())
    page = assignment.list_claims(
        app_state.db, app_state.leads, app_state.state_cache, context.user, chosen
    )
    f = t.FILTERS
    with app_state.db.reading() as connection:
        saved = connection.execute(
            sa.select(f).where(sa.or_(f.c.user_id == context.user.id, f.c.shared == 1)).order_by(f.c.name)
        ).mappings().all()  # fmt: skip
        to_check = blind_review.any_pending(connection)
        people, who, settings = (
            assignable_accounts(connection),
            account_names(connection),
            current(connection),
        )
    facets = app_state.leads.facets
    if context.user.regions:
        facets = {**facets, "region": [r for r in facets["region"] if r[0] in context.user.regions]}
    return responses.render_page(
        context, "queue.html", listing=page, chosen=chosen, facets=facets, saved=saved, people=people,
        names=who, ages=[_age(row, app_state.leads, settings.deadline_days) for row in page.rows],
        calendar_ends=app_state.leads.calendar_ends,
        run_id=app_state.leads.run_id, bulk_verdicts=BULK_VERDICTS, batch=context.query().get("batch", ""),
        age_words=AGES, amounts=AMOUNTS, to_check=to_check,
        n_notifications=app_state.notification_count(
            context.user.id, lambda: notifications.count(context)
        ),
    )  # fmt: skip


def _age(row: dict[str, Any], leads: Leads, deadline_days: int) -> tuple[int, bool] | None:
    """(working days from the lead to the run's day, whether that is beyond the deadline).

    None where nothing is due any more: the claim is paid or decided.
    """
    if row["lead_on"] is None or row["status"] == "decided":
        return None
    days = leads.calendar.working_days(row["lead_on"], date.fromisoformat(leads.as_of))
    return days, days > deadline_days


def save_filter(context: RequestContext) -> Response:
    chosen = Filter.parse(dict(parse_qsl(context.field("query"))))
    name = context.field("name").strip()[:40]
    if not name:
        raise ActionRefusedError("note_needed")
    with context.app_state.db.writing() as connection:
        connection.execute(
            sa.insert(t.FILTERS).values(
                user_id=context.user.id,
                name=name,
                query=chosen.query_string(),
                at=now(),
                shared=int(context.field("shared") == "1"),
            )
        )
        audit_log.append(
            connection,
            context.user.id,
            context.user.name,
            "filter",
            name,
            query=chosen.query_string(),
        )
    return responses.redirect(f"/queue?{chosen.query_string()}", "saved")


def drop_filter(context: RequestContext) -> Response:
    """Removes a saved filter; only the person who saved it may."""
    f = t.FILTERS
    with context.app_state.db.writing() as connection:
        is_own = sa.and_(
            f.c.id == record_id(context.path("filter_id")), f.c.user_id == context.user.id
        )
        name = connection.execute(sa.select(f.c.name).where(is_own)).scalar()
        if name is None:
            raise ActionRefusedError("nothing_chosen")
        connection.execute(sa.delete(f).where(is_own))
        audit_log.append(connection, context.user.id, context.user.name, "filter-drop", name)
    return responses.redirect("/queue", "saved")


def take_next(context: RequestContext) -> Response:
    """Opens the claim this person has in work, if there is one, else takes the next."""
    with context.app_state.db.reading() as connection:
        in_work = assignment.claims_in_work(connection, context.user)
    held = [one for one in in_work if may_access(context, one)]
    if held:
        return responses.redirect(claim_address(held[0]), "still_yours")
    app_state, chosen = context.app_state, Filter.parse(dict(parse_qsl(context.field("query"))))
    claim_id = assignment.take_next(
        app_state.db, app_state.leads, app_state.state_cache, context.user, chosen
    )
    return responses.redirect(claim_address(claim_id), "taken")


def take_blind(context: RequestContext) -> Response:
    """Opens a claim for a blind double review by this person."""
    with context.app_state.db.reading() as connection:
        claim_id = blind_review.next_claim(
            connection, context.app_state.key, context.user, lambda one: may_access(context, one)
        )
    return responses.redirect(claim_address(claim_id), "check")


def bulk(context: RequestContext) -> Response:
    """Assigns the ticked claims, or closes them with one verdict and reason."""
    ids = list(dict.fromkeys(context.form.get("claim", [])))
    if len(ids) > verdicts.MAX_BATCH:
        raise ActionRefusedError("too_many")
    leads = _visible(context, ids)
    if context.field("do") == "assign":
        assignment.assign(
            context.app_state.db, [r["claim_id"] for r in leads], context.user,
            account_id(context.field("to")),
        )  # fmt: skip
        return responses.redirect(responses.local_path(context.field("back")), "assigned")
    if context.field("verdict") not in BULK_VERDICTS:
        raise ActionRefusedError("verdict_needed")
    finding = verdicts.Finding(
        context.field("verdict"), context.field("reason"), note=context.field("note")
    )
    batch, _, second = verdicts.decide_many(
        context.app_state.db,
        context.app_state.leads.run_id,
        leads,
        context.user,
        finding,
        is_drawn=context.app_state.is_drawn,
    )
    return responses.redirect(f"/queue?batch={batch}", "second" if second else "decided")


def undo_bulk(context: RequestContext) -> Response:
    review.undo_batch(context.app_state.db, context.path("batch"), context.user)
    return responses.redirect("/queue", "undone")


def _visible(context: RequestContext, ids: list[str]) -> list[dict[str, Any]]:
    """The queue's rows of those claims that this person may see, in one query."""
    clause, parameters = Filter(status="all").clause(context.user, now(), "")
    parameters.pop("now")
    rows = context.app_state.leads.query(
        f"SELECT * FROM queue WHERE list_contains($ids, claim_id) AND {clause} ORDER BY rank",  # noqa: S608
        {**parameters, "ids": ids},
    )
    return [context.app_state.with_signed_plan(lead) for lead in rows]


HANDLERS = {
    "queue_page": queue_page, "save_filter": save_filter, "drop_filter": drop_filter, "take_next": take_next, "take_blind": take_blind, "bulk": bulk,
    "undo_bulk": undo_bulk,
}  # fmt: skip
