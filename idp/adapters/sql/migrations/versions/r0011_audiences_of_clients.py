"""Which resources a client is itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add a column: who is registered is none."""
    op.add_column("clients", sa.Column("audiences", sa.JSON(), nullable=False, server_default="[]"))
