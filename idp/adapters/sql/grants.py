"""Grants and the tokens issued under them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, func, insert, or_, select, tuple_, update

from idp.adapters.sql.border import storable
from idp.adapters.sql.tables import clients, grants, tokens
from idp.domain.grant import Confirmation, Consent, Coupling, Grant, Token
from idp.domain.people import Seen

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Row

    from idp.adapters.sql.border import Statements

_NOBODY = ""
"""Stands for the entry of a grant that is for the client itself."""

_ADD = insert(grants)
_GET = select(grants).where(grants.c.id == bindparam("id"))
_OF_USER = (
    select(grants)
    .where(grants.c.entry_uuid == bindparam("entry_uuid"), grants.c.revoked_at.is_(None))
    .order_by(grants.c.created_at, grants.c.id)
)
_OF_CLIENT = select(grants).where(
    grants.c.entry_uuid == _NOBODY, grants.c.revoked_at.is_(None), grants.c.client_id == bindparam("client_id")
)
_ACCESS_UNTIL = (
    select(func.max(tokens.c.expires_at))
    .where(tokens.c.grant_id == grants.c.id, tokens.c.revoked_at.is_(None), tokens.c.expires_at > bindparam("now"))
    .scalar_subquery()
)
_COUPLINGS_OF = (
    select(grants, clients.c.name, clients.c.self_named, _ACCESS_UNTIL.label("access_until"))
    .join(clients, clients.c.client_id == grants.c.client_id)
    .where(
        grants.c.entry_uuid.in_(bindparam("entry_uuids", expanding=True)),
        grants.c.revoked_at.is_(None),
        clients.c.enabled,
    )
    .order_by(grants.c.created_at, grants.c.id)
)
_USED = (
    update(grants)
    .where(grants.c.id == bindparam("the_id"))
    .values(last_used_at=bindparam("at"), network=bindparam("from_network"))
)
_ALLOWED = update(grants).where(grants.c.id == bindparam("the_id")).values(consent=bindparam("what"))
_REVOKE = (
    update(grants)
    .where(grants.c.id == bindparam("the_id"), grants.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"), network="", consent=None)
)
_REVOKE_ALL = (
    update(grants)
    .where(grants.c.entry_uuid == bindparam("the_uuid"), grants.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"), network="", consent=None)
)
_REVOKE_EVERYBODYS = (
    update(grants).where(grants.c.revoked_at.is_(None)).values(revoked_at=bindparam("now"), network="", consent=None)
)
_EXPIRE = delete(grants).where(
    grants.c.id.in_(
        select(grants.c.id)
        .where(
            grants.c.last_used_at < bindparam("before"),
            or_(grants.c.revoked_at.is_(None), grants.c.revoked_at < bindparam("before")),
            ~exists().where(tokens.c.grant_id == grants.c.id),
        )
        .limit(bindparam("most"))
    )
)

_ADD_TOKEN = insert(tokens)
_GET_TOKEN = select(tokens).where(tokens.c.kind == bindparam("kind"), tokens.c.digest == bindparam("digest"))
_REVOKE_TOKEN = (
    update(tokens)
    .where(
        tokens.c.kind == bindparam("the_kind"),
        tokens.c.digest == bindparam("the_digest"),
        tokens.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("now"))
)
_REVOKE_ISSUED_FOR = (
    update(tokens)
    .where(tokens.c.code == bindparam("the_code"), tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_FORGET = (
    update(grants)
    .where(grants.c.id.in_(select(tokens.c.grant_id).where(tokens.c.code == bindparam("the_code"))))
    .values(consent=None)
)
_EXPIRE_TOKENS = delete(tokens).where(
    tuple_(tokens.c.kind, tokens.c.digest).in_(
        select(tokens.c.kind, tokens.c.digest).where(tokens.c.expires_at < bindparam("before")).limit(bindparam("most"))
    )
)


@dataclass(frozen=True, slots=True)
class SqlGrants:
    """`ports.store.Grants`."""

    statements: Statements

    def add(self, grant: Grant) -> None:
        """Keep a new grant."""
        values = {
            "id": grant.id,
            "client_id": grant.client_id,
            "uid": grant.uid,
            "entry_uuid": grant.seen.entry_uuid if grant.seen else _NOBODY,
            "password_changed": grant.seen.password_changed if grant.seen else None,
            "created_at": grant.created_at,
            "last_used_at": grant.last_used_at,
            "network": grant.network,
            "revoked_at": grant.revoked_at,
            "consent": _kept(grant.consent),
        }
        self.statements.change(_ADD, values)

    def get(self, grant_id: str) -> Grant | None:
        """Find one by id; whoever sends a form chooses what is looked for."""
        if not storable(grant_id):
            return None
        row = self.statements.row(_GET, {"id": grant_id})
        return _grant(row) if row else None

    def of_user(self, entry_uuid: str) -> list[Grant]:
        """Those of one koppelgebruiker that were not revoked, oldest first."""
        return [_grant(row) for row in self.statements.rows(_OF_USER, {"entry_uuid": entry_uuid})]

    def of_client(self, client_id: str) -> Grant | None:
        """Find what a client has on its own behalf, unless it was revoked."""
        row = self.statements.row(_OF_CLIENT, {"client_id": client_id})
        return _grant(row) if row else None

    def couplings_of(self, entry_uuids: Collection[str], now: datetime) -> list[Coupling]:
        """Those of some koppelgebruikers that were not revoked and whose client is enabled, oldest first; in one look-up."""
        rows = self.statements.rows(_COUPLINGS_OF, {"entry_uuids": list(entry_uuids), "now": now})
        return [Coupling(_grant(row), row.name, row.access_until, row.self_named) for row in rows]

    def used(self, grant: Grant) -> None:
        """Keep its last_used_at and network."""
        self.statements.change(_USED, {"the_id": grant.id, "at": grant.last_used_at, "from_network": grant.network})

    def allowed(self, grant: Grant) -> None:
        """Keep its consent."""
        self.statements.change(_ALLOWED, {"the_id": grant.id, "what": _kept(grant.consent)})

    def revoke(self, grant_id: str, now: datetime) -> bool:
        """End one, and forget network and consent; False when it was ended already, and the moment of that stays."""
        return self.statements.change(_REVOKE, {"the_id": grant_id, "now": now}) == 1

    def revoke_all(self, entry_uuid: str, now: datetime) -> int:
        """End all grants of one koppelgebruiker, as `revoke`; tells how many."""
        return self.statements.change(_REVOKE_ALL, {"the_uuid": entry_uuid, "now": now})

    def revoke_everybodys(self, now: datetime) -> int:
        """End all grants there are, as `revoke`; tells how many."""
        return self.statements.change(_REVOKE_EVERYBODYS, {"now": now})

    def add_token(self, token: Token) -> None:
        """Keep a token's row; its grant must be there."""
        values = {
            "digest": token.digest,
            "kind": token.kind,
            "grant_id": token.grant_id,
            "client_id": token.client_id,
            "scope": token.scope,
            "audience": token.audience,
            "issued_at": token.issued_at,
            "expires_at": token.expires_at,
            "revoked_at": token.revoked_at,
            "code": token.code,
            "confirmation": token.confirmation.claim() if token.confirmation else None,
        }
        self.statements.change(_ADD_TOKEN, values)

    def token(self, kind: str, digest: str) -> Token | None:
        """Find a token, revoked or expired too."""
        row = self.statements.row(_GET_TOKEN, {"kind": kind, "digest": digest})
        return _token(row) if row else None

    def revoke_token(self, token: Token, now: datetime) -> bool:
        """End one token; False when it was ended already."""
        values = {"the_kind": token.kind, "the_digest": token.digest, "now": now}
        return self.statements.change(_REVOKE_TOKEN, values) == 1

    def revoke_issued_for(self, code: str, now: datetime) -> int:
        """End all tokens that go back to an authorization code, by its digest, and forget the consent; tells how many."""
        self.statements.change(_FORGET, {"the_code": code})
        return self.statements.change(_REVOKE_ISSUED_FOR, {"the_code": code, "now": now})

    def expire(self, before: datetime, limit: int) -> int:
        """Delete grants ended, and unused, since before a moment, and under which no token is left."""
        return self.statements.change(_EXPIRE, {"before": before, "most": limit})

    def expire_tokens(self, before: datetime, limit: int) -> int:
        """Delete tokens whose end was before a moment."""
        return self.statements.change(_EXPIRE_TOKENS, {"before": before, "most": limit})


def _grant(row: Row[Any]) -> Grant:
    return Grant(
        id=row.id,
        client_id=row.client_id,
        uid=row.uid,
        seen=None if row.entry_uuid == _NOBODY else Seen(row.entry_uuid, row.password_changed),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        network=row.network,
        revoked_at=row.revoked_at,
        consent=Consent(**row.consent) if row.consent else None,
    )


def _kept(consent: Consent | None) -> dict[str, object] | None:
    return None if consent is None else {"owner": consent.owner, "scopes": dict(consent.scopes)}


def _token(row: Row[Any]) -> Token:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
    bound = values.pop("confirmation")
    return Token(**values, confirmation=Confirmation(*next(iter(bound.items()))) if bound else None)
