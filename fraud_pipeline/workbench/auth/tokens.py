"""API tokens: made by an administrator, handed out by whoever has the rights that they carry.

A scope carries a permission. Who makes a token without having that permission only asks for it:
the secret is made, and shown, when a person who has it approves. So an administrator, who sees no
claim, cannot read claims by a token either. Tokens expire, and are replaced with an overlap.
Only the hash of a secret is stored.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from fraud_pipeline.errors import SettingsError, UnknownRecordError
from fraud_pipeline.workbench.auth.accounts import Person, now_plus, parse_regions, sha256
from fraud_pipeline.workbench.auth.permissions import SCOPE_NEEDS, Scope
from fraud_pipeline.workbench.db import audit_log, settings
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import now

_OVERLAP_HOURS = 24  # a replaced token works on, until the other system has the new one
_WAITING = "waiting "  # begins the hash of a token that has no secret yet: no SHA-256 does


@dataclass(frozen=True)
class Caller:
    """The token of a request: who it acts as, its scopes and regions (empty = all)."""

    id: int
    name: str
    scopes: frozenset[str]
    regions: tuple[str, ...]


def create(
    connection: sa.Connection, name: str, scopes: tuple[Scope, ...], by: Person,
    regions: tuple[str, ...] = (), replaces: int | None = None,
) -> str | None:  # fmt: skip
    """Creates a token bound to regions (empty = all); returns its secret.

    Returns None when ``by`` lacks a right that the token carries: it then waits for
    :func:`approve`. ``replaces``: id of the token that ends soon after this one begins.
    """
    name = name.strip()[:60]
    if not name or not scopes:
        raise SettingsError("令牌须有名称和至少一项权限 / a token needs a name and a scope")
    waits = not may_hand_out(by, " ".join(scope.value for scope in scopes), ";".join(regions))
    secret = _secret()
    hashed = _WAITING + secrets.token_hex(16) if waits else sha256(secret)
    expires_at = now_plus(days=settings.current(connection).token_days)
    inserted = connection.execute(
        sa.insert(t.TOKENS).values(
            name=name, token_hash=hashed, created_by=by.id, created_at=now(),
            scopes=" ".join(s.value for s in scopes), regions=";".join(regions),
            expires_at=expires_at, replaces=replaces, approved_by=None if waits else by.id,
            approved_at=None if waits else now(),
        )
    )  # fmt: skip
    token_id = int(inserted.inserted_primary_key[0])  # type: ignore[index]
    audit_log.append(
        connection, by.id, by.name, "token", f"token {name}", id=token_id, expires_at=expires_at,
        scopes=[s.value for s in scopes], regions=list(regions), waits=waits, replaces=replaces,
        fingerprint=None if waits else hashed,
    )  # fmt: skip
    if waits:
        return None
    _end_replaced(connection, replaces, by)
    return secret


def may_hand_out(person: Person, scopes: str, regions: str) -> bool:
    """Whether a person has every right, in every region, that a token carries."""
    rights = all(person.may(SCOPE_NEEDS[Scope(scope)]) for scope in scopes.split())
    bound = set(parse_regions(regions))
    return rights and (not person.regions or (bool(bound) and bound <= set(person.regions)))


def approve(connection: sa.Connection, token_id: int, by: Person) -> str:
    """Approves a token that waits; returns its secret, which is shown to ``by`` alone.

    Raises UnknownRecordError when none waits under this id that ``by`` may hand out.
    """
    row = _active(connection, token_id)
    if row.approved_at is not None or not may_hand_out(by, row.scopes, row.regions):
        raise UnknownRecordError("there is no such token")
    secret = _secret()
    connection.execute(
        sa.update(t.TOKENS)
        .where(t.TOKENS.c.id == token_id)
        .values(token_hash=sha256(secret), approved_by=by.id, approved_at=now())
    )
    audit_log.append(
        connection, by.id, by.name, "token-approve", f"token {token_id}", fingerprint=sha256(secret)
    )
    _end_replaced(connection, row.replaces, by)
    return secret


def rotate(connection: sa.Connection, token_id: int, by: Person) -> str | None:
    """A new token with the name, scopes and regions of another one, as :func:`create` makes it.

    The other one ends a day after the new one has a secret.
    """
    row = _active(connection, token_id)
    scopes = tuple(Scope(scope) for scope in row.scopes.split())
    return create(connection, row.name, scopes, by, parse_regions(row.regions), replaces=token_id)


def revoke(connection: sa.Connection, token_id: int, by: Person) -> None:
    """Ends a token at once. Raises UnknownRecordError when there is none that works."""
    _active(connection, token_id)
    connection.execute(
        sa.update(t.TOKENS).where(t.TOKENS.c.id == token_id).values(revoked_at=now())
    )
    audit_log.append(connection, by.id, by.name, "revoke", f"token {token_id}")


def known(connection: sa.Connection, secret: str) -> Caller | None:
    """The token with this secret; None when it is unknown, revoked, expired or waits."""
    k = t.TOKENS
    row = connection.execute(
        sa.select(k).where(
            k.c.token_hash == sha256(secret), k.c.revoked_at.is_(None),
            k.c.approved_at.is_not(None), sa.or_(k.c.expires_at.is_(None), k.c.expires_at > now()),
        )
    ).first()  # fmt: skip
    if row is None:
        return None
    return Caller(row.id, row.name, frozenset(row.scopes.split()), parse_regions(row.regions))


def _active(connection: sa.Connection, token_id: int) -> sa.Row[tuple[object, ...]]:
    k = t.TOKENS
    row = connection.execute(
        sa.select(k).where(k.c.id == token_id, k.c.revoked_at.is_(None))
    ).first()
    if row is None:
        raise UnknownRecordError("there is no such token")
    return row


def _end_replaced(connection: sa.Connection, token_id: int | None, by: Person) -> None:
    """The replaced token ends after the overlap, if it does not end earlier."""
    if token_id is None:
        return
    k, ends = t.TOKENS, now_plus(hours=_OVERLAP_HOURS)
    done = connection.execute(
        sa.update(k)
        .where(k.c.id == token_id, sa.or_(k.c.expires_at.is_(None), k.c.expires_at > ends))
        .values(expires_at=ends)
    )
    if done.rowcount:
        audit_log.append(
            connection, by.id, by.name, "token-end", f"token {token_id}", expires_at=ends
        )


def _secret() -> str:
    return "fp_" + secrets.token_urlsafe(32)
