"""Registered applications, each with its secrets in order, the current one first, and its public keys."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, func, insert, literal_column, select, update

from idp.adapters.sql.border import storable
from idp.adapters.sql.tables import client_secrets, clients, grants
from idp.domain.client import Client, ClientCertificate, ClientKey, ClientSecret, Narrowed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from idp.adapters.sql.border import Statements

_OF_ALL = select(clients, client_secrets.c.digest, client_secrets.c.expires_at, client_secrets.c.position).outerjoin(
    client_secrets, client_secrets.c.client_id == clients.c.client_id
)
_ALL = _OF_ALL.order_by(clients.c.client_id, client_secrets.c.position)
_THIS_ONE = clients.c.client_id == bindparam("client_id")
# Reading a row takes time: one of nobody stands in for one that is missing, so that no stop-watch tells the two apart (S27).
# As literals, which cost nothing where a row is found; the columns that are not named hold lists.
_NOBODY = dict.fromkeys(("connector", "name", "digest"), "''")
_NOBODY |= dict.fromkeys(("client_id", "narrowed", "backchannel_logout_uri", "expires_at"), "NULL")
_NOBODY |= {"enabled": "FALSE", "self_named": "FALSE", "created_at": "'1970-01-01 00:00:00.000000'", "position": "0"}
_NO_ROW = select(
    *(literal_column(_NOBODY.get(column.name, "'[]'"), column.type).label(column.name) for column in _OF_ALL.selected_columns)
)
_GET = _OF_ALL.where(_THIS_ONE).union_all(_NO_ROW.where(~exists().where(_THIS_ONE)))
_ADD = insert(clients)
_REPLACE = (
    update(clients)
    .where(clients.c.client_id == bindparam("the_client"))
    .values(
        name=bindparam("new_name"),
        enabled=bindparam("now_enabled"),
        redirect_uris=bindparam("new_uris"),
        public_keys=bindparam("new_keys"),
        certificates=bindparam("new_certificates"),
        audiences=bindparam("new_audiences"),
        narrowed=bindparam("left_to_it"),
        self_named=bindparam("named_by_itself"),
        post_logout_redirect_uris=bindparam("new_exits"),
        backchannel_logout_uri=bindparam("new_channel"),
    )
)
# For each client the end of its part of the index, and not all grants.
_LAST_USED = select(
    clients.c.client_id,
    select(func.max(grants.c.last_used_at)).where(grants.c.client_id == clients.c.client_id).scalar_subquery().label("at"),
)
_ADD_SECRET = insert(client_secrets)
_DROP_SECRETS = delete(client_secrets).where(client_secrets.c.client_id == bindparam("client_id"))


@dataclass(frozen=True, slots=True)
class SqlClients:
    """`ports.store.Clients`."""

    statements: Statements

    def add(self, client: Client) -> bool:
        """Register; False when the client_id is taken."""
        if self.get(client.client_id) is not None:
            return False  # no race: writers come one after the other
        values = {
            "client_id": client.client_id,
            "connector": client.connector,
            "name": client.name,
            "enabled": client.enabled,
            "created_at": client.created_at,
            "redirect_uris": list(client.redirect_uris),
            "public_keys": [asdict(key) for key in client.keys],
            "audiences": list(client.audiences),
            "certificates": [asdict(certificate) for certificate in client.certificates],
            "narrowed": asdict(client.narrowed) if client.narrowed else None,
            "self_named": client.self_named,
            "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
            "backchannel_logout_uri": client.backchannel_logout_uri,
        }
        self.statements.change(_ADD, values)
        self._add_secrets(client)
        return True

    def get(self, client_id: str) -> Client | None:
        """Find one; strangers choose what is looked for."""
        if not storable(client_id):
            return None
        rows = sorted(self.statements.rows(_GET, {"client_id": client_id}), key=attrgetter("position"))
        found = _client(rows)
        return None if rows[0].client_id is None else found

    def all(self) -> list[Client]:
        """All, ordered by client_id."""
        return _clients(self.statements.rows(_ALL))

    def replace(self, client: Client) -> None:
        """Keep all that may change: everything but what it is called, of which kind it is, and since when."""
        values = {
            "the_client": client.client_id,
            "new_name": client.name,
            "now_enabled": client.enabled,
            "new_uris": list(client.redirect_uris),
            "new_keys": [asdict(key) for key in client.keys],
            "new_certificates": [asdict(certificate) for certificate in client.certificates],
            "new_audiences": list(client.audiences),
            "left_to_it": asdict(client.narrowed) if client.narrowed else None,
            "named_by_itself": client.self_named,
            "new_exits": list(client.post_logout_redirect_uris),
            "new_channel": client.backchannel_logout_uri,
        }
        if self.statements.change(_REPLACE, values) == 0:
            return
        self.statements.change(_DROP_SECRETS, {"client_id": client.client_id})
        self._add_secrets(client)

    def last_used(self) -> Mapping[str, datetime]:
        """Tell by client_id when a grant was last used; a client that has none (any more) is left out."""
        return {row.client_id: row.at for row in self.statements.rows(_LAST_USED) if row.at is not None}

    def _add_secrets(self, client: Client) -> None:
        for position, secret in enumerate(client.secrets):
            values = {
                "client_id": client.client_id,
                "position": position,
                "digest": secret.digest,
                "expires_at": secret.expires_at,
            }
            self.statements.change(_ADD_SECRET, values)


def _clients(rows: Iterable[Row[Any]]) -> list[Client]:
    return [_client(list(of_one)) for _, of_one in groupby(rows, key=lambda row: row.client_id)]


def _client(rows: Sequence[Row[Any]]) -> Client:
    first = rows[0]
    secrets = tuple(ClientSecret(row.digest, row.expires_at) for row in rows if row.digest is not None)
    keys = tuple(ClientKey(key["kid"], tuple(key["algorithms"]), key["members"]) for key in first.public_keys)
    known = (first.client_id, first.connector, first.name, first.enabled, first.created_at)
    certificates = tuple(ClientCertificate(each["by"], each["value"]) for each in first.certificates)
    logout = tuple(first.post_logout_redirect_uris), first.backchannel_logout_uri
    rest = _narrowed(first.narrowed), first.self_named, *logout
    return Client(*known, secrets, tuple(first.redirect_uris), keys, tuple(first.audiences), certificates, *rest)


def _narrowed(kept: Mapping[str, Any] | None) -> Narrowed | None:
    if not kept:
        return None
    # A row of before this was asked for has no word about it.
    return Narrowed(kept["auth_method"], tuple(kept["grants"]), tuple(kept["scopes"]), kept.get("dpop_bound", False))
