"""Applications that register themselves, with an initial access token (RFC 7591)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.domain.capability import Purpose
from idp.domain.client import Client, ClientSecret
from idp.domain.digests import KeyedDigests, new_secret
from idp.domain.registration_token import RegistrationToken
from idp.errors import RegistrationTokenRefused, UnknownRegistrationToken
from idp.services.clients import new_client_id

if TYPE_CHECKING:
    from datetime import timedelta

    from idp.domain.client import ClientKey, Narrowed
    from idp.ports.outside import Clock
    from idp.ports.store import Store


@dataclass(frozen=True, slots=True)
class Wish:
    """What an application wants to be registered as; all of it was judged.

    Args:
        name: that it gives itself, or None.
        redirect_uris: where its authorizations may lead back to.
        keys: its public keys.
        narrowed: what it asks for of what its connector allows.
        with_secret: whether it needs a secret.
    """

    name: str | None
    redirect_uris: tuple[str, ...]
    keys: tuple[ClientKey, ...]
    narrowed: Narrowed
    with_secret: bool


@dataclass(frozen=True, slots=True)
class Registered:
    """A client that has registered itself, and its secret, which is kept nowhere."""

    client: Client
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Registration:
    """Hands tokens out, and takes them in."""

    store: Store
    digests: KeyedDigests
    clock: Clock

    def make_token(self, connector: str, uses: int, lifetime: timedelta, actor: str) -> tuple[RegistrationToken, str]:
        """Make an initial access token.

        Args:
            connector: id of the connector whose facts are the most that a client gets.
            uses: how many clients may be registered with it.
            lifetime: how long it is good.
            actor: who makes it, for the audit.

        Returns:
            what is kept, and the token, which is kept nowhere.
        """
        secret, now = new_secret(), self.clock.now()
        token = RegistrationToken(secrets.token_hex(8), self._digest(secret), connector, now, now + lifetime, uses)
        detail = {"connector": connector, "uses": str(uses), "until": token.expires_at.isoformat()}
        with self.store.transaction() as work:
            work.registration_tokens.add(token)
            work.audit.append(AuditEvent(now, "registration-token.made", actor, token.id, detail))
        return token, secret

    def tokens(self) -> list[RegistrationToken]:
        """All tokens, oldest first."""
        with self.store.reading() as work:
            return work.registration_tokens.all()

    def end_token(self, token_id: str, actor: str) -> None:
        """End a token; who was registered with it stays. Raises `UnknownRegistrationToken`, also for one that was ended."""
        now = self.clock.now()
        with self.store.transaction() as work:
            if not work.registration_tokens.end(token_id, now):
                raise UnknownRegistrationToken
            work.audit.append(AuditEvent(now, "registration-token.ended", actor, token_id))

    def token(self, secret: str) -> RegistrationToken:
        """Find a good token; nothing changes.

        Raises:
            RegistrationTokenRefused: unknown, used up, ended or expired; which of these is told to nobody.
        """
        with self.store.reading() as work:
            found = work.registration_tokens.by_digest(self._digest(secret))
        if found is None or not found.good_at(self.clock.now()):
            raise RegistrationTokenRefused
        return found

    def register(self, token: RegistrationToken, wish: Wish) -> Registered:
        """Register an application; the token is used in the same transaction.

        Args:
            token: as `token` gave it.
            wish: what it wants to be.

        Raises:
            RegistrationTokenRefused: it is good no more.
        """
        now, client_id = self.clock.now(), new_client_id(token.connector)
        secret = new_secret() if wish.with_secret else None
        client = Client(
            client_id,
            token.connector,
            wish.name or client_id,
            enabled=True,
            created_at=now,
            secrets=(ClientSecret(self.digests.digest(Purpose.CLIENT_SECRET, secret)),) if secret else (),
            redirect_uris=wish.redirect_uris,
            keys=wish.keys,
            narrowed=wish.narrowed,
            self_named=True,
        )
        with self.store.transaction() as work:
            if not work.registration_tokens.use(token, now):
                raise RegistrationTokenRefused
            work.clients.add(client)  # nobody else has its identifier, of 64 random bits
            work.audit.append(
                AuditEvent(now, "client.registered", f"client:{client_id}", client_id, _detail(token, client, wish))
            )
        return Registered(client, secret)

    def _digest(self, secret: str) -> str:
        return self.digests.digest(Purpose.REGISTRATION_TOKEN, secret)


def _detail(token: RegistrationToken, client: Client, wish: Wish) -> dict[str, str]:
    facts = {
        "connector": client.connector,
        "token": token.id,
        "name": client.name,
        "redirect_uris": " ".join(client.redirect_uris),
        "keys": " ".join(key.kid for key in client.keys),
        "auth_method": wish.narrowed.auth_method or "",
        "grants": " ".join(wish.narrowed.grants),
        "scopes": " ".join(wish.narrowed.scopes),
        "dpop_bound": "yes" if wish.narrowed.dpop_bound else "",
    }
    return {name: value for name, value in facts.items() if value}
