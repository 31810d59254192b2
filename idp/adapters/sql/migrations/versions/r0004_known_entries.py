"""What the directory's entries were, where it keeps no log; what a claimed change told; since when deletions are in doubt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make a table, and add two columns: claims of before tell whatever was changed."""
    op.create_table(
        "known_entries",
        sa.Column("entry_uuid", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dn", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("entry_uuid", name="pk_known_entries"),
    )
    op.create_index("ix_known_entries_kind_entry_uuid", "known_entries", ["kind", "entry_uuid"])
    op.add_column("told_changes", sa.Column("attributes", sa.Text(), nullable=False, server_default=""))
    op.add_column("change_bookmark", sa.Column("doubted_since", sa.DateTime(timezone=True)))
