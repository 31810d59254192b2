"""Logouts that applications are told of, and where."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add a table and a column: who is registered is told of none."""
    op.add_column("clients", sa.Column("backchannel_logout_uri", sa.Text()))
    op.create_table(
        "logout_notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_logout_notices"),
    )
    op.create_index("ix_logout_notices_next_attempt_at_id", "logout_notices", ["next_attempt_at", "id"])
