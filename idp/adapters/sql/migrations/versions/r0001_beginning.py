"""The first schema.

A step of the past says what was done then: it names no table of `tables.py`, which goes on changing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make all tables."""
    _make_resets()
    _make_outbox()
    _make_capabilities()
    _make_grants()
    _make_tokens()
    _make_clients()
    _make_audit()
    op.create_table("pulse", _number("id"), _column("beats", sa.Integer()), _key("pulse", "id"))


def _make_resets() -> None:
    op.create_table(
        "resets",
        _column("id"),
        _column("digest"),
        _column("bare", optional=True),
        _column("with_ticket", sa.Boolean()),
        _column("created_at", _MOMENT),
        _column("state"),
        _column("version", sa.Integer()),
        _column("entry_uuid", optional=True),
        _column("password_changed", optional=True),
        _column("uid", optional=True),
        _column("owner_dn", optional=True),
        _column("mail", optional=True),
        _column("expires_at", _MOMENT, optional=True),
        _column("claimed_at", _MOMENT, optional=True),
        _key("resets", "id"),
        sa.UniqueConstraint("digest", name="uq_resets_digest"),
    )
    _index("resets", "created_at")
    _index("resets", "state", "claimed_at")


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        _column("id"),
        _column("letter"),
        _column("facts", sa.JSON()),
        _column("created_at", _MOMENT),
        _column("next_attempt_at", _MOMENT),
        _column("attempts", sa.Integer()),
        _column("state"),
        _column("outcome"),
        _column("mailbox"),
        _column("with_ticket", sa.Boolean()),
        _column("finished_at", _MOMENT, optional=True),
        _key("outbox", "id"),
    )
    _index("outbox", "finished_at")
    _index("outbox", "state", "next_attempt_at")
    _index("outbox", "mailbox", "finished_at")


def _make_capabilities() -> None:
    op.create_table(
        "capabilities",
        _column("purpose"),
        _column("digest"),
        _column("facts", sa.JSON()),
        _column("created_at", _MOMENT),
        _column("expires_at", _MOMENT),
        _column("used_at", _MOMENT, optional=True),
        _key("capabilities", "purpose", "digest"),
    )
    _index("capabilities", "expires_at")


def _make_grants() -> None:
    op.create_table(
        "grants",
        _column("id"),
        _column("client_id"),
        _column("uid"),
        _column("entry_uuid"),
        _column("password_changed", optional=True),
        _column("created_at", _MOMENT),
        _column("last_used_at", _MOMENT),
        _column("network"),
        _column("revoked_at", _MOMENT, optional=True),
        _key("grants", "id"),
    )
    _index("grants", "last_used_at")
    _index("grants", "entry_uuid", "revoked_at")


def _make_tokens() -> None:
    op.create_table(
        "tokens",
        _column("kind"),
        _column("digest"),
        _column("grant_id"),
        _column("client_id"),
        _column("scope"),
        _column("audience"),
        _column("issued_at", _MOMENT),
        _column("expires_at", _MOMENT),
        _column("revoked_at", _MOMENT, optional=True),
        _key("tokens", "kind", "digest"),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name="fk_tokens_grant_id"),
    )
    _index("tokens", "grant_id")
    _index("tokens", "expires_at")


def _make_clients() -> None:
    op.create_table(
        "clients",
        _column("client_id"),
        _column("connector"),
        _column("name"),
        _column("enabled", sa.Boolean()),
        _column("created_at", _MOMENT),
        _key("clients", "client_id"),
    )
    op.create_table(
        "client_secrets",
        _column("client_id"),
        _column("position", sa.Integer()),
        _column("digest"),
        _column("expires_at", _MOMENT, optional=True),
        _key("client_secrets", "client_id", "position"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.client_id"], name="fk_client_secrets_client_id"),
    )


def _make_audit() -> None:
    op.create_table(
        "audit",
        _number("number"),
        _column("at", _MOMENT),
        _column("action"),
        _column("actor"),
        _column("subject"),
        _column("detail", sa.JSON()),
        _column("chain"),
        _key("audit", "number"),
    )
    _index("audit", "subject", "number")
    op.create_table(
        "audit_head",
        _number("id"),
        _column("number", sa.Integer()),
        _column("chain"),
        _column("seal"),
        _key("audit_head", "id"),
    )


def _column(name: str, kind: TypeEngine[Any] | None = None, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind if kind is not None else sa.Text(), nullable=optional)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _index(table: str, *columns: str) -> None:
    op.create_index("_".join(("ix", table, *columns)), table, list(columns))
