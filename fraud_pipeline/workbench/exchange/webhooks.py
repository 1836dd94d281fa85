"""Webhooks: signed messages to upstream systems through a transactional outbox.

A message enters the outbox in the transaction of the decision it reports. It names claims by id
and holds no personal data. Delivery is at least once; the message's id is the same each time.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.workbench.auth import installation_key
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import Database, now
from fraud_pipeline.workbench.http_client import OPENER, TIMEOUT_SECONDS, is_loopback

EVENTS = {
    "decision": ("结论及其后续（复核、撤回、重开、异议）", "decisions and what follows them"),
    "claims": ("接口收到申请", "claims received"),
    "run": ("新的运行可用", "a new run is at hand"),
}  # fmt: skip
# Seconds before each attempt; afterwards the message fails, and an administrator can resend it.
RETRY_DELAYS = (0, 10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400)
_AT_ONCE = 50


def secret_of(key: bytes, webhook_id: int) -> str:
    """The shared secret of one webhook; derived, so that no table holds it."""
    return "whsec_" + installation_key.derive_secret(key, f"webhook {webhook_id}")


def signature(secret: str, at: int, body: str) -> str:
    """The header ``Webhook-Signature``: the time, and HMAC-SHA256 over ``time.body`` in hex.

    >>> signature("s", 1, "{}")[:8]
    't=1,v1=b'
    """
    mark = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={mark}"


def create(connection: sa.Connection, name: str, url: str, events: list[str], by: Person) -> int:
    """Creates a webhook; returns its id. Raises SettingsError for a bad address or event."""
    name, url = name.strip()[:60], url.strip()[:500]
    known = [event for event in EVENTS if event in events]
    if not name or not known:
        raise SettingsError("须有名称和至少一种事件 / a name and at least one event are needed")
    _check_url(url)
    inserted = connection.execute(
        sa.insert(t.WEBHOOKS).values(
            name=name, url=url, events=" ".join(known), created_by=by.id, created_at=now()
        )
    )
    audit_log.append(
        connection, by.id, by.name, "webhook", f"webhook {name}", url=url, events=known
    )
    return int(inserted.inserted_primary_key[0])  # type: ignore[index]


def _check_url(url: str) -> None:
    """Raises SettingsError unless the address is https, or http to this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme == "https" and host and "@" not in parts.netloc:
        return
    if not (parts.scheme == "http" and is_loopback(host)):
        raise SettingsError(
            "地址须为 https://（本机可用 http://） / an address starts with https:// "
            "(http:// to this machine only)"
        )


def revoke(connection: sa.Connection, webhook_id: int, by: Person) -> bool:
    """Revokes a webhook and its pending messages; False when there is no active one."""
    w, o = t.WEBHOOKS, t.OUTBOX
    done = connection.execute(
        sa.update(w).where(w.c.id == webhook_id, w.c.revoked_at.is_(None)).values(revoked_at=now())
    )
    if done.rowcount == 0:
        return False
    connection.execute(
        sa.update(o)
        .where(o.c.webhook_id == webhook_id, o.c.next_at.is_not(None))
        .values(next_at=None, problem="revoked")
    )
    audit_log.append(connection, by.id, by.name, "webhook-revoke", f"webhook {webhook_id}")
    return True


def resend(connection: sa.Connection, webhook_id: int, by: Person) -> int:
    """Schedules every failed message again; returns how many."""
    o = t.OUTBOX
    done = connection.execute(
        sa.update(o)
        .where(o.c.webhook_id == webhook_id, o.c.next_at.is_(None), o.c.delivered_at.is_(None))
        .values(next_at=now(), attempts=0)
    )
    audit_log.append(
        connection, by.id, by.name, "webhook-resend", f"webhook {webhook_id}", n=done.rowcount
    )
    return int(done.rowcount)


def enqueue(connection: sa.Connection, event: str, **facts: Any) -> None:
    """Adds a message for each webhook subscribed to ``event`` to the outbox of this transaction."""
    w = t.WEBHOOKS
    rows = connection.execute(sa.select(w.c.id, w.c.events).where(w.c.revoked_at.is_(None))).all()
    body = json.dumps({"event": event, "at": now(), **facts}, ensure_ascii=False, default=str)
    for row in rows:
        if event in row.events.split():
            connection.execute(
                sa.insert(t.OUTBOX).values(
                    webhook_id=row.id, event=event, body=body, created_at=now(), next_at=now(),
                    attempts=0,
                )
            )  # fmt: skip


def deliver(db: Database, key: bytes) -> int:
    """Sends the messages that are due, recording each result; returns how many were delivered."""
    o, w = t.OUTBOX, t.WEBHOOKS
    with db.reading() as connection:
        due = connection.execute(
            sa.select(o.c.id, o.c.webhook_id, o.c.event, o.c.body, o.c.attempts, w.c.url)
            .join(w, w.c.id == o.c.webhook_id)
            .where(o.c.next_at <= now(), w.c.revoked_at.is_(None))
            .order_by(o.c.id)
            .limit(_AT_ONCE)
        ).all()
    delivered, failed = 0, set()
    for row in due:
        if row.webhook_id in failed:  # one failure per webhook and round
            continue
        problem = _send(row.url, secret_of(key, row.webhook_id), row.id, row.event, row.body)
        _record_attempt(db, row.id, row.attempts + 1, problem)
        delivered += problem is None
        failed |= {row.webhook_id} if problem else set()
    return delivered


def _record_attempt(db: Database, message_id: int, attempts: int, problem: str | None) -> None:
    values: dict[str, Any] = {"attempts": attempts, "problem": problem, "next_at": None}
    if problem is None:
        values["delivered_at"] = now()
    elif attempts < len(RETRY_DELAYS):
        later = datetime.fromisoformat(now()) + timedelta(seconds=RETRY_DELAYS[attempts])
        values["next_at"] = later.isoformat(timespec="microseconds")
    with db.writing() as connection:
        connection.execute(sa.update(t.OUTBOX).where(t.OUTBOX.c.id == message_id).values(values))


def _send(url: str, secret: str, message_id: int, event: str, body: str) -> str | None:
    """None on a 2xx response, else the problem in a few words."""
    headers = {
        "Content-Type": "application/json", "User-Agent": "fraud-pipeline",
        "Webhook-Id": str(message_id), "Webhook-Event": event,
        "Webhook-Signature": signature(secret, int(time.time()), body),
    }  # fmt: skip
    request = urllib.request.Request(url, body.encode(), headers, method="POST")  # noqa: S310 - _check_url
    try:
        with OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return None if 200 <= answer.status < 300 else f"HTTP {answer.status}"
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}"
    except (OSError, ValueError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"[:200]
