"""The portal: menu *mijn gegevens*, block *Koppel Gebruiker*, link *Vraag aan* (R2-R6); and all koppelgebruikers at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from idp.errors import IdpError, NotUsable, StaleForm, UnknownUser
from idp.web.csrf import assert_fresh
from idp.web.received import read_form, read_query

if TYPE_CHECKING:
    from idp.domain.people import Owner
    from idp.services.overview import Overview
    from idp.services.portal import Portal
    from idp.web.pages import Pages
    from idp.web.signed_in import SignedIn

_FEW = 5
"""So many are seen at one look; among more, people search."""

_IN_FULL = 12
"""All that there is to know of more of them, twice, is too heavy a page for a telephone."""


@dataclass(frozen=True, slots=True)
class PortalPages:
    """The page of a logged-in owner."""

    pages: Pages
    signed_in: SignedIn
    portal: Portal
    overview: Overview

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("portal", __name__)
        routes.add_url_rule("/", "page", self.page)
        routes.add_url_rule("/portal/ticket", "ticket", self.ticket, methods=["POST"])
        return routes

    def page(self) -> Response:
        """Show the owner's koppelgebruikers, read live; of many, those that a search finds."""
        wanted = read_query(request)["q"].strip()
        try:
            return self._show(self.signed_in.owner(), None, wanted)
        except NotUsable:
            return self.signed_in.to_login(_address(wanted))

    def ticket(self) -> Response:
        """*Vraag aan*: make a ticket at the click, and go on to the reset with it."""
        fields = read_form(request)
        wanted = fields["q"].strip()
        try:
            owner = self.signed_in.owner()
        except NotUsable:
            return self.signed_in.to_login(_address(wanted), sent=True)
        try:
            assert_fresh(fields, self.pages.cookies)
            secret = self.portal.ticket(owner, fields["uid"])
        except (StaleForm, UnknownUser) as exc:
            return self._show(owner, exc, wanted)
        # The one moment that this secret stands in an address: it is exchanged for a cookie at once, and works once.
        return self.pages.see_other("/reset?" + urlencode({"ticket": secret}))

    def _show(self, owner: Owner, error: IdpError | None, wanted: str) -> Response:
        glances = self.overview.of_owner(owner, wanted)
        found = [each for each in glances if each.is_wanted]
        # A name may be the beginning of many others, and all that leads to its own page is that name.
        named = [each for each in found if each.line.user.uid.casefold() == wanted.casefold()]
        in_full = next((some for some in (glances, found) if len(some) <= _IN_FULL), named)
        searches = bool(wanted) or len(glances) > _FEW
        facts = {"owner": owner, "glances": glances, "in_full": in_full, "wanted": wanted, "searches": searches}
        return self.pages.show_form("portal.html", error, **facts)


def _address(wanted: str) -> str:
    return f"/?{urlencode({'q': wanted})}" if wanted else "/"
