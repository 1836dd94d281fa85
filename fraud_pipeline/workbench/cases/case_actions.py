"""What people do to cases. Every function writes one or more rows, each with its row in the log."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.cases.case_book import ITEM_KINDS, STATUSES, Case, Task, load
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db.database import Database, now
from fraud_pipeline.workbench.db.tables import CASE_EVENTS, USERS
from fraud_pipeline.workbench.errors import ActionRefusedError

MAX_ITEMS = 2_000
SOURCES = ("claim", "ring", "price", "enterprise", "institution", "queue", "case")
_MENTION = re.compile(r"@([\w.\-]{2,40})")


@dataclass(frozen=True)
class NewItem:
    """Something to add to a case."""

    kind: str
    key: str


def record(
    connection: sa.Connection, person: Person, case_id: int, kind: str, /, **detail: Any
) -> int:
    """Writes one event and its log row inside the caller's transaction; returns the event's id."""
    receipt = audit_log.append(
        connection, person.id, person.name, "case", f"case {case_id}", event=kind, values=detail
    )
    inserted = connection.execute(
        sa.insert(CASE_EVENTS).values(
            case_id=case_id, kind=kind, detail=as_text(detail), by=person.id, who=person.name,
            at=now(), log_seq=receipt.seq,
        )
    )  # fmt: skip
    return int(inserted.inserted_primary_key[0])  # type: ignore[index]


def as_text(detail: dict[str, Any]) -> str:
    """The values of an event as the table stores them."""
    return json.dumps(detail, ensure_ascii=False, sort_keys=True)


def open_case(
    db: Database, person: Person, title: str, source: str, items: Sequence[NewItem]
) -> int:
    """Opens a case with these items and returns its number. Raises ActionRefusedError."""
    title = title.strip()[:120]
    if not title:
        raise ActionRefusedError("title_needed")
    if source not in SOURCES or not items:
        raise ActionRefusedError("nothing_chosen")
    with db.writing() as connection:
        return _open(connection, person, title, source, items)


def _open(
    connection: sa.Connection, person: Person, title: str, source: str, items: Sequence[NewItem],
    reason: str = "",
) -> int:  # fmt: skip
    last = connection.execute(sa.select(sa.func.max(CASE_EVENTS.c.case_id))).scalar()
    case_id = int(last or 0) + 1
    record(connection, person, case_id, "open", title=title, source=source)
    _add(connection, person, case_id, items, reason)
    return case_id


def _add(
    connection: sa.Connection, person: Person, case_id: int, items: Sequence[NewItem], reason: str
) -> None:
    if len(items) > MAX_ITEMS:
        raise ActionRefusedError("too_many_items")
    for item in dict.fromkeys(items):
        if item.kind not in ITEM_KINDS:
            raise ActionRefusedError("nothing_chosen")
        record(connection, person, case_id, "add", item=item.kind, key=item.key, reason=reason)


def _workable(connection: sa.Connection, case_id: int) -> Case:
    """The case, if it can still be worked on. Raises ActionRefusedError for one that is over."""
    case = load(connection, case_id)
    if case is None or not case.is_open:
        raise ActionRefusedError("case_over")
    return case


def add_items(
    db: Database, person: Person, case_id: int, items: Sequence[NewItem], reason: str
) -> None:
    with db.writing() as connection:
        case = _workable(connection, case_id)
        new = [item for item in items if (item.kind, item.key) not in case.items]
        if not new:
            raise ActionRefusedError("nothing_chosen")
        _add(connection, person, case_id, new, reason.strip()[:500])


def remove_item(
    db: Database, person: Person, case_id: int, kind: str, key: str, reason: str
) -> None:
    """Takes one thing out of a case; a reason is needed."""
    if not reason.strip():
        raise ActionRefusedError("note_needed")
    with db.writing() as connection:
        if (kind, key) not in _workable(connection, case_id).items:
            raise ActionRefusedError("nothing_chosen")
        record(connection, person, case_id, "remove", item=kind, key=key,
               reason=reason.strip()[:500])  # fmt: skip


def add_note(db: Database, person: Person, case_id: int, text: str) -> None:
    """A note; ``@name`` mentions an account, who finds it on the page of cases."""
    text = text.strip()[:4000]
    if not text:
        raise ActionRefusedError("note_needed")
    with db.writing() as connection:
        _workable(connection, case_id)
        wanted = set(_MENTION.findall(text))
        rows = connection.execute(sa.select(USERS.c.id).where(USERS.c.name.in_(wanted)))
        record(connection, person, case_id, "note", text=text, mentions=sorted(rows.scalars()))


def add_task(
    db: Database, person: Person, case_id: int, title: str, owner: int, due: str,
    awaits: str = "", every: str = "",
) -> None:  # fmt: skip
    """A task with owner and day; ``awaits``: whose answer is awaited, reminded ``every`` days."""
    title, awaits = title.strip()[:200], awaits.strip()[:120]
    if not title:
        raise ActionRefusedError("title_needed")
    day, days = _day(due), _days(every, 7)
    with db.writing() as connection:
        _workable(connection, case_id)
        _require_account(connection, owner)
        record(connection, person, case_id, "task", title=title, owner=owner, due=day,
               awaits=awaits, every=days)  # fmt: skip


def finish_task(db: Database, person: Person, case_id: int, task_id: int, result: str) -> None:
    with db.writing() as connection:
        _open_task(connection, case_id, task_id)
        record(connection, person, case_id, "done", task=task_id, result=result.strip()[:500])


def remind(db: Database, person: Person, case_id: int, task_id: int) -> None:
    """Records that a reminder was sent; the next one is due after the task's number of days."""
    with db.writing() as connection:
        task = _open_task(connection, case_id, task_id)
        if not task.awaits:
            raise ActionRefusedError("nothing_chosen")
        due = date.fromisoformat(now()[:10]) + timedelta(days=task.every)
        record(connection, person, case_id, "remind", task=task_id, due=due.isoformat())


