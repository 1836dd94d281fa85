"""Sessions: sign-in with throttling, expiry and revocation."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from fraud_pipeline.workbench.auth import accounts
from fraud_pipeline.workbench.auth.accounts import Person, now_plus, sha256
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import Database, now
from fraud_pipeline.workbench.db.settings import WorkbenchSettings, current

_ADDRESS_FACTOR = 10  # attempts per address, in multiples of those per account: offices share one
_CLOCK_SECONDS = 120  # by how much the clocks of two servers of one database may differ
_REFRESH_SECONDS = 60  # the last activity of a session is written at most this often


def cookie_name(secure: bool) -> str:
    """A name with this prefix is only accepted by browsers over TLS, for this host alone."""
    return "__Host-workbench" if secure else "workbench"


def sign_in(db: Database, name: str, password: str, address: str) -> str | None:
    """A new session's token, or None when refused; refused alike for every reason.

    The password is checked outside the transaction: it is slow on purpose, and nobody's
    decision should wait for it.
    """
    name = name.strip()[:200]  # long enough for any account, short enough for the log
    with db.reading() as connection:
        settings = current(connection)
        throttled = _is_throttled(connection, name, address, settings)
        row = connection.execute(
            sa.select(t.USERS).where(t.USERS.c.name == name, t.USERS.c.disabled_at.is_(None))
        ).first()
    if throttled:
        return None  # nothing is computed or written: nobody fills memory or disk with guesses
    fits = accounts.verify_password(row.password_hash if row else None, password)
    with db.writing() as connection:
        # counted again under the lock: fifty tries at once must not pass as one
        if _is_throttled(connection, name, address, settings):
            return None
        if not fits or row is None:
            for key in _attempt_keys(name, address):
                connection.execute(sa.insert(t.ATTEMPTS).values(key=key, at=now()))
            # what was typed as a name that does not exist may be somebody's password
            audit_log.append(connection, None, name if row else "", "refused", "sign-in")
            return None
        return _start_session(connection, row.id, name, address)


def _attempt_keys(name: str, address: str) -> tuple[str, str]:
    """The keys failed attempts are counted by; hashed, because people type passwords as names."""
    return sha256(f"name {name}"), sha256(f"address {address}")


def _start_session(connection: sa.Connection, user_id: int, name: str, address: str) -> str:
    connection.execute(
        sa.delete(t.ATTEMPTS).where(t.ATTEMPTS.c.key == _attempt_keys(name, address)[0])
    )
    connection.execute(sa.delete(t.ATTEMPTS).where(t.ATTEMPTS.c.at < now_plus(days=-1)))
    return new_session(connection, user_id, name, "password")


def new_session(connection: sa.Connection, user_id: int, name: str, how: str) -> str:
    """Starts a session for an authenticated account; returns its token."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        sa.insert(t.SESSIONS).values(
            token_hash=sha256(token), user_id=user_id, created_at=now(), seen_at=now(),
            csrf=secrets.token_urlsafe(24),
        )
    )  # fmt: skip
    audit_log.append(connection, user_id, name, "sign-in", f"user {name}", how=how)
    return token


def _is_throttled(
    connection: sa.Connection, name: str, address: str, settings: WorkbenchSettings
) -> bool:
    a = t.ATTEMPTS
    since = now_plus(minutes=-settings.pause_minutes)

    def failed(key: str) -> int:
        counted = sa.select(sa.func.count()).where(a.c.key == key, a.c.at > since)
        return int(connection.execute(counted).scalar_one())

    by_name, by_address = (failed(key) for key in _attempt_keys(name, address))
    return by_name >= settings.attempts or by_address >= settings.attempts * _ADDRESS_FACTOR


def resume(db: Database, token: str | None) -> Person | None:
    """The person of a session's token; None when it expired, was ended or is unknown."""
    if not token:
        return None
    s, u = t.SESSIONS, t.USERS
    with db.reading() as connection:
        settings = current(connection)
        row = connection.execute(
            sa.select(u.c.id, u.c.name, u.c.role, u.c.regions, s.c.csrf, s.c.seen_at)
            .join(s, s.c.user_id == u.c.id)
            .where(
                s.c.token_hash == sha256(token), u.c.disabled_at.is_(None),
                s.c.seen_at > now_plus(minutes=-settings.session_idle_minutes),
                s.c.created_at > now_plus(hours=-settings.session_hours),
                # begun in the future: the clock was set back, and the session would last as much longer
                s.c.created_at < now_plus(seconds=_CLOCK_SECONDS),
            )
        ).first()  # fmt: skip
        if row is None:
            return None
        conflicts = accounts.conflicts_of(connection, row.id)
    if row.seen_at < now_plus(seconds=-_REFRESH_SECONDS):
        with db.writing() as connection:
            connection.execute(
                sa.update(s).where(s.c.token_hash == sha256(token)).values(seen_at=now())
            )
    return accounts.person_from_row(row, conflicts, row.csrf)


def end(db: Database, token: str, person: Person) -> None:
    """Signs out: deletes the session on the server."""
    with db.writing() as connection:
        connection.execute(sa.delete(t.SESSIONS).where(t.SESSIONS.c.token_hash == sha256(token)))
        audit_log.append(connection, person.id, person.name, "sign-out", f"user {person.name}")


def end_all(connection: sa.Connection, user_id: int) -> None:
    connection.execute(sa.delete(t.SESSIONS).where(t.SESSIONS.c.user_id == user_id))
