"""Compares who may come in with the log: accounts, passwords, tokens, webhooks, conflicts of interest.

Whoever can write to the database file can give themselves a role, put in a password or a token of their own, send the
messages elsewhere, or remove a declared conflict. What earlier versions did not log in full is
compared as far as it was logged.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from fraud_pipeline.workbench.db import tables as t

Row = dict[str, Any]
_ACTIONS = (
    "password", "person-name", "oidc-bind", "token", "token-approve", "token-end", "revoke",
    "webhook", "webhook-revoke", "conflict", "invite", "person-role", "person-disable", "person-enable",
)  # fmt: skip


def fingerprint(text: str) -> str:
    """SHA-256 of a value that must not stand in the log itself."""
    return hashlib.sha256(text.encode()).hexdigest()


def access_faults(connection: sa.Connection) -> Iterator[str]:
    """Every difference between the ways in and the log, in words and in a fixed order."""
    rows = connection.execute(
        sa.select(t.LOG).where(t.LOG.c.action.in_(_ACTIONS)).order_by(t.LOG.c.seq)
    ).mappings()
    log = [{**row, "detail": json.loads(row["detail"])} for row in rows]
    yield from _account_faults(connection, log)
    yield from _password_faults(connection, log)
    yield from _token_faults(connection, log)
    yield from _webhook_faults(connection, log)
    yield from _conflict_faults(connection, log)


def _rows(connection: sa.Connection, table: sa.Table) -> list[Row]:
    return [dict(row) for row in connection.execute(sa.select(table).order_by("id")).mappings()]


def _recorded_accounts(log: list[Row]) -> dict[str, Row]:
    """Name -> role, regions and whether disabled, as the log says."""
    recorded: dict[str, Row] = {}
    for row in log:
        name, detail = row["subject"].removeprefix("user "), row["detail"]
        if row["action"] == "invite":
            recorded[name] = {"role": detail["role"], "regions": ";".join(detail["regions"]),
                              "disabled": False}  # fmt: skip
        elif row["action"] == "person-name" and name in recorded:
            recorded[detail["name"]] = recorded.pop(name)
        elif row["action"] == "person-role" and name in recorded:
            recorded[name] |= {k: v for k, v in _role_change(detail).items()}
        elif row["action"] in ("person-disable", "person-enable") and name in recorded:
            recorded[name]["disabled"] = row["action"] == "person-disable"
    return recorded


def _account_faults(connection: sa.Connection, log: list[Row]) -> Iterator[str]:
    recorded = _recorded_accounts(log)
    for row in _rows(connection, t.USERS):
        known = recorded.pop(row["name"], None)
        if known is None:
            yield f"users: the log knows of no invitation of {row['name']}"
            continue
        present = {"role": row["role"], "regions": row["regions"],
                   "disabled": row["disabled_at"] is not None}  # fmt: skip
        for column, wanted in known.items():
            if present[column] != wanted:
                yield f"users, {row['name']}: {column} is {present[column]!r}, the log has {wanted!r}"
    for name in recorded:
        yield f"users: {name} was invited and is missing"


def _role_change(detail: Row) -> Row:
    regions = detail.get("regions")
    changed: Row = {"role": detail["role"]} if "role" in detail else {}
    if regions is not None:
        changed["regions"] = regions if isinstance(regions, str) else ";".join(regions)
    return changed


def _password_faults(connection: sa.Connection, log: list[Row]) -> Iterator[str]:
    password: dict[int, str] = {}
    subject: dict[int, str] = {}
    for row in log:
        if row["action"] == "password":
            password[row["user_id"]] = row["detail"].get("fingerprint", "")
        elif row["action"] == "oidc-bind":
            subject[row["user_id"]] = row["detail"].get("fingerprint", "")
    for user in _rows(connection, t.USERS):
        for column, recorded in (("password_hash", password), ("oidc_subject", subject)):
            stored, wanted = user[column], recorded.get(user["id"])
            if wanted == "":  # logged by an earlier version, without its fingerprint
                continue
            if (fingerprint(stored) if stored is not None else None) != wanted:
                yield f"users, {user['name']}: {column} is not the one the log has"


def _token_faults(connection: sa.Connection, log: list[Row]) -> Iterator[str]:
    logged = [row for row in log if row["action"] == "token"]
    for token in _rows(connection, t.TOKENS):
        where = f"tokens, row {token['id']}"
        entry = next((row for row in logged if _is_of(row, token)), None)
        if entry is None:
            yield f"{where}: the log knows of no such token"
            continue
        logged.remove(entry)
        about = {row["action"]: row for row in log if row["subject"] == f"token {token['id']}"}
        for column, wanted in _expected_token(entry, about).items():
            present = token[column] is not None if isinstance(wanted, bool) else token[column]
            if present != wanted:
                yield f"{where}: {column} is not what the log has"
    for row in logged:
        yield f"tokens: the row of log row {row['seq']} ({row['subject']}) is missing"


def _is_of(row: Row, token: Row) -> bool:
    """Whether this log row is the making of this token, with the same rights."""
    detail = row["detail"]
    return (
        row["subject"], " ".join(detail["scopes"]), ";".join(detail.get("regions", ())),
        detail.get("id", token["id"]),
    ) == (f"token {token['name']}", token["scopes"], token["regions"], token["id"])  # fmt: skip


def _expected_token(entry: Row, about: dict[str, Row]) -> Row:
    """Columns of a token as the log has them; True and False: whether there is a value."""
    detail = entry["detail"]
    expected: Row = {
        "revoked_at": "revoke" in about,
        "approved_at": "token-approve" in about or not detail.get("waits", False),
    }
    if "id" in detail:  # logged in full
        ended = about["token-end"]["detail"] if "token-end" in about else detail
        expected |= {"expires_at": ended["expires_at"], "replaces": detail["replaces"]}
        approved = about["token-approve"]["detail"] if "token-approve" in about else detail
        if approved["fingerprint"] is not None:
            expected["token_hash"] = approved["fingerprint"]
    return expected


def _webhook_faults(connection: sa.Connection, log: list[Row]) -> Iterator[str]:
    logged = Counter(
        (row["subject"], row["detail"]["url"], " ".join(row["detail"]["events"]))
        for row in log if row["action"] == "webhook"
    )  # fmt: skip
    revoked = {row["subject"] for row in log if row["action"] == "webhook-revoke"}
    for hook in _rows(connection, t.WEBHOOKS):
        where = f"webhooks, row {hook['id']}"
        key = (f"webhook {hook['name']}", hook["url"], hook["events"])
        logged[key] -= 1
        if logged[key] < 0:
            yield f"{where}: the log knows of no webhook to {hook['url']}"
        elif (f"webhook {hook['id']}" in revoked) != (hook["revoked_at"] is not None):
            yield f"{where}: revoked_at is {hook['revoked_at']!r}, which the log does not say"
    for (subject, url, _), count in logged.items():
        if count > 0:
            yield f"webhooks: {subject} to {url} was made and is missing"


def _conflict_faults(connection: sa.Connection, log: list[Row]) -> Iterator[str]:
    declared = Counter(
        (row["user_id"], row["subject"].removeprefix("party "))
        for row in log if row["action"] == "conflict"
    )  # fmt: skip
    stored = Counter((row["user_id"], row["party_id"]) for row in _rows(connection, t.CONFLICTS))
    for user_id, party in sorted((declared - stored).keys()):
        yield f"conflicts: that of user {user_id} with {party} was declared and is missing"
    for user_id, party in sorted((stored - declared).keys()):
        yield f"conflicts: that of user {user_id} with {party} was never declared"
