"""Registered applications, their secrets and their keys."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict

from idp.domain.audit import AuditEvent, Change
from idp.domain.capability import Purpose
from idp.domain.client import Client, ClientCertificate, ClientKey, ClientSecret, could_be_a_users
from idp.domain.digests import KeyedDigests, new_secret
from idp.domain.redirect_uri import assert_redirect_uri
from idp.errors import (
    AlreadyExists,
    ClientHasCertificate,
    ClientHasKeys,
    ClientHasNoSecret,
    ClientIdRefused,
    InvalidCredentials,
    UnknownClient,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from idp.domain.client import Proof
    from idp.ports.outside import Clock
    from idp.ports.store import Store


@dataclass(frozen=True, slots=True)
class Use:
    """How a kind of application is used.

    Args:
        clients: how many may ask for tokens; disabled ones don't count.
        last_used_at: when anybody was let in by any of its clients, or None where no grant is kept.
    """

    clients: int = 0
    last_used_at: datetime | None = None


_NO_SECRET = (ClientSecret(digest="0" * 64),)


@dataclass(frozen=True, slots=True)
class ClientRegistry:
    """Add, authenticate and end clients."""

    store: Store
    digests: KeyedDigests
    clock: Clock

    def add(
        self,
        connector: str,
        name: str,
        actor: str,
        client_id: str | None = None,
        redirect_uris: tuple[str, ...] = (),
        audiences: tuple[str, ...] = (),
    ) -> tuple[Client, str]:
        """Register an application.

        Args:
            connector: id of the connector that describes its kind.
            name: shown to owners and operators.
            actor: who registers, for the audit.
            client_id: a chosen identifier, or None for a random one.
            redirect_uris: where its authorizations may lead back to.
            audiences: the resources that it is itself, about whose tokens it may ask.

        Returns:
            the client, and its secret, which is kept nowhere.

        Raises:
            AlreadyExists: the client_id is taken.
            ClientIdRefused: it looks like a user's.
            RedirectUriRefused: not such an address (S2).
        """
        secret = new_secret()
        new = self._new(connector, name, client_id, redirect_uris)
        client = replace(new, secrets=(ClientSecret(self._digest(secret)),), audiences=audiences)
        self._register(client, actor)
        return client, secret

    def add_with_keys(
        self,
        connector: str,
        name: str,
        keys: tuple[Proof, ...],
        actor: str,
        client_id: str | None = None,
        redirect_uris: tuple[str, ...] = (),
        audiences: tuple[str, ...] = (),
    ) -> Client:
        """Register an application that has keys or a certificate, and no secret.

        Args:
            connector: id of the connector that describes its kind.
            name: shown to owners and operators.
            keys: its public keys, or what its certificate is known by.
            actor: who registers, for the audit.
            client_id: a chosen identifier, or None for a random one.
            redirect_uris: where its authorizations may lead back to.
            audiences: the resources that it is itself, about whose tokens it may ask.

        Raises:
            AlreadyExists: the client_id is taken.
            ClientIdRefused: it looks like a user's.
            RedirectUriRefused: not such an address (S2).
        """
        new = self._new(connector, name, client_id, redirect_uris)
        client = replace(new, audiences=audiences, **_sorted(keys))
        self._register(client, actor)
        return client

    def add_public(
        self, connector: str, name: str, actor: str, client_id: str | None = None, redirect_uris: tuple[str, ...] = ()
    ) -> Client:
        """Register an application that can keep no secret, and has nothing else to prove itself by.

        Args:
            connector: id of the connector that describes its kind.
            name: shown to owners and operators.
            actor: who registers, for the audit.
            client_id: a chosen identifier, or None for a random one.
            redirect_uris: where its authorizations may lead back to.

        Raises:
            AlreadyExists: the client_id is taken.
            ClientIdRefused: it looks like a user's.
            RedirectUriRefused: not such an address (S2).
        """
        client = self._new(connector, name, client_id, redirect_uris)
        self._register(client, actor)
        return client

    def get(self, client_id: str) -> Client:
        """Find one. Raises `UnknownClient`."""
        with self.store.reading() as work:
            return self._known(work.clients.get(client_id))

    def authenticate(self, client_id: str, secret: str) -> Client:
        """Find a client by its secret.

        An unknown client takes the same steps as a wrong secret (S27).

        Raises:
            InvalidCredentials: unknown, disabled, or a wrong or outdated secret.
        """
        presented = self._digest(secret)
        with self.store.reading() as work:
            client = work.clients.get(client_id)
        now = self.clock.now()
        matched = False
        for kept in (client.secrets if client else ()) or _NO_SECRET:
            in_time = kept.expires_at is None or now < kept.expires_at
            matched |= hmac.compare_digest(kept.digest, presented) and in_time
        if client is None or not client.enabled or not matched:
            raise InvalidCredentials
        return client

    def without_proof(self, client_id: str) -> Client:
        """Find a client that has nothing to prove itself by. Whether its kind may have nothing, its connector says.

        Raises:
            InvalidCredentials: unknown, disabled, or one with a secret, keys or a certificate, which it can't do without.
        """
        with self.store.reading() as work:
            client = work.clients.get(client_id)
        if client is None or not client.enabled or client.secrets or client.keys or client.certificates:
            raise InvalidCredentials
        return client

    def rotate_secret(self, client_id: str, overlap: timedelta, actor: str) -> str:
        """Make a new secret; the present one works on for a while.

        Args:
            client_id: the client.
            overlap: how long the present secret still works.
            actor: who rotates, for the audit.

        Raises:
            UnknownClient: there is none.
            ClientHasKeys: it has no secret, but keys.
            ClientHasCertificate: nor has it, but a certificate.
            ClientHasNoSecret: nor any keys.
        """
        secret = new_secret()
        now = self.clock.now()
        with self.store.transaction() as work:
            client = self._known(work.clients.get(client_id))
            if client.keys:
                raise ClientHasKeys
            if client.certificates:
                raise ClientHasCertificate
            if not client.secrets:
                raise ClientHasNoSecret
            former = self._former(client, now, overlap)
            work.clients.replace(replace(client, secrets=(ClientSecret(self._digest(secret)), *former)))
            work.audit.append(AuditEvent(now, "client.secret-rotated", actor, client_id))
        return secret

    def replace_keys(self, client_id: str, keys: tuple[Proof, ...], overlap: timedelta, actor: str) -> None:
        """Put these keys or certificates in the place of all of before, at once; a present secret works on for a while.

        Two keys overlap by both being among these. A client that registered itself for another way of authentication has this one
        from now on as well: an operator vouches for it.

        Args:
            client_id: the client.
            keys: all that it has from now on.
            overlap: how long a present secret still works, when the client had one.
            actor: who replaces, for the audit.

        Raises:
            UnknownClient: there is none.
        """
        now = self.clock.now()
        with self.store.transaction() as work:
            client = self._known(work.clients.get(client_id))
            narrowed = replace(client.narrowed, auth_method=None) if client.narrowed else None
            new = replace(client, secrets=self._former(client, now, overlap), narrowed=narrowed, **_sorted(keys))
            work.clients.replace(new)
            before, after = _ways_to_prove(client), _ways_to_prove(new)
            changes = {name: Change(before[name], after[name]) for name in before if before[name] != after[name]}
            work.audit.append(AuditEvent(now, "client.keys-replaced", actor, client_id, changes=changes))

    def disable(self, client_id: str, actor: str) -> None:
        """End a client: from now on the gate refuses whatever was issued to it. Raises `UnknownClient`."""
        now = self.clock.now()
        with self.store.transaction() as work:
            client = self._known(work.clients.get(client_id))
            work.clients.replace(replace(client, enabled=False))
            changes = {"enabled": Change("yes" if client.enabled else "no", "no")}
            work.audit.append(AuditEvent(now, "client.disabled", actor, client_id, changes=changes))

    def find(self, client_id: str) -> Client | None:
        """Find one by its public identifier, which proves nothing."""
        with self.store.reading() as work:
            return work.clients.get(client_id)

    def list(self) -> list[Client]:
        """All clients, ordered by client_id."""
        with self.store.reading() as work:
            return work.clients.all()

    def last_used(self, client_id: str) -> datetime | None:
        """Tell when anybody was let in by a client, or None where no grant is kept."""
        with self.store.reading() as work:
            return work.clients.last_used().get(client_id)

    def use(self) -> Mapping[str, Use]:
        """Tell how each kind of application is used, by connector id; one without a client is left out."""
        with self.store.reading() as work:
            known, last_used = work.clients.all(), work.clients.last_used()
        found: dict[str, Use] = {}
        for client in known:
            before = found.get(client.connector, Use())
            moments = [at for at in (before.last_used_at, last_used.get(client.client_id)) if at is not None]
            found[client.connector] = Use(before.clients + client.enabled, max(moments, default=None))
        return found

    def _new(self, connector: str, name: str, client_id: str | None, redirect_uris: tuple[str, ...]) -> Client:
        for uri in redirect_uris:
            assert_redirect_uri(uri)
        chosen = client_id or new_client_id(connector)
        if could_be_a_users(chosen):
            raise ClientIdRefused
        return Client(chosen, connector, name, enabled=True, created_at=self.clock.now(), redirect_uris=redirect_uris)

    def _register(self, client: Client, actor: str) -> None:
        with self.store.transaction() as work:
            if not work.clients.add(client):
                raise AlreadyExists
            more = {
                "redirect_uris": " ".join(client.redirect_uris),
                "audiences": " ".join(client.audiences),
                **_proofs(client),
            }
            detail = {"connector": client.connector, **{name: value for name, value in more.items() if value}}
            work.audit.append(AuditEvent(client.created_at, "client.added", actor, client.client_id, detail))

    @staticmethod
    def _former(client: Client, now: datetime, overlap: timedelta) -> tuple[ClientSecret, ...]:
        if not overlap:  # at once, and not when a clock says so that may be set back
            return ()
        end = now + overlap
        return tuple(
            replace(kept, expires_at=min(kept.expires_at or end, end))
            for kept in client.secrets
            if kept.expires_at is None or now < kept.expires_at
        )

    def _digest(self, secret: str) -> str:
        return self.digests.digest(Purpose.CLIENT_SECRET, secret)

    @staticmethod
    def _known(client: Client | None) -> Client:
        if client is None:
            raise UnknownClient
        return client


class _Sorted(TypedDict):
    keys: tuple[ClientKey, ...]
    certificates: tuple[ClientCertificate, ...]


def _sorted(proofs: tuple[Proof, ...]) -> _Sorted:
    return {
        "keys": tuple(proof for proof in proofs if isinstance(proof, ClientKey)),
        "certificates": tuple(proof for proof in proofs if isinstance(proof, ClientCertificate)),
    }


def _proofs(client: Client) -> dict[str, str]:
    known_by = (f"{certificate.by} {certificate.value}" for certificate in client.certificates)
    return {"keys": " ".join(key.kid for key in client.keys), "certificates": "; ".join(known_by)}


def _ways_to_prove(client: Client) -> dict[str, str | None]:
    return {**_proofs(client), "auth_method": client.narrowed.auth_method if client.narrowed else None}


def new_client_id(connector: str) -> str:
    """Make an identifier that tells the kind of application, and is nobody else's."""
    return f"{connector}-{secrets.token_hex(8)}"
