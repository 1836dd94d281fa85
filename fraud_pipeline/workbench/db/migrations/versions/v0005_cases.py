"""Cases: one append-only table of what happened to each, every row bound to the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fraud_pipeline.workbench.db.migrations.versions.v0001_first import (
    _forbid_change,
    _id,
    _number,
    _text,
)

revision = "v0005"
down_revision = "v0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_events", _id(), sa.Column("case_id", sa.BigInteger, nullable=False, index=True),
        *_text("kind", "detail"), *_number("by"), *_text("who", "at"), *_number("log_seq"),
    )  # fmt: skip
    _forbid_change("case_events")


def downgrade() -> None:
    raise NotImplementedError("what people did is not unmade")
