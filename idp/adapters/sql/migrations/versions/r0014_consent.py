"""What an owner has allowed an application."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add a column: of what was given before nobody knows whether its owner was asked."""
    op.add_column("grants", sa.Column("consent", sa.JSON(none_as_null=True)))
