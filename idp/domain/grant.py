"""Grants (an owner knows them as *koppelingen*) and the tokens issued under them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from idp.domain.people import Seen


@dataclass(frozen=True, slots=True)
class Grant:
    """One application's access to one koppelgebruiker.

    Args:
        id: random identifier.
        client_id: the application.
        uid: the bare name, for people to read.
        seen: entry and password that it was given with.
        created_at: first use.
        last_used_at: latest token issued.
        network: address that the latest token was asked from.
        revoked_at: when it was ended, or None.
    """

    id: str
    client_id: str
    uid: str
    seen: Seen
    created_at: datetime
    last_used_at: datetime
    network: str
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was issued; the token itself is never kept.

    Args:
        digest: keyed digest of the refresh token, or of an access token's `jti`.
        kind: ``access`` or ``refresh``.
        grant_id: the grant it was issued under.
        client_id: the application it was issued to.
        scope: space-separated scopes.
        audience: the resource it is for.
        issued_at: when.
        expires_at: its absolute end.
        revoked_at: when it was revoked, or None.
        code: digest of the authorization code that it goes back to, or None.
    """

    digest: str = field(repr=False)
    kind: str
    grant_id: str
    client_id: str
    scope: str
    audience: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    code: str | None = field(default=None, repr=False)

    def live_at(self, now: datetime) -> bool:
        """Tell whether it is neither revoked nor past its end."""
        return self.revoked_at is None and now < self.expires_at
