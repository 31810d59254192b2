"""Where a browser may be sent after a logout."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add a column: who is registered has no such address."""
    op.add_column("clients", sa.Column("post_logout_redirect_uris", sa.JSON(), nullable=False, server_default="[]"))
