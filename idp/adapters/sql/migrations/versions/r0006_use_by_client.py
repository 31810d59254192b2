"""When an application was last used is found without reading all grants."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Index the last use by client."""
    op.create_index("ix_grants_client_id_last_used_at", "grants", ["client_id", "last_used_at"])
