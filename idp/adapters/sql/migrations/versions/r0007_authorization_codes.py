"""Where a client's authorizations lead back to, and which authorization code a token goes back to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add two columns: no client has an address yet, and no token goes back to a code."""
    op.add_column("clients", sa.Column("redirect_uris", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("tokens", sa.Column("code", sa.Text()))
    op.create_index("ix_tokens_code", "tokens", ["code"])
