"""The chain of custody of a workspace: one line for every run, model, pack and plan.

Each line holds the SHA-256 of what it names and the hash of the line before it, so a line
changed, removed or slipped in breaks every hash after it. That the end was cut off shows only
against a receipt noted elsewhere (see :class:`Receipt`). The file is small and rewritten
whole, so that a killed process cannot tear its last line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.store import files
from fraud_pipeline.store.workspace import Workspace

FILE = "ledger.jsonl"
# What a line can name. `commitment` is the hash of an audit frame before its seed is known,
# `decisions` the head of the workbench's own log, `pruned` a run whose tables were removed.
KINDS = ("run", "model", "packs", "plan", "commitment", "decisions", "pruned")


@dataclass(frozen=True)
class Line:
    """One line: the sha256 is of the subject's manifest (or of what the kind says)."""

    seq: int
    at: str  # the clock's word; the order is that of seq, whatever the clock did
    kind: str
    subject: str
    sha256: str
    previous: str
    hash: str

    def digest(self) -> str:
        """SHA-256 over everything but the hash itself."""
        content = {k: v for k, v in asdict(self).items() if k != "hash"}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Receipt:
    """Number and hash of a line: what to note to notice a cut-off end later."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """
        >>> Receipt.parse("3:ab").seq
        3
        """
        seq, colon, digest = text.partition(":")
        if not (seq.isdigit() and colon and digest):
            raise IntegrityError(f"a receipt reads NUMBER:HASH, not {text!r}")
        return cls(int(seq), digest)


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


def fault(lines: Iterable[Line], receipt: Receipt | None = None) -> str | None:
    """The first thing wrong with the chain, in words; None when it is whole."""
    previous, count, met = "", 0, receipt is None
    for count, line in enumerate(lines, start=1):
        if line.seq != count:
            return f"ledger line {count}: a line is missing"
        if line.previous != previous:
            return f"ledger line {count}: does not follow the line before it"
        if line.digest() != line.hash:
            return f"ledger line {count} ({line.kind} {line.subject}) was changed"
        if receipt is not None and line.seq == receipt.seq:
            met = line.hash == receipt.hash
        previous = line.hash
    return None if met else f"ledger: the receipt is not met; {count} lines are left"


def last(lines: list[Line], kind: str, subject: str | None = None) -> Line | None:
    """The latest line of a kind, or of a kind and subject."""
    for line in reversed(lines):
        if line.kind == kind and subject in (None, line.subject):
            return line
    return None


def last_at(workspace: Workspace) -> datetime | None:
    """When the last run was entered, by the clock of that day."""
    line = last(read(workspace), "run")
    return datetime.fromisoformat(line.at) if line else None


def append(workspace: Workspace, kind: str, subject: str, sha256: str) -> Line:
    """One line at the end; the workspace must be locked by the caller.

    Saying the same again of a subject adds nothing. Raises IntegrityError when the
    chain is broken already: a broken chain is not built upon.
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
