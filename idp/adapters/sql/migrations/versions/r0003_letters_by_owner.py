"""Letters are found by the owner they are about, however many wait: an import queues thousands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Write the owner of each letter's facts into a column of its own."""
    op.add_column("outbox", sa.Column("owner", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE outbox SET owner = COALESCE(JSON_EXTRACT(facts, '$.owner'), '')")
    op.create_index("ix_outbox_owner_letter", "outbox", ["owner", "letter"])
