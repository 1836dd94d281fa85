"""Accounts: argon2 passwords, one-time invitations instead of default passwords.

Of invitations and sessions only hashes are stored, so that read access to the database
does not suffice to sign in.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import argon2
import sqlalchemy as sa

from fraud_pipeline.errors import FraudPipelineError, SettingsError
from fraud_pipeline.workbench.auth.permissions import Permission, Role, allows
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.access_verification import fingerprint
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.settings import WorkbenchSettings

MIN_PASSWORD_LENGTH = 12
_RUNNING = threading.BoundedSemaphore(2)  # hashes at once, 64 MB each
_WAITING = threading.BoundedSemaphore(8)  # those and the ones waiting for them
_HASHER = argon2.PasswordHasher()
# Compared with when there is no such account, so that the response takes as long.
_DUMMY_HASH = _HASHER.hash(secrets.token_urlsafe(16))


class BusyError(FraudPipelineError):
    """Too many people sign in at this moment."""


@dataclass(frozen=True)
class Person:
    """The account a request acts for, with its role and scope."""

    id: int
    name: str
    role: Role
    regions: tuple[str, ...]  # empty = all
    conflicts: frozenset[str]  # parties this person must not judge
    csrf: str = ""

    def may(self, needs: Permission) -> bool:
        return allows(self.role, needs)

    def sees_region(self, region: str | None) -> bool:
        return not self.regions or (region or "") in self.regions


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def now_plus(**amount: float) -> str:
    """The instant ``timedelta(**amount)`` from now, as the database stores it."""
    return (datetime.now(UTC) + timedelta(**amount)).isoformat(timespec="microseconds")


def invite(
    connection: sa.Connection, name: str, role: Role, regions: tuple[str, ...], hours: float,
    by: Person | None = None,
) -> str:  # fmt: skip
    """Creates an account without a password; returns the one-time token to set one.

    ``hours``: validity. Raises SettingsError for a bad or existing name.
    """
    name = _valid_name(name)
    if connection.execute(sa.select(t.USERS.c.id).where(t.USERS.c.name == name)).first():
        raise SettingsError(f"已有账户 {name} / there is an account {name} already")
    inserted = connection.execute(
        sa.insert(t.USERS).values(
            name=name, role=role.value, regions=";".join(regions), created_at=now()
        )
    )
    user_id = int(inserted.inserted_primary_key[0])  # type: ignore[index]
    audit_log.append(
        connection, by.id if by else None, by.name if by else "system", "invite", f"user {name}",
        role=role.value, regions=list(regions),
    )  # fmt: skip
    return new_invitation(connection, user_id, hours)


def new_invitation(connection: sa.Connection, user_id: int, hours: float) -> str:
    """A new one-time token for an account; earlier unused ones become invalid."""
    i = t.INVITATIONS
    connection.execute(
        sa.update(i).where(i.c.user_id == user_id, i.c.used_at.is_(None)).values(used_at=now())
    )
    token = secrets.token_urlsafe(32)
    connection.execute(
        sa.insert(i).values(
            token_hash=sha256(token), user_id=user_id, expires_at=now_plus(hours=hours)
        )
    )
    return token


def first_administrator(connection: sa.Connection, settings: WorkbenchSettings) -> str | None:
    """The one-time token of the first administrator; None once an account has a password."""
    u = t.USERS
    rows = connection.execute(sa.select(u.c.id, u.c.password_hash)).all()
    if not rows:
        return invite(connection, "admin", Role.ADMINISTRATOR, (), settings.invitation_hours)
    if any(row.password_hash for row in rows):
        return None
    return new_invitation(connection, rows[0].id, settings.invitation_hours)


def invited_name(connection: sa.Connection, token: str) -> str | None:
    """The name of the account an unused, unexpired invitation is for; None if there is none."""
    i, u = t.INVITATIONS, t.USERS
    return connection.execute(
        sa.select(u.c.name)
        .join(i, i.c.user_id == u.c.id)
        .where(
            i.c.token_hash == sha256(token), i.c.used_at.is_(None), i.c.expires_at > now(),
            u.c.disabled_at.is_(None),
        )
    ).scalar()  # fmt: skip


def is_first(connection: sa.Connection) -> bool:
    """Whether nobody has a password yet: the one invited chooses the name of the account."""
    u = t.USERS
    known = sa.select(u.c.id).where(u.c.password_hash.is_not(None)).limit(1)
    return connection.execute(known).first() is None


def _rename(connection: sa.Connection, name: str, wanted: str) -> str:
    """Gives the first account the name its owner chose; returns it."""
    wanted = _valid_name(wanted)
    if wanted == name:
        return name
    u = t.USERS
    connection.execute(sa.update(u).where(u.c.name == name).values(name=wanted))
    audit_log.append(connection, None, "system", "person-name", f"user {name}", name=wanted)
    return wanted


def _valid_name(name: str) -> str:
    name = name.strip()
    if not 2 <= len(name) <= 40 or not name.isprintable():
        raise SettingsError("姓名为 2 至 40 个字 / a name has 2 to 40 characters")
    return name


def accept_invitation(
    connection: sa.Connection, token: str, password: str, wanted_name: str = ""
) -> None:
    """Sets the password and marks the invitation as used. Raises SettingsError if either is invalid.

    ``wanted_name``: how the first administrator wants to be called; of others it is ignored.
    """
    name = invited_name(connection, token)
    if name is None:
        raise SettingsError("链接已用过或已过期 / the link was used or has expired")
    if wanted_name.strip() and is_first(connection):
        name = _rename(connection, name, wanted_name)
    check_password(password, name)
    i = t.INVITATIONS
    connection.execute(sa.update(i).where(i.c.token_hash == sha256(token)).values(used_at=now()))
    set_password(connection, name, password)


def set_password(connection: sa.Connection, name: str, password: str) -> None:
    """Sets a password and ends every session of the account."""
    user_id = connection.execute(sa.select(t.USERS.c.id).where(t.USERS.c.name == name)).scalar_one()
    hashed = _hash(password)
    connection.execute(
        sa.update(t.USERS).where(t.USERS.c.id == user_id).values(password_hash=hashed)
    )
    connection.execute(sa.delete(t.SESSIONS).where(t.SESSIONS.c.user_id == user_id))
    audit_log.append(
        connection, user_id, name, "password", f"user {name}", fingerprint=fingerprint(hashed)
    )


def _hash(password: str) -> str:
    with _hashing():
        return _HASHER.hash(password)


@contextmanager
def _hashing() -> Iterator[None]:
    """One of few slots for work that is slow on purpose. Raises BusyError when a queue is waiting.

    A flood of sign-ins takes no more memory and processor than these slots, and keeps no thread
    of the server from other requests.
    """
    if not _WAITING.acquire(blocking=False):
        raise BusyError("too many sign-ins at once")
    try:
        with _RUNNING:
            yield
    finally:
        _WAITING.release()


def check_password(password: str, name: str) -> None:
    """Raises SettingsError for a password too short, with the person's name, or too uniform."""
    if not MIN_PASSWORD_LENGTH <= len(password) <= 200:
        raise SettingsError(
            f"密码为 {MIN_PASSWORD_LENGTH} 至 200 个字符 / a password has {MIN_PASSWORD_LENGTH} to 200 characters"
        )
    if name.lower() in password.lower() or len(set(password)) < 5:
        raise SettingsError("密码太容易猜到 / this password is too easy to guess")


def verify_password(hashed: str | None, password: str) -> bool:
    """Whether the password is right; takes as long when there is no such account (hash None)."""
    try:
        with _hashing():
            _HASHER.verify(hashed or _DUMMY_HASH, password[:200])
    except argon2.exceptions.Argon2Error:
        return False
    return hashed is not None


def person_from_row(
    row: sa.Row[tuple[object, ...]], conflicts: frozenset[str], csrf: str
) -> Person:
    return Person(
        int(row.id), str(row.name), Role(row.role), parse_regions(row.regions), conflicts, csrf
    )


def parse_regions(text: str) -> tuple[str, ...]:
    """The regions an account or a token is bound to (separated by ``;``); empty = all."""
    return tuple(part for part in text.split(";") if part)


def conflicts_of(connection: sa.Connection, user_id: int) -> frozenset[str]:
    c = t.CONFLICTS
    return frozenset(
        connection.execute(sa.select(c.c.party_id).where(c.c.user_id == user_id)).scalars()
    )
