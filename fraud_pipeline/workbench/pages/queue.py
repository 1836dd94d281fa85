"""The queue: what is worth looking at first, taken one by one."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import sqlalchemy as sa
from starlette.responses import Response

from fraud_pipeline.workbench.app_state import Ask
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.decisions import blind_review, review, verdicts
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.admin import number
from fraud_pipeline.workbench.pages.claim_access import names, reaches, workers
from fraud_pipeline.workbench.queue import assignment
from fraud_pipeline.workbench.queue.filters import AGES, AMOUNTS, Filter
from fraud_pipeline.workbench.workdays import working_days

BULK_VERDICTS = ("clean", "explained", "undetermined")  # nobody is accused in bulk


def queue_page(ask: Ask) -> Response:
    bench, chosen = ask.bench, Filter.of(ask.query())
    found = assignment.listing(bench.db, bench.leads, bench.standing, ask.who, chosen)
    f = t.FILTERS
    with bench.db.reading() as connection:
        saved = connection.execute(
            sa.select(f).where(sa.or_(f.c.user_id == ask.who.id, f.c.shared == 1)).order_by(f.c.name)
        ).mappings().all()  # fmt: skip
        to_check = blind_review.any_waiting(connection)
        people, who, settings = workers(connection), names(connection), current(connection)
    facets = bench.leads.facets
    if ask.who.regions:
        facets = {**facets, "region": [r for r in facets["region"] if r[0] in ask.who.regions]}
    return responses.page(
        ask, "queue.html", found=found, chosen=chosen, facets=facets, saved=saved, people=people,
        names=who, ages=[_age(row, bench.leads.as_of, settings.deadline_days) for row in found.rows],
        run_id=bench.leads.run_id, bulk_verdicts=BULK_VERDICTS, batch=ask.query().get("batch", ""),
        age_words=AGES, amounts=AMOUNTS, to_check=to_check,
    )  # fmt: skip


def _age(row: dict[str, Any], as_of: str, deadline_days: int) -> tuple[int, bool]:
    """(working days from submission to the run's day, whether that is beyond the deadline)."""
    days = working_days(row["submitted_on"], date.fromisoformat(as_of))
    return days, days > deadline_days


def save_filter(ask: Ask) -> Response:
    chosen = Filter.of(dict(parse_qsl(ask.field("query"))))
    name = ask.field("name").strip()[:40]
    if not name:
        raise ActionRefusedError("note_needed")
    with ask.bench.db.writing() as connection:
        connection.execute(
            sa.insert(t.FILTERS).values(
                user_id=ask.who.id,
                name=name,
                query=chosen.address(),
                at=now(),
                shared=int(ask.field("shared") == "1"),
            )
        )
        audit_log.append(
            connection, ask.who.id, ask.who.name, "filter", name, query=chosen.address()
        )
    return responses.to(f"/queue?{chosen.address()}", "saved")


def drop_filter(ask: Ask) -> Response:
    """Removes one's own saved filter; a shared one is its maker's too."""
    f = t.FILTERS
    with ask.bench.db.writing() as connection:
        mine = sa.and_(f.c.id == number(ask.path("filter_id")), f.c.user_id == ask.who.id)
        name = connection.execute(sa.select(f.c.name).where(mine)).scalar()
        if name is None:
            raise ActionRefusedError("nothing_chosen")
        connection.execute(sa.delete(f).where(mine))
        audit_log.append(connection, ask.who.id, ask.who.name, "filter-drop", name)
    return responses.to("/queue", "saved")


def take_next(ask: Ask) -> Response:
    bench, chosen = ask.bench, Filter.of(dict(parse_qsl(ask.field("query"))))
    claim_id = assignment.take_next(bench.db, bench.leads, bench.standing, ask.who, chosen)
    return responses.to(f"/claims/{claim_id}", "taken")


def take_blind(ask: Ask) -> Response:
    """A claim whose verdict this person is to find anew, without knowing it."""
    with ask.bench.db.reading() as connection:
        claim_id = blind_review.next_for(
            connection, ask.bench.key, ask.who, lambda one: reaches(ask, one)
        )
    return responses.to(f"/claims/{claim_id}", "check")


def bulk(ask: Ask) -> Response:
    """Assigns, or closes with one reason, the claims that were ticked."""
    ids = list(dict.fromkeys(ask.form.get("claim", [])))
    if len(ids) > verdicts.MOST_AT_ONCE:
        raise ActionRefusedError("too_many")
    leads = _visible(ask, ids)
    if ask.field("do") == "assign":
        to = ask.field("to")
        assignment.assign(
            ask.bench.db, [r["claim_id"] for r in leads], ask.who,
            int(to) if to.isascii() and to.isdigit() and len(to) < 10 else -1,
        )  # fmt: skip
        return responses.to(responses.inside(ask.field("back")), "assigned")
    if ask.field("verdict") not in BULK_VERDICTS:
        raise ActionRefusedError("verdict_needed")
    finding = verdicts.Finding(ask.field("verdict"), ask.field("reason"), note=ask.field("note"))
    batch, _, second = verdicts.decide_many(
        ask.bench.db, ask.bench.leads.run_id, leads, ask.who, finding, drawn=ask.bench.drawn
    )
    return responses.to(f"/queue?batch={batch}", "second" if second else "decided")


def undo_bulk(ask: Ask) -> Response:
    review.undo_batch(ask.bench.db, ask.path("batch"), ask.who)
    return responses.to("/queue", "undone")


def _visible(ask: Ask, ids: list[str]) -> list[dict[str, Any]]:
    """The queue's rows of those claims that this person may see, in one question."""
    clause, given = Filter(status="all").clause(ask.who, now(), "")
    given.pop("now")
    found = ask.bench.leads.rows(
        f"SELECT * FROM queue WHERE list_contains($ids, claim_id) AND {clause} ORDER BY rank",  # noqa: S608
        {**given, "ids": ids},
    )
    return [ask.bench.selection(lead) for lead in found]


HANDLERS = {
    "queue_page": queue_page, "save_filter": save_filter, "drop_filter": drop_filter, "take_next": take_next, "take_blind": take_blind, "bulk": bulk,
    "undo_bulk": undo_bulk,
}  # fmt: skip
