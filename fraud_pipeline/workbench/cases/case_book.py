"""Cases as their events tell: what each holds, who works on it, what is still to be done.

A case is the sum of its rows in ``case_events``, which are never changed; this module adds them
up. ``CaseBook`` keeps the result in memory and reads only the rows that are new.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from fraud_pipeline.workbench.db.tables import CASE_EVENTS

ITEM_KINDS = ("claim", "enterprise", "institution", "ring")
STATUSES = ("open", "waiting", "referred", "closed")  # what a person can set
MERGED = "merged"
_DONE = ("closed", MERGED)


@dataclass(frozen=True)
class Item:
    """Something a case holds, who added it and why."""

    kind: str
    key: str
    reason: str
    who: str
    at: str


@dataclass
class Task:
    """Something to do by a day; ``awaits``: an answer is awaited, so that reminders follow."""

    id: int
    title: str
    owner: int
    due: str
    awaits: str  # from whom an answer is awaited; empty = an ordinary task
    every: int  # days between reminders
    reminders: int = 0
    done_at: str | None = None
    result: str = ""

    def is_due(self, today: date) -> bool:
        """Whether it is to be done, or the next reminder to be sent, today or before."""
        return self.done_at is None and date.fromisoformat(self.due) <= today


@dataclass
class Case:
    """One case, as of its last event."""

    id: int
    title: str
    source: str
    opened_by: str
    opened_at: str
    status: str = "open"
    owner: int | None = None
    items: dict[tuple[str, str], Item] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    tasks: dict[int, Task] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    merged_into: int | None = None
    mentioned: set[int] = field(default_factory=set)
    events: list[dict[str, Any]] = field(default_factory=list)

    def keys(self, kind: str) -> list[str]:
        """The keys of the items of one kind, in the order they were added."""
        return [key for one, key in self.items if one == kind]

    @property
    def is_open(self) -> bool:
        return self.status not in _DONE

    def open_tasks(self) -> list[Task]:
        waiting = [task for task in self.tasks.values() if task.done_at is None]
        return sorted(waiting, key=lambda task: (task.due, task.id))


def load(connection: sa.Connection, case_id: int) -> Case | None:
    """One case from its events; None when there is no such case."""
    e = CASE_EVENTS
    rows = connection.execute(sa.select(e).where(e.c.case_id == case_id).order_by(e.c.id))
    cases: dict[int, Case] = {}
    _add_events(cases, (dict(row) for row in rows.mappings()))
    return cases.get(case_id)


class CaseBook:
    """Every case, kept up to date with the table; callers must not change what it returns."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._cases: dict[int, Case] = {}
        self._last = 0

    def cases(self, connection: sa.Connection) -> dict[int, Case]:
        """Case by number. The connection must be one for reading: it sees committed rows alone."""
        e = CASE_EVENTS
        with self._guard:
            rows = connection.execute(sa.select(e).where(e.c.id > self._last).order_by(e.c.id))
            new = [dict(row) for row in rows.mappings()]
            _add_events(self._cases, new)
            self._last = max([self._last, *(row["id"] for row in new)])
            return dict(self._cases)

    def holding(self, connection: sa.Connection, kind: str, key: str) -> list[Case]:
        """The cases that hold this item, latest first; merged ones are left out."""
        return [
            case
            for case in reversed(self.cases(connection).values())
            if (kind, key) in case.items and case.status != MERGED
        ]


def _add_events(cases: dict[int, Case], rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        event = {**row, "detail": json.loads(row["detail"])}
        if event["kind"] == "open":
            detail = event["detail"]
            cases[event["case_id"]] = Case(
                event["case_id"], detail["title"], detail["source"], event["who"], event["at"],
                owner=event["by"],
            )  # fmt: skip
        case = cases[event["case_id"]]
        case.events.append(event)
        change = _CHANGES.get(event["kind"])
        if change is not None:
            change(case, event, event["detail"])


def _add_item(case: Case, event: dict[str, Any], detail: dict[str, Any]) -> None:
    item = Item(detail["item"], detail["key"], detail["reason"], event["who"], event["at"])
    case.items.setdefault((item.kind, item.key), item)


def _remove_item(case: Case, event: dict[str, Any], detail: dict[str, Any]) -> None:
    case.items.pop((detail["item"], detail["key"]), None)


def _add_note(case: Case, event: dict[str, Any], detail: dict[str, Any]) -> None:
    case.notes.append({**detail, "who": event["who"], "at": event["at"]})
    case.mentioned |= set(detail["mentions"])


def _add_task(case: Case, event: dict[str, Any], detail: dict[str, Any]) -> None:
    case.tasks[event["id"]] = Task(event["id"], **detail)


def _finish_task(case: Case, event: dict[str, Any], detail: dict[str, Any]) -> None:
    task = case.tasks[detail["task"]]
    task.done_at, task.result = event["at"], detail["result"]


def _remind(case: Case, event: dict[str, Any], detail: dict[str, Any]) -> None:
    task = case.tasks[detail["task"]]
    task.reminders, task.due = task.reminders + 1, detail["due"]


def _set_status(case: Case, event: dict[str, Any], detail: dict[str, Any]) -> None:
    case.status = detail["status"]


def _set_owner(case: Case, event: dict[str, Any], detail: dict[str, Any]) -> None:
    case.owner = detail["owner"]


def _set_title(case: Case, event: dict[str, Any], detail: dict[str, Any]) -> None:
    case.title = detail["title"]


def _add_file(case: Case, event: dict[str, Any], detail: dict[str, Any]) -> None:
    case.files.append({**detail, "id": event["id"], "who": event["who"], "at": event["at"]})


def _merge(case: Case, event: dict[str, Any], detail: dict[str, Any]) -> None:
    case.status, case.merged_into = MERGED, detail["case"]


# kind of event -> what it changes; other kinds (merge_from, split_into, decide, referral) are
# history alone
_CHANGES: dict[str, Callable[[Case, dict[str, Any], dict[str, Any]], None]] = {
    "add": _add_item, "remove": _remove_item, "note": _add_note, "task": _add_task,
    "done": _finish_task, "remind": _remind, "status": _set_status, "owner": _set_owner,
    "title": _set_title, "file": _add_file, "merge_into": _merge,
}  # fmt: skip
EVENT_KINDS = ("open", *_CHANGES, "merge_from", "split_from", "split_into", "decide", "referral")
