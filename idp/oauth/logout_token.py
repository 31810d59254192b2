"""Logout tokens: an application is told that a session has ended (OpenID Connect Back-Channel Logout 1.0 section 2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.oauth import own_jwt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.base import Connector
    from idp.domain.client import Client
    from idp.domain.logout_notice import LogoutNotice
    from idp.oauth.issuer import Issuer
    from idp.oauth.keys import KeyRing
    from idp.ports.outside import Clock

HEADER_TYPE = "logout+jwt"
LIFETIME = timedelta(minutes=2)
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class LogoutTokens:
    """`ports.outside.LogoutTokens`.

    Args:
        keys: gives the ring, when something is to be signed.
        issuers: all of them; a client is told by its own.
        connectors: what each kind of client is.
        clock: the time.
    """

    keys: Callable[[], KeyRing]
    issuers: tuple[Issuer, ...]
    connectors: Mapping[str, Connector]
    clock: Clock

    def sign(self, client: Client, notice: LogoutNotice) -> str | None:
        """Make one; None where no issuer serves this kind of client any more."""
        connector = self.connectors.get(client.connector)
        issuer = next((each for each in self.issuers if connector is not None and each.serves(connector)), None)
        if issuer is None:
            return None
        now = self.clock.now()
        claims = {
            "iss": issuer.url,
            "aud": client.client_id,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "jti": notice.id,
            "sub": notice.subject,
            "sid": notice.session,
            "events": {EVENT: {}},
        }
        return own_jwt.sign(self.keys().signing_key(issuer.id_token_algorithm), HEADER_TYPE, claims)
