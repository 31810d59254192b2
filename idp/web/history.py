"""*Wie deed wat*: what happened to a koppelgebruiker, for its owner alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from idp.errors import NotUsable
from idp.web.happenings import application_of, told

if TYPE_CHECKING:
    from idp.services.own_history import OwnHistory
    from idp.web.pages import Pages
    from idp.web.signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class HistoryPages:
    """The page. Its address has the `entryUUID`: a name would stand in the logs of whatever is between here and the browser."""

    pages: Pages
    signed_in: SignedIn
    history: OwnHistory

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("history", __name__)
        routes.add_url_rule("/portal/history/<entry_uuid>", "page", self.page)
        return routes

    def page(self, entry_uuid: str) -> Response:
        """Show it; somebody else's user is answered as one that does not exist."""
        try:
            owner = self.signed_in.owner()
        except NotUsable:
            return self.signed_in.to_login(f"/portal/history/{entry_uuid}")
        history, words = self.history.of_user(owner, entry_uuid), self.pages.words_here()
        logins = [(application_of(history, each.client_id, words), each) for each in history.logins]
        return self.pages.show("history.html", history=history, told=list(told(history, words)), logins=logins)