def _open_task(connection: sa.Connection, case_id: int, task_id: int) -> Task:
    task = _workable(connection, case_id).tasks.get(task_id)
    if task is None or task.done_at is not None:
        raise ActionRefusedError("nothing_chosen")
    return task


def set_owner(db: Database, person: Person, case_id: int, owner: int) -> None:
    with db.writing() as connection:
        _workable(connection, case_id)
        _require_account(connection, owner)
        record(connection, person, case_id, "owner", owner=owner)


def set_title(db: Database, person: Person, case_id: int, title: str) -> None:
    title = title.strip()[:120]
    if not title:
        raise ActionRefusedError("title_needed")
    with db.writing() as connection:
        _workable(connection, case_id)
        record(connection, person, case_id, "title", title=title)


def set_status(db: Database, person: Person, case_id: int, status: str, reason: str) -> None:
    """Sets the status, with a reason; a closed case can be opened again, a merged one cannot."""
    if status not in STATUSES:
        raise ActionRefusedError("nothing_chosen")
    if not reason.strip():
        raise ActionRefusedError("note_needed")
    with db.writing() as connection:
        case = load(connection, case_id)
        if case is None or case.merged_into is not None or case.status == status:
            raise ActionRefusedError("case_over")
        record(connection, person, case_id, "status", status=status, reason=reason.strip()[:500])


def merge(db: Database, person: Person, case_id: int, into: int, reason: str) -> None:
    """Merges a case into another, which gets its items, files and open tasks; both keep history."""
    if not reason.strip():
        raise ActionRefusedError("note_needed")
    with db.writing() as connection:
        case, target = _workable(connection, case_id), _workable(connection, into)
        if case_id == into:
            raise ActionRefusedError("same_case")
        record(connection, person, into, "merge_from", case=case_id, reason=reason.strip()[:500])
        new = [NewItem(i.kind, i.key) for i in case.items.values()
               if (i.kind, i.key) not in target.items]  # fmt: skip
        _add(connection, person, into, new, reason.strip()[:500])
        for task in case.open_tasks():
            record(connection, person, into, "task", title=task.title, owner=task.owner,
                   due=task.due, awaits=task.awaits, every=task.every)  # fmt: skip
        kept_hashes = {file["sha256"] for file in target.files}
        for file in case.files:
            if file["sha256"] not in kept_hashes:
                record(connection, person, into, "file", **_file_values(file))
        record(connection, person, case_id, "merge_into", case=into, reason=reason.strip()[:500])


def split(
    db: Database, person: Person, case_id: int, items: Sequence[NewItem], title: str, reason: str
) -> int:
    """Moves items into a new case and returns its number. Something must stay behind."""
    title, reason = title.strip()[:120], reason.strip()[:500]
    if not title:
        raise ActionRefusedError("title_needed")
    if not reason:
        raise ActionRefusedError("note_needed")
    with db.writing() as connection:
        case = _workable(connection, case_id)
        moved = [item for item in dict.fromkeys(items) if (item.kind, item.key) in case.items]
        if not moved or len(moved) == len(case.items):
            raise ActionRefusedError("nothing_chosen")
        new_id = _open(connection, person, title, "case", moved, reason)
        record(connection, person, new_id, "split_from", case=case_id, reason=reason)
        for item in moved:
            record(connection, person, case_id, "remove", item=item.kind, key=item.key,
                   reason=reason)  # fmt: skip
        record(connection, person, case_id, "split_into", case=new_id, reason=reason)
        return new_id


def add_file(db: Database, person: Person, case_id: int, **values: Any) -> None:
    """Records a stored file (name, kind, bytes, sha256) with a case. Raises ActionRefusedError."""
    with db.writing() as connection:
        case = _workable(connection, case_id)
        if values["sha256"] in {file["sha256"] for file in case.files}:
            raise ActionRefusedError("file_known")
        record(connection, person, case_id, "file", **values)


def _file_values(file: dict[str, Any]) -> dict[str, Any]:
    return {name: file[name] for name in ("name", "kind", "bytes", "sha256")}


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ActionRefusedError("due_needed") from None


def _days(text: str, default: int) -> int:
    return max(1, min(365, int(text))) if text.isascii() and text.isdigit() else default


def _require_account(connection: sa.Connection, user_id: int) -> None:
    known = sa.select(USERS.c.id).where(USERS.c.id == user_id, USERS.c.disabled_at.is_(None))
    if connection.execute(known).first() is None:
        raise ActionRefusedError("owner_needed")
