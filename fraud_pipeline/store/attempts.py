"""The diary of a workspace: every attempt at a night, how it ended, and those that never did."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

FILE = "nights.jsonl"
_LONGEST_REASON = 500


@dataclass(frozen=True)
class Entry:
    """One line of the diary. ``event``: begun, published, unchanged or failed."""

    at: str  # UTC, ISO 8601
    event: str
    pid: int
    run_id: str | None = None
    reason: str | None = None


class Attempt:
    """An attempt under way; told how it ended by :meth:`ended`."""

    def __init__(self) -> None:
        self.event, self.run_id = "failed", ""

    def ended(self, run_id: str, *, new: bool) -> None:
        self.event, self.run_id = ("published" if new else "unchanged"), run_id


@contextlib.contextmanager
def attempt(workspace: Path) -> Iterator[Attempt]:
    """Notes the beginning and the end of a night; a killed one leaves a beginning alone.

    The diary is for people who look after the nights. It never stops one: where it
    cannot be written, nothing is said.
    """
    _note(workspace, Entry(_now(), "begun", os.getpid()))
    current = Attempt()
    try:
        yield current
    except BaseException as error:
        reason = f"{type(error).__name__}: {error}".replace("\n", " ")[:_LONGEST_REASON]
        _note(workspace, Entry(_now(), "failed", os.getpid(), None, reason))
        raise
    _note(workspace, Entry(_now(), current.event, os.getpid(), current.run_id))


def read(workspace: Path) -> list[Entry]:
    """Every entry in the order written; a line torn by a full disk is passed over."""
    path = workspace / FILE
    if not path.is_file():
        return []
    entries = []
    for text in path.read_text("utf-8", "replace").splitlines():
        with contextlib.suppress(ValueError, TypeError):
            entries.append(Entry(**json.loads(text)))
    return entries


def _note(workspace: Path, entry: Entry) -> None:
    line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
    with contextlib.suppress(OSError):
        handle = os.open(workspace / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
