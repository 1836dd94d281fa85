"""The log of every look, decision, export and setting: append-only, each row bound to the last.

A row's hash covers its content and the hash before it, so a row changed, removed or slipped
in breaks every hash after it. What a chain alone cannot show is that its end was cut off:
for that, ``verify`` takes a receipt (number and hash) that was noted earlier, and every
evidence pack and sign-off carries one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fraud_pipeline.store.ledger import Receipt
from fraud_pipeline.workbench.database import now
from fraud_pipeline.workbench.tables import LOG, LOG_HEAD

_FIELDS = ("seq", "at", "user_id", "who", "action", "subject", "detail", "previous")


@dataclass(frozen=True)
class Verdict:
    """What ``verify`` found: how many rows hold, and the first that does not."""

    rows: int
    broken_at: int | None
    problem: str
    head: Receipt

    @property
    def whole(self) -> bool:
        return self.broken_at is None


def append(
    connection: sa.Connection, user_id: int | None, who: str, action: str, subject: str,
    **detail: Any,
) -> Receipt:  # fmt: skip
    """One row at the end of the log, inside the caller's writing transaction."""
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
    return hashlib.sha256(content.encode()).hexdigest()


def head(connection: sa.Connection) -> Receipt:
    seq, hashed = connection.execute(sa.select(LOG_HEAD.c.seq, LOG_HEAD.c.hash)).one()
    return Receipt(seq, hashed)


def verify(connection: sa.Connection, expected: Receipt | None = None) -> Verdict:
    """Recomputes the whole chain, compares its end with the head and with ``expected``."""
    rows = connection.execution_options(stream_results=True).execute(
        sa.select(LOG).order_by(LOG.c.seq)
    )
    count, previous, met = 0, "", expected is None
    end = head(connection)
    for row in rows.mappings():
        count += 1
        problem = _fault(dict(row), count, previous)
        if problem:
            return Verdict(count - 1, count, problem, end)
        previous = row["hash"]
        if expected is not None and row["seq"] == expected.seq:
            met = row["hash"] == expected.hash
    if (count, previous) != (end.seq, end.hash):
        return Verdict(count, count + 1, "the end of the log is not the one noted", end)
    if not met:
        return Verdict(count, expected.seq if expected else None, "the receipt is not met", end)
    return Verdict(count, None, "", end)


def _fault(row: dict[str, Any], place: int, previous: str) -> str:
    if row["seq"] != place:
        return "a row is missing"
    if row["previous"] != previous:
        return "a row does not follow the one before it"
    return "" if digest(row) == row["hash"] else "a row was changed"
