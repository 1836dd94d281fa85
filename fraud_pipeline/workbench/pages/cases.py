"""Cases: the list, one case, and what is done to it. Every form answers with a redirect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from starlette.responses import Response

from fraud_pipeline.workbench.addresses import case_address
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.cases import attachments, case_actions
from fraud_pipeline.workbench.cases.case_actions import NewItem
from fraud_pipeline.workbench.cases.case_book import ITEM_KINDS, Case
from fraud_pipeline.workbench.cases.case_words import history
from fraud_pipeline.workbench.cases.masking import scrub
from fraud_pipeline.workbench.cases.referral_words import RECIPIENTS
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.entities.scope import PARTIES, visible_claims
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import kept_forms, responses
from fraud_pipeline.workbench.pages.case_access import accessible_case, visible_cases
from fraud_pipeline.workbench.pages.case_items import items_of_source, requested_items
from fraud_pipeline.workbench.pages.claim_access import account_names, assignable_accounts
from fraud_pipeline.workbench.pages.exports import file_response
from fraud_pipeline.workbench.pages.lookup import with_verdicts
from fraud_pipeline.workbench.pages.parameters import account_id, record_id

_FILTERS = ("open", "mine", "mentions", "all")


def today() -> date:
    return date.fromisoformat(now()[:10])


def cases_page(context: RequestContext) -> Response:
    """The cases this person may see, with the person's tasks and what is due."""
    chosen = context.query().get("show", "open")
    chosen = chosen if chosen in _FILTERS else "open"
    cases = visible_cases(context)
    with context.app_state.db.reading() as connection:
        who = account_names(connection)
    tasks = [(case, task) for case in cases if case.is_open for task in case.open_tasks()
             if task.owner == context.user.id]  # fmt: skip
    shown = [case for case in cases if _fits(case, chosen, context.user.id)]
    return responses.render_page(
        context, "cases.html", cases=shown, tasks=sorted(tasks, key=lambda pair: pair[1].due),
        chosen=chosen, names=who, today=today(),
    )  # fmt: skip


def _fits(case: Case, chosen: str, me: int) -> bool:
    if chosen == "mine":
        return case.is_open and case.owner == me
    if chosen == "mentions":
        return me in case.mentioned
    return chosen == "all" or case.is_open


def open_case(context: RequestContext) -> Response:
    """Opens a case from a claim, a ring, high prices, a party, or claims chosen in the queue."""
    source = context.field("source")
    items = items_of_source(context, source)
    case_id = case_actions.open_case(
        context.app_state.db, context.user, context.field("title"), source, items
    )
    return responses.redirect(case_address(case_id), "case_opened")


def case_page(context: RequestContext) -> Response:
    case = accessible_case(context, context.path("case_id"))
    context.log("view", f"case {case.id}")
    return _render(context, case)


def refused_page(context: RequestContext, problem: str) -> Response:
    """The case's page with the form as it was filled in, and why it was refused."""
    return _render(context, accessible_case(context, context.path("case_id")), problem)


def _render(context: RequestContext, case: Case, problem: str = "") -> Response:
    claims = with_verdicts(context, case_claims(context, case))
    with context.app_state.db.reading() as connection:
        who, people = account_names(connection), assignable_accounts(connection)
        most = current(connection).file_megabytes
    others = [c for c in visible_cases(context) if c.is_open and c.id != case.id]
    notes = [{**note, "text": scrub(note["text"])} for note in case.notes]
    return responses.render_page(
        context, "case.html", 422 if problem else 200, refused=problem,
        draft=kept_forms.entered(context) if problem else {}, case=case, claims=claims,
        parties=case_parties(context, case), rings=case.keys("ring"), notes=notes, names=who,
        people=people, others=others, today=today(), most=most,
        total=sum((c["claimed_amount"] for c in claims), 0),
        history=[(at, name, scrub(text)) for at, name, text in history(case.events, who, context.language)],
        recipients=RECIPIENTS,
        decided=[c for c in claims if c["verdict"]], unknown=_unknown(case, claims),
    )  # fmt: skip


def case_claims(context: RequestContext, case: Case) -> list[dict[str, Any]]:
    """The case's claims that are in the run, with the names of both parties."""
    leads = context.app_state.leads
    claims = visible_claims(leads, context.user, case.keys("claim"))
    queued = {q["claim_id"]: q for q in leads.lookup(
        "queue", "claim_id", [c["claim_id"] for c in claims])}  # fmt: skip
    return [{**claim, "is_reachable": claim["claim_id"] in queued,
             "expected_loss": queued.get(claim["claim_id"], {}).get("expected_loss")}
            for claim in claims]  # fmt: skip


def case_parties(context: RequestContext, case: Case) -> list[dict[str, Any]]:
    """kind, key and name of the case's parties."""
    leads, rows = context.app_state.leads, []
    for kind in PARTIES:
        keys = case.keys(kind)
        known = {r[f"{kind}_id"]: r for r in leads.lookup(f"{kind}s", f"{kind}_id", keys)}
        rows += [{"kind": kind, "key": key, "name": known.get(key, {}).get("name") or key,
                  "row": known.get(key)} for key in keys]  # fmt: skip
    return rows


