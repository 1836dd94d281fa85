"""Doors: files of evidence, webhooks with their outbox, rows received, OIDC, shared filters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fraud_pipeline.workbench.db.migrations.versions.v0001_first import (
    _forbid_change,
    _id,
    _number,
    _text,
)

revision = "v0002"
down_revision = "v0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("evidence_files", "received")


def upgrade() -> None:
    op.add_column("users", *_text("oidc_subject", null=True))
    op.add_column("filters", sa.Column("shared", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "evidence_files", _id(), sa.Column("claim_id", sa.Text, nullable=False, index=True),
        *_text("name", "kind"), *_number("bytes"), *_text("sha256"), *_number("by"),
        *_text("who", "at"), *_number("log_seq"),
    )  # fmt: skip
    op.create_table(
        "webhooks", _id(), *_text("name", "url", "events"), *_number("created_by"),
        *_text("created_at"), *_text("revoked_at", null=True),
    )  # fmt: skip
    op.create_table(
        "outbox", _id(), *_number("webhook_id"), *_text("event", "body", "created_at"),
        sa.Column("next_at", sa.Text, nullable=True, index=True), *_number("attempts"),
        *_text("delivered_at", "problem", null=True),
    )  # fmt: skip
    op.create_table(
        "received", _id(), *_text("table_name", "key", "body", "who", "at"), *_number("log_seq")
    )
    op.create_index("ix_received_row", "received", ["table_name", "key"])
    for table in APPEND_ONLY:
        _forbid_change(table)


def downgrade() -> None:
    raise NotImplementedError("what people did is not unmade")
