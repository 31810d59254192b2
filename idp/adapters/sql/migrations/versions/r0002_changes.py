"""Where the directory's log was read up to, and which of its changes were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make two tables; nothing was read yet."""
    op.create_table(
        "change_bookmark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_change_bookmark"),
    )
    op.create_table(
        "told_changes",
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_told_changes"),
    )
    op.create_index("ix_told_changes_told_at", "told_changes", ["told_at"])
