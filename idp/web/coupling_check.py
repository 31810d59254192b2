"""*Werkt mijn koppeling?*: what to type where, and, live, which application has logged in with the present password.

The same for two who may look: whoever has just chosen the password, in that browser, and the owner. To anybody else each address
answers as if there were nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify

from idp.errors import NotUsable, Unavailable, UnknownUser
from idp.web.just_changed import DONE, JustChanged

if TYPE_CHECKING:
    from idp.services.coupling_check import Checked, CouplingCheck, Login
    from idp.web.pages import Pages
    from idp.web.signed_in import SignedIn

_OWN = "/portal/check/<entry_uuid>"


@dataclass(frozen=True, slots=True)
class CouplingCheckPages:
    """Two pages; each is also answered as JSON, for the module that looks again and again."""

    pages: Pages
    signed_in: SignedIn
    check: CouplingCheck

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("coupling_check", __name__)
        routes.add_url_rule(DONE, "done", self.done)
        routes.add_url_rule(f"{DONE}/<entry_uuid>/logins", "done_logins", self.done_logins)
        routes.add_url_rule(_OWN, "own", self.own)
        routes.add_url_rule(f"{_OWN}/logins", "own_logins", self.own_logins)
        return routes

    def done(self) -> Response:
        """Say what to enter where, to who has just set a password."""
        changed = JustChanged(self.check, self.pages.clock)
        bare = changed.name()
        if bare is None:
            return self.pages.see_other("/")
        try:
            checked = self.check.of_changed(changed.seen())
        except (UnknownUser, Unavailable):
            checked = None  # the password was changed all the same
        return self.pages.show("done.html", bare=bare, checked=checked, told=self._told)

    def done_logins(self, entry_uuid: str) -> Response:
        """Tell who has just set a password which applications have logged in with it.

        In another tab another user's may have been set since, whose logins are none of this one's.
        """
        seen = JustChanged(self.check, self.pages.clock).seen()
        if seen.entry_uuid != entry_uuid:
            raise UnknownUser
        return self._logins(self.check.of_changed(seen))

    def own(self, entry_uuid: str) -> Response:
        """Show an owner what to enter where, and who has logged in."""
        try:
            checked = self.check.of_own(self.signed_in.owner(), entry_uuid)
        except NotUsable:
            return self.signed_in.to_login(f"/portal/check/{entry_uuid}")
        return self.pages.show("coupling_check.html", checked=checked, told=self._told)

    def own_logins(self, entry_uuid: str) -> Response:
        """Tell an owner which applications have logged in."""
        try:
            owner = self.signed_in.owner()
        except NotUsable as exc:
            raise UnknownUser from exc
        return self._logins(self.check.of_own(owner, entry_uuid))

    def _logins(self, checked: Checked) -> Response:
        if checked.blocked:
            raise UnknownUser  # the page says so, when it is opened again
        kinds = {each.id: {"text": self._told(each), "works": each.last is not None} for each in checked.kinds}
        return jsonify({"kinds": kinds, "others": [f"{each.name}: {self._told(each)}" for each in checked.others]})

    def _told(self, login: Login) -> str:
        words, last = self.pages.words_here(), login.last
        if last is None:
            return words.plain("nog niet ingelogd")
        if words.date(last) == words.date(self.pages.clock.now()):
            return words.plain("ingelogd om {time}", time=words.time(last))
        return words.plain("ingelogd op {date} om {time}", date=words.date(last), time=words.time(last))
