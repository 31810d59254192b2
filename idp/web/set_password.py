"""Behind the mailed link: choose a password (R19).

Opening the link changes nothing, since mail scanners open links. No cookie authorises its form, its address does, and who can
write that address holds the secret already: hence no anti-forgery token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from idp.errors import (
    DirectoryRefuses,
    IdpError,
    LinkBusy,
    LinkDead,
    LinkUsed,
    PasswordRejected,
    ResetRefused,
    Unavailable,
)
from idp.web.just_changed import DONE, JustChanged
from idp.web.received import read_form

if TYPE_CHECKING:
    from idp.services.complete_reset import CompleteReset, OpenLink
    from idp.services.coupling_check import CouplingCheck
    from idp.web.link_limits import LinkLimits
    from idp.web.pages import Pages


@dataclass(frozen=True, slots=True)
class SetPasswordPages:
    """The page of a reset link; it leads to the one in `idp.web.coupling_check`."""

    pages: Pages
    complete_reset: CompleteReset
    check: CouplingCheck
    links: LinkLimits

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("set_password", __name__)
        routes.add_url_rule("/reset/password/<secret>", "page", self.page)
        routes.add_url_rule("/reset/password/<secret>", "submit", self.submit, methods=["POST"])
        return self.links.guard(routes)

    def page(self, secret: str) -> Response:
        """Show the form; nothing changes."""
        try:
            link = self.complete_reset.open(secret)
        except (LinkDead, LinkBusy) as exc:
            return self._no_form(exc)
        return self.pages.show("set_password.html", link=link, problem=None)

    def submit(self, secret: str) -> Response:
        """Set the password."""
        fields = read_form(request)
        try:
            bare = self.complete_reset.complete(secret, fields["password"], fields["password_again"])
        except (PasswordRejected, ResetRefused) as exc:
            return self._form_again(secret, exc)
        except IdpError as exc:
            return self._no_form(exc)
        # The name is told on the next page, which a reload must not turn into a second submission.
        JustChanged(self.check, self.pages.clock).remember(bare)
        return self.pages.see_other(DONE)

    def _form_again(self, secret: str, error: IdpError) -> Response:
        try:
            link: OpenLink = self.complete_reset.open(secret)
        except (LinkDead, LinkBusy) as exc:
            return self._no_form(exc)
        return self.pages.show_problem("set_password.html", error, link=link)

    def _no_form(self, error: IdpError) -> Response:
        if isinstance(error, LinkDead):
            self.links.dead()
        # A directory that falls silent may have taken the password before: then no page says "nothing was changed".
        unsure = isinstance(error, Unavailable) and not isinstance(error, DirectoryRefuses)
        facts = {"again": "/reset", "used": isinstance(error, LinkUsed), "unsure": unsure}
        return self.pages.show_problem("link_dead.html", error, **facts)
