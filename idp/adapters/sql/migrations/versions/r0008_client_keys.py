"""Public keys of clients that sign what they say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add a column: who is registered has no key."""
    op.add_column("clients", sa.Column("public_keys", sa.JSON(), nullable=False, server_default="[]"))
