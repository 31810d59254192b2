"""What the certificates of clients are known by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add a column: who is registered has no certificate."""
    op.add_column("clients", sa.Column("certificates", sa.JSON(), nullable=False, server_default="[]"))
