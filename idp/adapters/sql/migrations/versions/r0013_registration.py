"""Applications that register themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add what they register with, and what they asked for; whom an operator has registered may do all that its kind may."""
    op.create_table(
        "registration_tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_registration_tokens"),
        sa.UniqueConstraint("digest", name="uq_registration_tokens_digest"),
    )
    op.create_index("ix_registration_tokens_expires_at", "registration_tokens", ["expires_at"])
    op.add_column("clients", sa.Column("narrowed", sa.JSON()))
    op.add_column("clients", sa.Column("self_named", sa.Boolean(), nullable=False, server_default=sa.false()))
