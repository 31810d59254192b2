"""*Was jij dit niet?*: one confirming click blocks the user (R20).

As in `idp.web.set_password`, opening the link changes nothing, and its address authorises the form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from idp.errors import LinkDead, LinkUsed, Unavailable
from idp.web.just_done import JustDone

if TYPE_CHECKING:
    from idp.services.not_me import NotMe
    from idp.web.link_limits import LinkLimits
    from idp.web.pages import Pages

_DONE = "/not-me/done"


@dataclass(frozen=True, slots=True)
class NotMePages:
    """The question, and the page after it."""

    pages: Pages
    not_me: NotMe
    links: LinkLimits

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("not_me", __name__)
        routes.add_url_rule("/not-me/<secret>", "page", self.page)
        routes.add_url_rule("/not-me/<secret>", "submit", self.submit, methods=["POST"])
        routes.add_url_rule(_DONE, "done", self.done)
        return self.links.guard(routes)

    def page(self, secret: str) -> Response:
        """Ask; nothing changes."""
        try:
            full_name = self.not_me.open(secret)
        except LinkDead as exc:
            return self._dead(exc)
        return self.pages.show("not_me.html", full_name=full_name)

    def submit(self, secret: str) -> Response:
        """Block. The form has no fields, so nothing is read of it."""
        try:
            full_name = self.not_me.confirm(secret)
        except LinkDead as exc:
            return self._dead(exc)
        except Unavailable as exc:
            # The user may be blocked already, and its grants not ended: this page does not say "nothing was changed".
            return self.pages.show_problem("not_me_unsure.html", exc)
        JustDone(self.pages.clock).remember(_DONE, full_name)
        return self.pages.see_other(_DONE)

    def done(self) -> Response:
        """Say that it was blocked, and whom to call, to who has just done it."""
        full_name = JustDone(self.pages.clock).recall(_DONE)
        return self.pages.see_other("/") if full_name is None else self.pages.show("not_me_done.html", full_name=full_name)

    def _dead(self, error: LinkDead) -> Response:
        self.links.dead()
        # A link is used up in the very transaction that follows its block. What became of the block since, it does not tell.
        return self.pages.show_problem("not_me_dead.html", error, used=isinstance(error, LinkUsed))
