"""Proposals to change thresholds: one append-only table of events, every row bound to the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fraud_pipeline.workbench.db.migrations.versions.v0001_first import (
    _forbid_change,
    _id,
    _number,
    _text,
)

revision = "v0006"
down_revision = "v0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tuning_events", _id(), sa.Column("rule_code", sa.Text, nullable=False, index=True),
        *_text("kind", "detail"), *_number("by"), *_text("who", "at"), *_number("log_seq"),
    )  # fmt: skip
    _forbid_change("tuning_events")


def downgrade() -> None:
    raise NotImplementedError("what people did is not unmade")
