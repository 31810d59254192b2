"""Access tokens that are bound to a key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add a column: what was issued is a bearer token."""
    op.add_column("tokens", sa.Column("confirmation", sa.JSON(), nullable=True))
