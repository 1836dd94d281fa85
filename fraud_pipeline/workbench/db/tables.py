"""The tables of the workbench's database. Triggers forbid changes to rows of append-only tables:
a correction, an undo or an appeal is a new row.

Times are ISO 8601 text in UTC with microseconds, so that they sort, are the same on SQLite and
PostgreSQL, and enter the log's hashes unchanged. Money is in whole fen.
"""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

APPEND_ONLY = (
    "log", "decisions", "ring_judgements", "settings", "sign_offs", "evidence_files", "received",
    "blind_checks", "case_events", "tuning_events",
)  # fmt: skip


def _table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(name, METADATA, *columns)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null)


def _id() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    return sa.Column("id", kind, primary_key=True, autoincrement=True)


USERS = _table(
    "users", _id(), sa.Column("name", sa.Text, nullable=False, unique=True), _text("role"),
    _text("regions"),  # separated by ';', empty = all
    _text("password_hash", null=True),  # empty until the invitation is used
    _text("created_at"), _text("disabled_at", null=True),
    _text("oidc_subject", null=True),  # subject at the identity provider, set at the first sign-in there
)  # fmt: skip
INVITATIONS = _table(
    "invitations", sa.Column("token_hash", sa.Text, primary_key=True), _number("user_id"),
    _text("expires_at"), _text("used_at", null=True),
)  # fmt: skip
SESSIONS = _table(
    "sessions", sa.Column("token_hash", sa.Text, primary_key=True), _number("user_id"),
    _text("created_at"), _text("seen_at"), _text("csrf"),
)  # fmt: skip
ATTEMPTS = _table(  # failed sign-ins, for throttling; by name and by address
    "attempts", _id(), sa.Column("key", sa.Text, nullable=False, index=True), _text("at"),
)  # fmt: skip
CONFLICTS = _table(
    "conflicts", _id(), _number("user_id"), _text("party_id"), _text("reason"), _text("at"),
)  # fmt: skip
TOKENS = _table(
    "tokens", _id(), _text("name"), sa.Column("token_hash", sa.Text, nullable=False, unique=True),
    _text("scopes"), _number("created_by"), _text("created_at"), _text("revoked_at", null=True),
    sa.Column("regions", sa.Text, nullable=False, server_default=""),  # as a user's
    _text("expires_at", null=True),  # empty = never: tokens of earlier versions
    _number("approved_by", null=True), _text("approved_at", null=True),  # empty = waits
    _number("replaces", null=True),  # id of the token that this one takes the place of
)  # fmt: skip
SETTINGS = _table(
    "settings", _id(), _text("key"), _text("value"), _number("by", null=True), _text("at"),
)  # fmt: skip
LOG = _table(
    "log", sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False), _text("at"),
    _number("user_id", null=True), _text("who"), _text("action"), _text("subject"),
    _text("detail"), _text("previous"), _text("hash"),
)  # fmt: skip
LOG_HEAD = _table(  # one row; a writer locks it, so that the chain cannot fork
    "log_head", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    _number("seq"), _text("hash"),
)  # fmt: skip
DECISIONS = _table(
    "decisions", _id(), sa.Column("claim_id", sa.Text, nullable=False, index=True),
    _text("run_id"), _text("kind"),  # verdict | second | undo | reopen | appeal
    _text("verdict", null=True), _text("typology", null=True), _number("disallowed_fen", null=True),
    _text("reason"), _text("note", null=True), _number("by", null=True), _text("who"), _text("at"),
    _number("refers_to", null=True), _text("batch", null=True), _text("ring_id", null=True),
    _text("selected_by", null=True), sa.Column("inclusion_prob", sa.Float, nullable=True),
    _number("needs_second"), _number("log_seq"),
    sa.Column("blind", sa.BigInteger, nullable=False, server_default="0"),  # 1 = drawn for a blind double review
    sa.Index("ix_decisions_blind", "blind"),
)  # fmt: skip
STATES = _table(  # present state of each claim somebody worked on; derived from decisions and the log
    "states", sa.Column("claim_id", sa.Text, primary_key=True), _text("status"),
    _number("holder", null=True), _text("held_until", null=True), _number("assigned_to", null=True),
    _text("snoozed_until", null=True), _number("decision_id", null=True),
    sa.Column("log_seq", sa.BigInteger, nullable=False, index=True),
)  # fmt: skip
BLIND_CHECKS = _table(  # verdicts of blind double reviews; they measure agreement and change nothing
    "blind_checks", _id(), sa.Column("claim_id", sa.Text, nullable=False, index=True),
    _text("run_id"), _number("first_id"), _text("verdict"), _text("typology", null=True),
    _number("disallowed_fen", null=True), _text("reason"), _text("note", null=True), _number("by"),
    _text("who"), _text("at"), _number("log_seq"),
)  # fmt: skip
FILTERS = _table(
    "filters", _id(), _number("user_id"), _text("name"), _text("query"), _text("at"),
    sa.Column("shared", sa.BigInteger, nullable=False, server_default="0"),  # 1 = seen by all
)  # fmt: skip
RING_JUDGEMENTS = _table(
    "ring_judgements", _id(), sa.Column("ring_id", sa.Text, nullable=False, index=True),
    _text("run_id"), _text("action"), _text("party_id"), _text("reason"), _number("by"),
    _text("who"), _text("at"), _number("log_seq"),
)  # fmt: skip
SIGN_OFFS = _table(
    "sign_offs", _id(), _text("run_id"), _text("frame_sha256"), _text("note"), _number("by"),
    _text("who"), _text("at"), _number("log_seq"),
)  # fmt: skip
EVIDENCE_FILES = _table(  # files attached to a claim; the content is stored under its hash
    "evidence_files", _id(), sa.Column("claim_id", sa.Text, nullable=False, index=True),
    _text("name"), _text("kind"), _number("bytes"), _text("sha256"), _number("by"), _text("who"),
    _text("at"), _number("log_seq"),
)  # fmt: skip
CASE_EVENTS = _table(  # what happened to a case; the case is their sum
    "case_events", _id(), sa.Column("case_id", sa.BigInteger, nullable=False, index=True),
    _text("kind"), _text("detail"),  # a JSON object of the event's values
    _number("by"), _text("who"), _text("at"), _number("log_seq"),
)  # fmt: skip
TUNING_EVENTS = _table(  # noise marks, proposals of thresholds, and their answers
    "tuning_events", _id(), sa.Column("rule_code", sa.Text, nullable=False, index=True),
    _text("kind"), _text("detail"),  # a JSON object of the event's values
    _number("by"), _text("who"), _text("at"), _number("log_seq"),
)  # fmt: skip
WEBHOOKS = _table(
    "webhooks", _id(), _text("name"), _text("url"), _text("events"), _number("created_by"),
    _text("created_at"), _text("revoked_at", null=True),
)  # fmt: skip
OUTBOX = _table(  # messages to upstream systems; next_at empty = delivered or given up
    "outbox", _id(), _number("webhook_id"), _text("event"), _text("body"), _text("created_at"),
    sa.Column("next_at", sa.Text, nullable=True, index=True), _number("attempts"),
    _text("delivered_at", null=True), _text("problem", null=True),
)  # fmt: skip
RECEIVED = _table(  # rows received from upstream systems, unchanged
    "received", _id(), _text("table_name"), _text("key"), _text("body"), _text("who"), _text("at"),
    _number("log_seq"), sa.Index("ix_received_row", "table_name", "key"),
)  # fmt: skip
