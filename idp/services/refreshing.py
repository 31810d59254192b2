"""What a client asks of a refresh token, and how one is changed for another (RFC 6749 section 6, RFC 9700 section 4.14.2)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.domain.capability import Purpose
from idp.domain.digests import KeyedDigests, new_secret
from idp.errors import GrantEnded, ResourceNotGranted, ScopeTooWide

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from idp.domain.client import Client
    from idp.domain.grant import Confirmation, Token
    from idp.ports.store import Transaction


@dataclass(frozen=True, slots=True)
class Refreshing:
    """What a client asks of a refresh token.

    Args:
        token: as sent; anything.
        scope: what is asked for, or None for all that was granted.
        audience: the resource that is asked for, or None for the one that was granted.
        access_lifetime: of the access token.
        scopes: all that clients of its kind may have now; it may have been granted more, before the configuration was changed.
        audiences: all resources that there are now.
        confirmation: the key that the access token is bound to, or None.
        rotates: the refresh token is changed for another one.
    """

    token: str = field(repr=False)
    scope: str | None
    audience: str | None
    access_lifetime: timedelta
    scopes: tuple[str, ...]
    audiences: tuple[str, ...]
    confirmation: Confirmation | None = None
    rotates: bool = False

    def scope_of(self, client: Client, granted: Token) -> str:
        """Give the scopes of the new access token.

        Raises:
            GrantEnded: another client's.
            ScopeTooWide: more than was granted (S33), or nothing of it can be had any more.
            ResourceNotGranted: another one than was granted, or that one is gone.
        """
        if granted.client_id != client.client_id:
            raise GrantEnded
        if self.audience not in (None, granted.audience) or granted.audience not in self.audiences:
            raise ResourceNotGranted
        left = [scope for scope in granted.scope.split() if scope in self.scopes]
        wanted = left if self.scope is None else self.scope.split()
        if not left or not set(wanted) <= set(left):
            raise ScopeTooWide
        return " ".join(wanted)


def rotated(work: Transaction, used: Token, digests: KeyedDigests, now: datetime) -> str:
    """Change a refresh token for another, which is worth what it was worth and ends when it would have ended (S30, S32).

    Args:
        work: the caller's transaction.
        used: live, bound to the key that was shown now, as the new one is to be (RFC 9449 section 5).
        digests: that tokens are kept by.
        now: the present moment.

    Returns:
        the new one, which is kept nowhere.
    """
    refresh_token = new_secret()
    work.grants.revoke_token(used, now)
    work.grants.add_token(replace(used, digest=digests.digest(Purpose.REFRESH_TOKEN, refresh_token), issued_at=now))
    return refresh_token


def end_family(work: Transaction, used: Token, now: datetime) -> None:
    """End all that goes back to the same authorization as a refresh token that was used twice (S30).

    Other devices of the same user were authorized apart, and lose nothing.

    Args:
        work: the caller's transaction.
        used: the token.
        now: the present moment.
    """
    assert used.code is not None  # noqa: S101  # what a public client has goes back to a code; and no other kind rotates
    ended = work.grants.revoke_issued_for(used.code, now)
    if ended:
        detail = {"grant": used.grant_id, "tokens": str(ended)}
        work.audit.append(AuditEvent(now, "refresh-token.used-again", f"client:{used.client_id}", used.client_id, detail))
