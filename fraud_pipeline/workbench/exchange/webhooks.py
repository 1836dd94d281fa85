"""Webhooks: signed messages to upstream systems through a transactional outbox.

A message enters the outbox in the transaction of the decision it reports. It names claims by id
and holds no personal data. Delivery is at least once; the message's id is the same each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
from fraud_pipeline.workbench.exchange import outgoing
from fraud_pipeline.workbench.exchange.outgoing import Network
from fraud_pipeline.workbench.http_client import is_loopback

EVENTS = {
    "decision": ("结论及其后续（复核、撤回、重开、异议）", "decisions and what follows them"),
    "assignment": ("指派", "claims assigned"),
    "deadline": ("时限临近或已过", "deadlines near or past"),
    "claims": ("接口收到申请", "claims received"),
    "run": ("新的运行可用", "a new run is at hand"),
}  # fmt: skip
# Seconds before each attempt; afterwards the message fails, and an administrator can resend it.
RETRY_DELAYS = (0, 10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400)
_AT_ONCE = 50  # messages of one receiver in one round
_MOST_WORKERS = 16
_MOST_PAUSE_SECONDS = 300


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


def create(
    connection: sa.Connection, name: str, url: str, events: list[str], by: Person,
    listed: Sequence[Network] = (),
) -> int:  # fmt: skip
    """Creates a webhook; returns its id. Raises SettingsError for a bad address or event.

    ``listed``: networks beside the public ones that may be reached.
    """
    name, url = name.strip()[:60], url.strip()[:500]
    known = [event for event in EVENTS if event in events]
    if not name or not known:
        raise SettingsError("须有名称和至少一种事件 / a name and at least one event are needed")
    _check_url(url, listed)
    inserted = connection.execute(
        sa.insert(t.WEBHOOKS).values(
            name=name, url=url, events=" ".join(known), created_by=by.id, created_at=now()
        )
    )
    audit_log.append(
        connection, by.id, by.name, "webhook", f"webhook {name}", url=url, events=known
    )
    return int(inserted.inserted_primary_key[0])  # type: ignore[index]


def _check_url(url: str, listed: Sequence[Network]) -> None:
    """Raises SettingsError unless the address is https, or http to this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    with contextlib.suppress(ValueError):  # a name is checked when it is resolved, at each message
        if not outgoing.may_reach("127.0.0.1" if host == "localhost" else host, listed):
            raise SettingsError(
                "地址属内部网络，须由管理员以 --webhook-network 列明 / "
                "an internal address must be listed by --webhook-network"
            )
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


def enqueue_once_a_day(
    connection: sa.Connection, event: str, messages: Sequence[dict[str, Any]]
) -> int:
    """Enqueues those messages whose claim had none of this event today; returns how many."""
    o = t.OUTBOX
    if event not in _subscribed(connection):
        return 0
    sent = connection.execute(
        sa.select(o.c.body).where(o.c.event == event, o.c.created_at >= now()[:10])
    )
    known = {json.loads(body)["claim_id"] for body in sent.scalars()}
    new = [message for message in messages if message["claim_id"] not in known]
    for message in new:
        enqueue(connection, event, **message)
    return len(new)


def _subscribed(connection: sa.Connection) -> set[str]:
    """Every event that some webhook is to hear of."""
    w = t.WEBHOOKS
    rows = connection.execute(sa.select(w.c.events).where(w.c.revoked_at.is_(None))).scalars()
    return {event for events in rows for event in events.split()}


def deliver(db: Database, key: bytes, listed: Sequence[Network] = ()) -> int:
    """Sends the messages that are due, recording each result; returns how many were delivered.

    Each receiver has a worker and a limit of messages of its own, so that one that hangs or fails
    keeps nobody else waiting. ``listed``: networks beside the public ones that may be reached.
    """
    batches = list(_due(db).items())
    if not batches:
        return 0
    with ThreadPoolExecutor(min(len(batches), _MOST_WORKERS)) as pool:
        return sum(pool.map(lambda batch: _deliver_to_one(db, key, batch[1], listed), batches))


def _due(db: Database) -> dict[int, list[Any]]:
    """webhook id -> its due messages in order; none of a receiver whose pause is not over."""
    o, w = t.OUTBOX, t.WEBHOOKS
    with db.reading() as connection:
        hooks = connection.execute(sa.select(w.c.id, w.c.url).where(w.c.revoked_at.is_(None))).all()
        batches = {}
        for hook in hooks:
            failed = connection.execute(
                sa.select(o.c.next_at, o.c.attempts)
                .where(o.c.webhook_id == hook.id, o.c.attempts > 0, o.c.next_at > now())
            ).all()  # fmt: skip
            if any(_pause_ends(row.next_at, row.attempts) > now() for row in failed):
                continue
            rows = connection.execute(
                sa.select(o.c.id, o.c.webhook_id, o.c.event, o.c.body, o.c.attempts,
                          sa.literal(hook.url).label("url"))
                .where(o.c.webhook_id == hook.id, o.c.next_at <= now())
                .order_by(o.c.id).limit(_AT_ONCE)
            ).all()  # fmt: skip
            if rows:
                batches[hook.id] = list(rows)
    return batches


def _pause_ends(next_at: str, attempts: int) -> str:
    """Until when a receiver is left alone after a failure: at most ``_MOST_PAUSE_SECONDS``."""
    delay = RETRY_DELAYS[min(attempts, len(RETRY_DELAYS) - 1)]
    ends = datetime.fromisoformat(next_at) - timedelta(seconds=max(0, delay - _MOST_PAUSE_SECONDS))
    return ends.isoformat(timespec="microseconds")


def _deliver_to_one(db: Database, key: bytes, rows: list[Any], listed: Sequence[Network]) -> int:
    """Sends one receiver's messages in order until one fails."""
    delivered = 0
    for row in rows:
        message = _Message(row.url, secret_of(key, row.webhook_id), row.id, row.event, row.body)
        problem = _send(message, listed)
        _record_attempt(db, row.id, row.attempts + 1, problem)
        if problem is not None:
            break
        delivered += 1
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


@dataclass(frozen=True)
class _Message:
    url: str
    secret: str
    id: int
    event: str
    body: str


def _send(message: _Message, listed: Sequence[Network]) -> str | None:
    """None on a 2xx response, else the problem in a few words."""
    headers = {
        "Content-Type": "application/json", "User-Agent": "fraud-pipeline",
        "Webhook-Id": str(message.id), "Webhook-Event": message.event,
        "Webhook-Signature": signature(message.secret, int(time.time()), message.body),
    }  # fmt: skip
    try:
        status = outgoing.post(message.url, message.body.encode(), headers, listed)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"[:200]
    return None if 200 <= status < 300 else f"HTTP {status}"
