"""Authorization codes are found by whom they let an application in for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add a column: a code lives for a minute, so those made before are left to die."""
    op.add_column("capabilities", sa.Column("subject", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_capabilities_subject_purpose", "capabilities", ["subject", "purpose"])
