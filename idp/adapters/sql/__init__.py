"""The store in a relational database: SQLAlchemy Core, its schema kept by Alembic, today on SQLite."""

from idp.adapters.sql.audit import Writing
from idp.adapters.sql.store import SqlStore

__all__ = ["SqlStore", "Writing"]
