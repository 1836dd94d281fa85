"""Tokens bound to regions; verdicts of those who checked without knowing the first one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fraud_pipeline.workbench.db.migrations.versions.v0001_first import (
    _forbid_change,
    _id,
    _number,
    _text,
)

revision = "v0003"
down_revision = "v0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tokens", sa.Column("regions", sa.Text, nullable=False, server_default=""))
    op.add_column(
        "decisions", sa.Column("blind", sa.BigInteger, nullable=False, server_default="0")
    )
    op.create_index("ix_decisions_blind", "decisions", ["blind"])
    op.create_table(
        "blind_checks", _id(), sa.Column("claim_id", sa.Text, nullable=False, index=True),
        *_text("run_id"), *_number("first_id"), *_text("verdict"), *_text("typology", null=True),
        *_number("disallowed_fen", null=True), *_text("reason"), *_text("note", null=True),
        *_number("by"), *_text("who", "at"), *_number("log_seq"),
    )  # fmt: skip
    _forbid_change("blind_checks")


def downgrade() -> None:
    raise NotImplementedError("what people did is not unmade")
