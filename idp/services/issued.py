"""Tokens on their way: what is to be issued, what was, and what is still alive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from idp.domain.authentication import Authentication
    from idp.domain.grant import Confirmation, Grant, Token
    from idp.domain.people import Koppelgebruiker


@dataclass(frozen=True, slots=True)
class TokenPlan:
    """What is to be issued.

    Args:
        scope: space-separated scopes.
        audience: the resource.
        access_lifetime: of the access token.
        refresh_lifetime: absolute life of the refresh token, or None for none.
        code: digest of the authorization code that it goes back to, or None.
        confirmation: the key that the access token is bound to, or None.
        allowed_by: `entryUUID` of the owner who has allowed it in the portal, and is not asked for it again; or None.
    """

    scope: str
    audience: str
    access_lifetime: timedelta
    refresh_lifetime: timedelta | None = None
    code: str | None = field(default=None, repr=False)
    confirmation: Confirmation | None = None
    allowed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """What was issued: the facts to sign, and the refresh token, which is kept nowhere.

    Of what a client got on its own behalf there is no user. Where an owner has let an application in, it says how they had logged
    in.
    """

    grant: Grant
    user: Koppelgebruiker | None
    jti: str
    scope: str
    audience: str
    issued_at: datetime
    expires_at: datetime
    refresh_token: str | None = field(default=None, repr=False)
    confirmation: Confirmation | None = None
    authentication: Authentication | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """A token that came through the gate just now; of one that a client has on its own behalf there is no user."""

    token: Token
    grant: Grant
    user: Koppelgebruiker | None
