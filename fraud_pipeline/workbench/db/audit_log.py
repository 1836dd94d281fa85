"""The log of every access, decision, export and setting: append-only, each row bound to the last.

The rows form a chain (see :mod:`fraud_pipeline.store.hash_chain`). That its end was cut off
shows only against a receipt noted earlier: ``verify`` takes one, and every evidence pack and
sign-off carries one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fraud_pipeline.store import hash_chain
from fraud_pipeline.store.hash_chain import Link, Receipt
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.tables import LOG, LOG_HEAD

_PROBLEMS = {
    hash_chain.MISSING: "a row is missing",
    hash_chain.UNLINKED: "a row does not follow the one before it",
    hash_chain.CHANGED: "a row was changed",
}
ERASE = "erase"  # a row that says which earlier rows were erased, and what stands there now
_FIELDS = ("seq", "at", "user_id", "who", "action", "subject", "detail", "previous")


@dataclass(frozen=True)
class LogCheck:
    """Result of ``verify``: intact rows, and number and problem of the first bad row (None: none)."""

    rows: int
    broken_at: int | None
    problem: str
    head: Receipt

    @property
    def is_intact(self) -> bool:
        return self.broken_at is None


def append(
    connection: sa.Connection, user_id: int | None, who: str, action: str, subject: str,
    **detail: Any,
) -> Receipt:  # fmt: skip
    """Appends one row to the log inside the caller's writing transaction; returns its receipt."""
    seq, previous = connection.execute(sa.select(LOG_HEAD.c.seq, LOG_HEAD.c.hash)).one()
    row = {
        "seq": seq + 1, "at": now(), "user_id": user_id, "who": who, "action": action,
        "subject": subject, "previous": previous,
        "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str),
    }  # fmt: skip
    row["hash"] = digest(row)
    connection.execute(sa.insert(LOG).values(row))
    connection.execute(
        sa.update(LOG_HEAD).where(LOG_HEAD.c.id == 1).values(seq=row["seq"], hash=row["hash"])
    )
    return Receipt(int(row["seq"]), str(row["hash"]))


def digest(row: dict[str, Any]) -> str:
    """SHA-256 over a row's content and the hash of the row before it."""
    content = json.dumps([row[name] for name in _FIELDS], ensure_ascii=False)
    return hash_chain.content_hash(content)


def head(connection: sa.Connection) -> Receipt:
    seq, hashed = connection.execute(sa.select(LOG_HEAD.c.seq, LOG_HEAD.c.hash)).one()
    return Receipt(seq, hashed)


def erased_digests(connection: sa.Connection) -> dict[int, str]:
    """Number of each erased row -> hash of its content after the last erasure of it."""
    selected = sa.select(LOG.c.detail).where(LOG.c.action == ERASE).order_by(LOG.c.seq)
    return {
        int(seq): str(after)
        for detail in connection.execute(selected).scalars()
        for seq, after in json.loads(detail)["rows"].items()
    }


def erased_uploads(connection: sa.Connection) -> set[str]:
    """SHA-256 of uploaded files that were erased as a whole."""
    details = connection.execute(sa.select(LOG.c.detail).where(LOG.c.action == ERASE)).scalars()
    return {digest for detail in details for digest in json.loads(detail)["uploads"]}


def recomputed_hash(row: dict[str, Any], erased: Mapping[int, str]) -> str:
    """The hash of a row by its content; its own hash where the content is what an erasure left."""
    content = digest(row)
    return str(row["hash"]) if erased.get(row["seq"]) == content else content


def verify(connection: sa.Connection, expected: Receipt | None = None) -> LogCheck:
    """Recomputes the whole chain, compares its end with the head and with ``expected``."""
    end = head(connection)
    checked = hash_chain.check(_links(connection), expected)
    count = checked.intact
    if checked.fault is not None:
        return LogCheck(count, checked.broken_at, _PROBLEMS[checked.fault], end)
    if (checked.end or Receipt(0, "")) != end:
        return LogCheck(count, count + 1, "the end of the log is not the one noted", end)
    if expected is not None and not checked.receipt_found:
        return LogCheck(count, expected.seq, "the receipt is not met", end)
    return LogCheck(count, None, "", end)


def _links(connection: sa.Connection) -> Iterator[Link]:
    erased = erased_digests(connection)
    rows = connection.execution_options(stream_results=True).execute(
        sa.select(LOG).order_by(LOG.c.seq)
    )
    for row in rows.mappings():
        yield Link(row["seq"], row["previous"], row["hash"], recomputed_hash(dict(row), erased))
