"""Brings the schema up to date, once, whoever starts first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from idp.adapters.sql.migrations import HEAD
from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from idp.adapters.sql.sqlite import SqliteFile
    from idp.domain.digests import KeyedDigests

_VERSIONS = "alembic_version"  # Alembic's own table


def migrate(database: SqliteFile, digests: KeyedDigests) -> None:
    """Make the schema, or bring it up to date; a look is enough when it is. Keeps no connection open.

    Of processes that start at the same moment one does the work and the others wait for it.

    Args:
        database: where.
        digests: under the key of the audit's chains, for a step that chains it anew.

    Raises:
        ConfigurationError: the database was made by a newer version of this service; nothing of it was changed.
        SQLAlchemyError, OSError: to be explained by whoever calls.
    """
    if database.exists() and _is_current(database):
        return
    with database.schema_work() as connection:
        _known_revision(connection)  # whoever was faster may be newer
        _upgrade(connection, digests)
        connection.commit()


def revision_of(database: SqliteFile) -> str:
    """Tell which revision of the schema a database has, and leave it as it is.

    Raises:
        ConfigurationError: it was made by a newer version of this service.
        SQLAlchemyError, OSError: to be explained by whoever calls.
    """
    with database.look() as connection:
        return _known_revision(connection) or ""


def _is_current(database: SqliteFile) -> bool:
    with database.look() as connection:
        return _known_revision(connection) == HEAD and database.ready(connection)


def _known_revision(connection: Connection) -> str | None:
    """Read which revision it is. Revisions are numbered in their order."""
    if not inspect(connection).has_table(_VERSIONS):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar()  # noqa: S608  # a constant
    if found is not None and str(found) > HEAD:
        message = "The database was made by a newer version of this service; install that version, or restore a copy."
        raise ConfigurationError(message)
    return None if found is None else str(found)


def _upgrade(connection: Connection, digests: KeyedDigests) -> None:
    # Alembic takes 0.2 s to import, which a database that is up to date need not pay.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["digests"] = digests
    command.upgrade(config, HEAD)
