"""The first tables, written out: a migration must not change when the code's tables do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
APPEND_ONLY = ("log", "decisions", "ring_judgements", "settings", "sign_offs")


def _text(*names: str, null: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=null) for name in names]


def _number(*names: str, null: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=null) for name in names]


def _id() -> sa.Column[int]:
    return sa.Column("id", ID, primary_key=True, autoincrement=True)


def upgrade() -> None:
    _people()
    _work()
    for table in APPEND_ONLY:
        _forbid_change(table)
    op.execute("INSERT INTO log_head (id, seq, hash) VALUES (1, 0, '')")


def _people() -> None:
    op.create_table(
        "users", _id(), sa.Column("name", sa.Text, nullable=False, unique=True),
        *_text("role", "regions"), *_text("password_hash", null=True), *_text("created_at"),
        *_text("disabled_at", null=True),
    )  # fmt: skip
    op.create_table(
        "invitations", sa.Column("token_hash", sa.Text, primary_key=True), *_number("user_id"),
        *_text("expires_at"), *_text("used_at", null=True),
    )  # fmt: skip
    op.create_table(
        "sessions", sa.Column("token_hash", sa.Text, primary_key=True), *_number("user_id"),
        *_text("created_at", "seen_at", "csrf"),
    )  # fmt: skip
    op.create_table(
        "attempts", _id(), sa.Column("key", sa.Text, nullable=False, index=True), *_text("at")
    )
    op.create_table("conflicts", _id(), *_number("user_id"), *_text("party_id", "reason", "at"))
    op.create_table(
        "tokens", _id(), *_text("name"),
        sa.Column("token_hash", sa.Text, nullable=False, unique=True), *_text("scopes"),
        *_number("created_by"), *_text("created_at"), *_text("revoked_at", null=True),
    )  # fmt: skip
    op.create_table(
        "settings", _id(), *_text("key", "value"), *_number("by", null=True), *_text("at")
    )
    op.create_table("filters", _id(), *_number("user_id"), *_text("name", "query", "at"))


def _work() -> None:
    op.create_table(
        "log", sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        *_text("at"), *_number("user_id", null=True),
        *_text("who", "action", "subject", "detail", "previous", "hash"),
    )  # fmt: skip
    op.create_table(
        "log_head", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        *_number("seq"), *_text("hash"),
    )  # fmt: skip
    op.create_table(
        "decisions", _id(), sa.Column("claim_id", sa.Text, nullable=False, index=True),
        *_text("run_id", "kind"), *_text("verdict", "typology", null=True),
        *_number("disallowed_fen", null=True), *_text("reason"), *_text("note", null=True),
        *_number("by", null=True), *_text("who", "at"), *_number("refers_to", null=True),
        *_text("batch", "ring_id", "selected_by", null=True),
        sa.Column("inclusion_prob", sa.Float, nullable=True), *_number("needs_second", "log_seq"),
    )  # fmt: skip
    op.create_table(
        "states", sa.Column("claim_id", sa.Text, primary_key=True), *_text("status"),
        *_number("holder", null=True), *_text("held_until", null=True),
        *_number("assigned_to", null=True), *_text("snoozed_until", null=True),
        *_number("decision_id", null=True),
        sa.Column("log_seq", sa.BigInteger, nullable=False, index=True),
    )  # fmt: skip
    op.create_table(
        "ring_judgements", _id(), sa.Column("ring_id", sa.Text, nullable=False, index=True),
        *_text("run_id", "action", "party_id", "reason"), *_number("by"), *_text("who", "at"),
        *_number("log_seq"),
    )  # fmt: skip
    op.create_table(
        "sign_offs", _id(), *_text("run_id", "frame_sha256", "note"), *_number("by"),
        *_text("who", "at"), *_number("log_seq"),
    )  # fmt: skip


def _forbid_change(table: str) -> None:
    """The database itself refuses to change or remove a row: the code is not trusted alone."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )


def downgrade() -> None:
    raise NotImplementedError("what people did is not unmade")
