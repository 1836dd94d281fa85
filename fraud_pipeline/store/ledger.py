"""The chain of custody of a workspace: one line for every run, model, pack and plan.

Each line holds the SHA-256 of what it names and is bound to the line before it (see
:mod:`fraud_pipeline.store.hash_chain`). The file is small and rewritten whole, so that a
killed process cannot leave half of a last line.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.store import files, hash_chain
from fraud_pipeline.store.hash_chain import Link, Receipt
from fraud_pipeline.store.workspace import Workspace

FILE = "ledger.jsonl"
# What a line can name. `commitment` is the hash of an audit frame before its seed is known,
# `decisions` the head of the workbench's own log, `pruned` a run whose tables were removed,
# `erasure` the record of an erasure of personal data.
KINDS = ("run", "model", "packs", "plan", "commitment", "decisions", "pruned", "erasure")


@dataclass(frozen=True)
class Line:
    """One line: the sha256 is of the subject's manifest (or of what the kind says)."""

    seq: int
    at: str  # UTC, ISO 8601; the order of lines is that of seq, whatever the clock said
    kind: str
    subject: str
    sha256: str
    previous: str
    hash: str

    def digest(self) -> str:
        """SHA-256 over everything but the hash itself."""
        content = {k: v for k, v in asdict(self).items() if k != "hash"}
        return hash_chain.content_hash(json.dumps(content, sort_keys=True))


def read(workspace: Workspace) -> list[Line]:
    """Every line in order, empty before the first publication; nothing is checked but form."""
    path = workspace.path / FILE
    if not path.is_file():
        return []
    lines = []
    for number, text in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
        try:
            lines.append(Line(**json.loads(text)))
        except (ValueError, TypeError) as error:
            raise IntegrityError(f"{path}: line {number} is not what was written") from error
    return lines


def fault(lines: Sequence[Line], receipt: Receipt | None = None) -> str | None:
    """The first thing wrong with the chain, in words; None when it is whole."""
    links = (Link(line.seq, line.previous, line.hash, line.digest()) for line in lines)
    checked = hash_chain.check(links, receipt)
    if checked.broken_at is not None:
        line = lines[checked.broken_at - 1]
        return {
            hash_chain.MISSING: f"ledger line {checked.broken_at}: a line is missing",
            hash_chain.UNLINKED: f"ledger line {checked.broken_at}: does not follow the line before it",
            hash_chain.CHANGED: f"ledger line {checked.broken_at} ({line.kind} {line.subject}) was changed",
        }[str(checked.fault)]  # fmt: skip
    if not checked.receipt_found:
        return f"ledger: the receipt is not met; {checked.intact} lines are left"
    return None


def last(lines: list[Line], kind: str, subject: str | None = None) -> Line | None:
    """The latest line of a kind, or of a kind and subject."""
    for line in reversed(lines):
        if line.kind == kind and subject in (None, line.subject):
            return line
    return None


def last_at(workspace: Workspace) -> datetime | None:
    """When the last run was registered, in UTC by the clock of that moment."""
    line = last(read(workspace), "run")
    return datetime.fromisoformat(line.at) if line else None


def append(workspace: Workspace, kind: str, subject: str, sha256: str) -> Line:
    """One line at the end; the workspace must be locked by the caller.

    Returns the existing line when the latest one of the subject has the same hash. Raises
    IntegrityError when the chain is broken already: nothing is appended to a broken chain.
    """
    lines = read(workspace)
    if problem := fault(lines):
        raise IntegrityError(f"{problem}; nothing was added")
    known = last(lines, kind, subject)
    if known is not None and known.sha256 == sha256:
        return known
    open_line = Line(
        seq=len(lines) + 1, at=datetime.now(UTC).isoformat(timespec="seconds"), kind=kind,
        subject=subject, sha256=sha256, previous=lines[-1].hash if lines else "", hash="",
    )  # fmt: skip
    line = Line(**{**asdict(open_line), "hash": open_line.digest()})
    text = "".join(_written(one) for one in [*lines, line])
    files.write_bytes(workspace.path / FILE, text.encode())
    return line


def receipt(workspace: Workspace) -> Receipt | None:
    """The end of the chain as it is now."""
    lines = read(workspace)
    return Receipt(lines[-1].seq, lines[-1].hash) if lines else None


def _written(line: Line) -> str:
    content: dict[str, Any] = asdict(line)
    return json.dumps(content, ensure_ascii=False, sort_keys=True) + "\n"
