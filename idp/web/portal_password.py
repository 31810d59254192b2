"""The owner's own portal password: *Wachtwoord vergeten*, and the page of a mailed link (R1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from idp.errors import DirectoryRefuses, IdpError, LinkDead, LinkUsed, PasswordRejected, PasswordTooYoung, Unavailable
from idp.web.csrf import assert_fresh
from idp.web.just_done import JustDone
from idp.web.limits import visitor_network
from idp.web.received import read_form

if TYPE_CHECKING:
    from idp.services.portal_password import PortalPassword
    from idp.web.link_limits import LinkLimits
    from idp.web.pages import Pages

_CHANGED = "/login/changed"


@dataclass(frozen=True, slots=True)
class ForgottenPasswordPages:
    """Ask for a link; the answer is the same for everybody."""

    pages: Pages
    portal_password: PortalPassword

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("forgot", __name__)
        routes.add_url_rule("/login/forgot", "page", self.page)
        routes.add_url_rule("/login/forgot", "submit", self.submit, methods=["POST"])
        routes.add_url_rule("/login/forgot/sent", "sent", self.sent)
        return routes

    def page(self) -> Response:
        """Show the form."""
        return self.pages.show("forgot.html", typed="", problem=None)

    def submit(self) -> Response:
        """Take a mail address."""
        fields = read_form(request)
        try:
            assert_fresh(fields, self.pages.cookies)
            self.portal_password.request(fields["mail"], visitor_network())
        except IdpError as exc:
            return self.pages.show_problem("forgot.html", exc, typed=fields["mail"])
        return self.pages.see_other("/login/forgot/sent")

    def sent(self) -> Response:
        """Say where to look."""
        return self.pages.show("forgot_sent.html")


@dataclass(frozen=True, slots=True)
class PortalPasswordPages:
    """The page of a mailed link. As in `idp.web.set_password`, opening it changes nothing, and its address authorises."""

    pages: Pages
    portal_password: PortalPassword
    links: LinkLimits

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("portal_password", __name__)
        routes.add_url_rule("/login/password/<secret>", "page", self.page)
        routes.add_url_rule("/login/password/<secret>", "submit", self.submit, methods=["POST"])
        routes.add_url_rule(_CHANGED, "changed", self.changed)
        return self.links.guard(routes)

    def page(self, secret: str) -> Response:
        """Show the form; nothing changes."""
        return self._form(secret, None)

    def submit(self, secret: str) -> Response:
        """Set the portal password."""
        fields = read_form(request)
        try:
            self.portal_password.complete(secret, fields["password"], fields["password_again"])
        except (PasswordRejected, PasswordTooYoung) as exc:
            return self._form(secret, exc)
        except IdpError as exc:
            return self._no_form(exc)
        JustDone(self.pages.clock).remember(_CHANGED)
        return self.pages.see_other(_CHANGED)

    def changed(self) -> Response:
        """Lead to the login, with a word to who has just chosen a password."""
        if JustDone(self.pages.clock).recall(_CHANGED) is None:
            return self.pages.see_other("/")
        return self.pages.show("portal_password_changed.html")

    def _form(self, secret: str, error: IdpError | None) -> Response:
        try:
            mail = self.portal_password.open(secret).mail
        except LinkDead as exc:
            return self._no_form(exc)
        if error is None:
            return self.pages.show("portal_password.html", mail=mail, problem=None)
        return self.pages.show_problem("portal_password.html", error, mail=mail)

    def _no_form(self, error: IdpError) -> Response:
        if isinstance(error, LinkDead):
            self.links.dead()
        # A directory that falls silent may have taken the password before: then no page says "nothing was changed".
        unsure = isinstance(error, Unavailable) and not isinstance(error, DirectoryRefuses)
        facts = {"again": "/login/forgot", "used": isinstance(error, LinkUsed), "unsure": unsure}
        return self.pages.show_problem("link_dead.html", error, **facts)