def _unknown(case: Case, claims: list[dict[str, Any]]) -> list[str]:
    """Claims of the case that the present run does not hold."""
    known = {claim["claim_id"] for claim in claims}
    return [key for key in case.keys("claim") if key not in known]


def change_case(context: RequestContext) -> Response:
    """One change: an item, a note, a task, the owner, the title or the status."""
    case = accessible_case(context, context.path("case_id"))
    change = _CHANGES.get(context.field("do"))
    if change is None:
        raise ActionRefusedError("nothing_chosen")
    change(context, case)
    return responses.redirect(case_address(case.id), "saved")


def _add(context: RequestContext, case: Case) -> None:
    items = requested_items(context, context.field("kind"), context.field("key"))
    case_actions.add_items(
        context.app_state.db, context.user, case.id, items, context.field("reason")
    )


def _remove(context: RequestContext, case: Case) -> None:
    kind, _, key = context.field("item").partition(" ")
    case_actions.remove_item(
        context.app_state.db, context.user, case.id, kind, key, context.field("reason")
    )


def _note(context: RequestContext, case: Case) -> None:
    case_actions.add_note(context.app_state.db, context.user, case.id, context.field("text"))


def _task(context: RequestContext, case: Case) -> None:
    case_actions.add_task(
        context.app_state.db, context.user, case.id, context.field("title"),
        account_id(context.field("owner")), context.field("due"), context.field("awaits"),
        context.field("every"),
    )  # fmt: skip


def _done(context: RequestContext, case: Case) -> None:
    case_actions.finish_task(
        context.app_state.db, context.user, case.id, record_id(context.field("task")),
        context.field("result"),
    )  # fmt: skip


def _remind(context: RequestContext, case: Case) -> None:
    task = record_id(context.field("task"))
    case_actions.remind(context.app_state.db, context.user, case.id, task)


def _owner(context: RequestContext, case: Case) -> None:
    owner = account_id(context.field("owner"))
    case_actions.set_owner(context.app_state.db, context.user, case.id, owner)


def _title(context: RequestContext, case: Case) -> None:
    case_actions.set_title(context.app_state.db, context.user, case.id, context.field("title"))


def _status(context: RequestContext, case: Case) -> None:
    case_actions.set_status(
        context.app_state.db, context.user, case.id, context.field("status"),
        context.field("reason"),
    )  # fmt: skip


_CHANGES: dict[str, Callable[[RequestContext, Case], None]] = {
    "add": _add, "remove": _remove, "note": _note, "task": _task, "done": _done,
    "remind": _remind, "owner": _owner, "title": _title, "status": _status,
}  # fmt: skip


def merge_case(context: RequestContext) -> Response:
    case = accessible_case(context, context.path("case_id"))
    into = accessible_case(context, context.field("into"))
    case_actions.merge(
        context.app_state.db, context.user, case.id, into.id, context.field("reason")
    )
    return responses.redirect(case_address(into.id), "case_merged")


def split_case(context: RequestContext) -> Response:
    case = accessible_case(context, context.path("case_id"))
    pairs = [text.partition(" ") for text in context.form.get("item", [])]
    items = [NewItem(kind, key) for kind, _, key in pairs if kind in ITEM_KINDS]
    new_id = case_actions.split(
        context.app_state.db, context.user, case.id, items, context.field("title"),
        context.field("reason"),
    )  # fmt: skip
    return responses.redirect(case_address(new_id), "case_split")


def case_attach(context: RequestContext) -> Response:
    case = accessible_case(context, context.path("case_id"))
    if context.upload is None:
        raise ActionRefusedError("nothing_chosen")
    with context.app_state.db.reading() as connection:
        most = current(connection).file_megabytes << 20
    values = attachments.write_content(context.app_state.workspace.path, context.upload, most)
    case_actions.add_file(context.app_state.db, context.user, case.id, **values)
    return responses.redirect(case_address(case.id), "attached")


def case_download(context: RequestContext) -> Response:
    """A file of the case as a download; each download is logged."""
    case = accessible_case(context, context.path("case_id"))
    wanted = record_id(context.path("file_id"))
    row = next((file for file in case.files if file["id"] == wanted), None)
    if row is None:
        raise ActionRefusedError("nothing_chosen")
    data = attachments.read_content(context.app_state.workspace.path, row)
    context.log("download", f"case {case.id}", file=row["name"], sha256=row["sha256"])
    return file_response(data, row["name"], "application/octet-stream")


HANDLERS = {
    "cases_page": cases_page, "open_case": open_case, "case_page": case_page,
    "change_case": change_case, "merge_case": merge_case, "split_case": split_case,
    "case_attach": case_attach, "case_download": case_download,
}  # fmt: skip
