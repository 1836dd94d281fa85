"""The attempt log of a workspace: every attempt at a run, how it ended, and those that never did."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

FILE = "nights.jsonl"  # the name that workspaces already on disk have
_LONGEST_REASON = 500


@dataclass(frozen=True)
class AttemptEvent:
    """One line of the attempt log. ``event``: begun, published, unchanged or failed."""

    at: str  # UTC, ISO 8601
    event: str
    pid: int
    run_id: str | None = None
    reason: str | None = None


class Attempt:
    """An attempt in progress; :meth:`ended` records a success, an exception a failure."""

    def __init__(self) -> None:
        self.event, self.run_id = "failed", ""

    def ended(self, run_id: str, *, new: bool) -> None:
        self.event, self.run_id = ("published" if new else "unchanged"), run_id


@contextlib.contextmanager
def recorded(workspace: Path) -> Iterator[Attempt]:
    """Appends the beginning and the end of an attempt; a killed one leaves only a beginning.

    The log serves the people who operate the product and never stops a run: where it cannot
    be written, the attempt goes on without it.
    """
    _append(workspace, AttemptEvent(_now(), "begun", os.getpid()))
    current = Attempt()
    try:
        yield current
    except BaseException as error:
        reason = f"{type(error).__name__}: {error}".replace("\n", " ")[:_LONGEST_REASON]
        _append(workspace, AttemptEvent(_now(), "failed", os.getpid(), None, reason))
        raise
    _append(workspace, AttemptEvent(_now(), current.event, os.getpid(), current.run_id))


def read(workspace: Path) -> list[AttemptEvent]:
    """Every event in the order written; a line left incomplete by a full disk is skipped."""
    path = workspace / FILE
    if not path.is_file():
        return []
    events = []
    for text in path.read_text("utf-8", "replace").splitlines():
        with contextlib.suppress(ValueError, TypeError):
            events.append(AttemptEvent(**json.loads(text)))
    return events


def _append(workspace: Path, event: AttemptEvent) -> None:
    line = json.dumps(asdict(event), ensure_ascii=False) + "\n"
    with contextlib.suppress(OSError):
        handle = os.open(workspace / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
