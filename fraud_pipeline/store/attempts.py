"""The attempt log of a workspace: every attempt at a run, how it ended, and those that never did.

Each line names the SHA-256 of everything that stands before it in the file, and its own. So a
changed byte is found even in what an earlier version wrote without any hash; see :func:`faults`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fraud_pipeline.store import hash_chain

FILE = "nights.jsonl"  # the name that workspaces already on disk have
_LONGEST_REASON = 500
# Keys of a line: SHA-256 of all bytes before it, and of its content.
_BEFORE, _OWN = "before", "hash"


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
        with contextlib.suppress(ValueError, TypeError, AttributeError):
            content = json.loads(text)
            events.append(
                AttemptEvent(**{k: v for k, v in content.items() if k not in (_BEFORE, _OWN)})
            )
    return events


def faults(workspace: Path) -> Iterator[str]:
    """The first place where the log is not what was written, in words; nothing for a sound one.

    Lines of earlier versions carry no hash; they are proven by the first line after them that
    does. An incomplete line that a full disk left is sound once a later line vouches for it.
    """
    path = workspace / FILE
    if not path.is_file():
        return
    before, unproven = hashlib.sha256(), None
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), start=1):
        content = _content(line)
        if content is None or _OWN not in content:
            unproven = number if content is None else unproven
        elif content[_BEFORE] != before.hexdigest():
            yield f"{FILE}: something before line {number} was changed"
            return
        elif not line.endswith(b"\n") or content[_OWN] != _digest(content):
            yield f"{FILE}: line {number} was changed"
            return
        else:
            unproven = None
        before.update(line)
    if unproven is not None:
        yield f"{FILE}: line {unproven} is not what was written"


def _content(line: bytes) -> dict[str, Any] | None:
    """What a line says; None when it is no complete line of this log."""
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        content = json.loads(line)
        if (_OWN in content) == (_BEFORE in content):
            return dict(content)
    return None


def _digest(content: dict[str, Any]) -> str:
    rest = {k: v for k, v in content.items() if k != _OWN}
    return hash_chain.content_hash(json.dumps(rest, ensure_ascii=False, sort_keys=True))


def _append(workspace: Path, event: AttemptEvent) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(workspace / FILE, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b", buffering=0) as file:
            file.seek(0)
            present = file.read()
            start = "\n" if present and not present.endswith(b"\n") else ""  # after a torn line
            before = hashlib.sha256(present + start.encode()).hexdigest()
            content = {**asdict(event), _BEFORE: before}
            content[_OWN] = _digest(content)
            file.write(f"{start}{json.dumps(content, ensure_ascii=False)}\n".encode())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
