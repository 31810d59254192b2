"""Whether the session that a browser has is the login that an application wants (OpenID Connect Core section 3.1.2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from idp.domain.portal_session import PortalSession
    from idp.services.owner_login import OwnerLogin


@dataclass(frozen=True, slots=True)
class WantedLogin:
    """What an application wants of its owner's login.

    Args:
        query: the request; tells it from another one.
        anew: whether they log in for this request.
        max_age: how long ago they may have logged in, or None.
        subjects: the koppelgebruikers that it wants one of, by `entryUUID`; None: any.
    """

    query: str
    anew: bool = False
    max_age: timedelta | None = None
    subjects: frozenset[str] | None = None

    def is_met(self, session: PortalSession, logins: OwnerLogin) -> bool:
        """Tell whether this login will do.

        Args:
            session: of the browser, live.
            logins: know what it began for, and whose koppelgebruikers there are.
        """
        return self._is_recent(session, logins) and (self.subjects is None or logins.is_about(session, self.subjects))

    def _is_recent(self, session: PortalSession, logins: OwnerLogin) -> bool:
        if not self.anew and self.max_age is None:
            return True
        # Nobody is sent to log in twice for one request: with a max_age of 0, they never came to the end of it.
        if logins.began_for(session, self.query):
            return True
        return not self.anew and (self.max_age is None or logins.kept.clock.now() - session.began_at <= self.max_age)
