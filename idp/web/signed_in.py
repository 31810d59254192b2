"""The owner whose portal session the request has; who has none goes to the portal's door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from idp.errors import NotUsable
from idp.web.cookies import CookieName
from idp.web.limits import visitor_network
from idp.web.way_back import WayBack

if TYPE_CHECKING:
    from flask import Response

    from idp.domain.people import Owner
    from idp.domain.portal_session import PortalSession
    from idp.services.owner_login import OwnerLogin
    from idp.web.pages import Pages


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Reads the session, live, at every request."""

    pages: Pages
    owner_login: OwnerLogin

    def owner(self) -> Owner:
        """Give the owner. Raises `NotUsable`."""
        return self.session().owner

    def session(self) -> PortalSession:
        """Give the session. Raises `NotUsable`."""
        return self.owner_login.session_of(self.pages.cookies.read(request, CookieName.SESSION) or "")

    def session_if_any(self) -> PortalSession | None:
        """Give the session; None for who has none, or not any more."""
        try:
            return self.session()
        except NotUsable:
            return None

    def counted_as(self) -> str:
        """Give whose requests this one is counted with: an owner's at their address; without a session, all of its strangers'."""
        owner = self.owner_login.opened_by(self.pages.cookies.read(request, CookieName.SESSION) or "")
        return f"{visitor_network()} {owner}" if owner else visitor_network()

    def to_login(self, place: str, *, sent: bool = False) -> Response:
        """Send a browser whose session has ended to log in, without it, and on from there to where it was.

        Args:
            place: the page that it was on.
            sent: a form on it; the login says that nothing was done with it.
        """
        cookies = self.pages.cookies
        # A post from another site brings none of our cookies along: it takes none away, and is nothing that its visitor sent.
        if not sent or cookies.has_form_cookie(request):
            WayBack(self.pages.clock).remember(place, sent=sent)
        response = self.pages.see_other("/login")
        if cookies.read(request, CookieName.SESSION):
            cookies.clear(response, CookieName.SESSION)
        return response
