"""The tables. A change here needs a migration; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
    false,
)

if TYPE_CHECKING:
    from sqlalchemy import Dialect


class Moment(TypeDecorator[datetime]):
    """A moment: aware going in, aware and in UTC coming out, with its microseconds."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # as in the base
        """Turn to UTC. Raises ValueError for a naive one: nobody knows what moment that is."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a moment needs its time zone"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002  # as in the base
        """Put the zone back, which SQLite doesn't keep."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# Names for every constraint, so that a migration can speak of them.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

resets = Table(
    "resets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("bare", Text),
    Column("with_ticket", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    # The binding: all of it or, while queued, nothing; `mail` tells which.
    Column("entry_uuid", Text),
    Column("password_changed", Text),
    Column("uid", Text),
    Column("owner_dn", Text),
    Column("mail", Text),
    Column("expires_at", Moment),
    Column("claimed_at", Moment),
    Index(None, "state", "claimed_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("letter", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    # Of the facts, what is looked for.
    Column("owner", Text, nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("next_attempt_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("mailbox", Text, nullable=False),
    Column("with_ticket", Boolean, nullable=False),
    Column("finished_at", Moment, index=True),
    Index(None, "state", "next_attempt_at"),
    Index(None, "mailbox", "finished_at"),
    Index(None, "owner", "letter"),
)

capabilities = Table(
    "capabilities",
    metadata,
    Column("purpose", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("used_at", Moment),
    Column("subject", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("purpose", "digest"),
    Index(None, "subject", "purpose"),
)

grants = Table(
    "grants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("uid", Text, nullable=False),
    # Both are empty in what a client has on its own behalf.
    Column("entry_uuid", Text, nullable=False),
    Column("password_changed", Text),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment, nullable=False, index=True),
    Column("network", Text, nullable=False),
    Column("revoked_at", Moment),
    Column("consent", JSON(none_as_null=True)),
    Index(None, "entry_uuid", "revoked_at"),
    Index(None, "client_id", "last_used_at"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("kind", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("grant_id", Text, ForeignKey("grants.id"), nullable=False, index=True),
    Column("client_id", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("revoked_at", Moment),
    Column("code", Text, index=True),
    Column("confirmation", JSON(none_as_null=True)),
    PrimaryKeyConstraint("kind", "digest"),
)

clients = Table(
    "clients",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("connector", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("redirect_uris", JSON, nullable=False, server_default="[]"),
    Column("public_keys", JSON, nullable=False, server_default="[]"),
    Column("audiences", JSON, nullable=False, server_default="[]"),
    Column("certificates", JSON, nullable=False, server_default="[]"),
    # Of the connector's facts, what is left to whoever registered itself.
    Column("narrowed", JSON(none_as_null=True)),
    Column("self_named", Boolean, nullable=False, server_default=false()),
    Column("post_logout_redirect_uris", JSON, nullable=False, server_default="[]"),
    Column("backchannel_logout_uri", Text),
)

logout_notices = Table(
    "logout_notices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_attempt_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Index(None, "next_attempt_at", "id"),
)

client_secrets = Table(
    "client_secrets",
    metadata,
    Column("client_id", Text, ForeignKey("clients.client_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("expires_at", Moment),
    PrimaryKeyConstraint("client_id", "position"),
)

registration_tokens = Table(
    "registration_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("connector", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("uses", Integer, nullable=False),
    Column("used", Integer, nullable=False),
    Column("ended_at", Moment),
)

audit = Table(
    "audit",
    metadata,
    Column("writer", Text, nullable=False),
    # Numbered by each writer, without gaps: a gap is a deleted row.
    Column("number", Integer, nullable=False, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("content", JSON, nullable=False),
    Column("chain", Text, nullable=False),
    PrimaryKeyConstraint("writer", "number"),
    Index(None, "at", "writer", "number"),
    Index(None, "subject", "at", "writer", "number"),
    sqlite_with_rowid=False,  # one tree less to write for each record
)

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("writer", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("chain", Text, nullable=False),
    Column("segment", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("seal", Text, nullable=False),
)

audit_segments = Table(
    "audit_segments",
    metadata,
    Column("writer", Text, nullable=False),
    Column("segment", Integer, nullable=False, autoincrement=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("previous", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("closed", Text, nullable=False),
    Column("sealed_at", Moment, nullable=False),
    Column("expired_at", Moment),
    Column("seal", Text, nullable=False),
    PrimaryKeyConstraint("writer", "segment"),
    Index(None, "expired_at", "sealed_at"),
)

audit_personal = Table(
    "audit_personal",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("writer", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("salt", Text, nullable=False),
    Column("value", Text, nullable=False, index=True),
    Index(None, "writer", "number"),
)

change_bookmark = Table(
    "change_bookmark",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", Text, nullable=False),
    Column("doubted_since", Moment),
)

told_changes = Table(
    "told_changes",
    metadata,
    Column("position", Text, primary_key=True),
    Column("told_at", Moment, nullable=False, index=True),
    Column("attributes", Text, nullable=False, server_default=""),
)

known_entries = Table(
    "known_entries",
    metadata,
    Column("entry_uuid", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("dn", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("attributes", JSON, nullable=False),
    Index(None, "kind", "entry_uuid"),
)

pulse = Table(
    "pulse",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("beats", Integer, nullable=False),
)
