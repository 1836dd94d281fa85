"""Tokens expire, are replaced, and wait for approval; those of before work on as they did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0007"
down_revision = "v0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("expires_at", "approved_at"):
        op.add_column("tokens", sa.Column(name, sa.Text, nullable=True))
    for name in ("approved_by", "replaces"):
        op.add_column("tokens", sa.Column(name, sa.BigInteger, nullable=True))
    op.execute("UPDATE tokens SET approved_by = created_by, approved_at = created_at")


def downgrade() -> None:
    raise NotImplementedError("what people did is not unmade")
