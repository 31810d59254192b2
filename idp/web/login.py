"""The portal's door: log in by mail address, and out (R2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from idp.domain.capability import LIFETIMES, Purpose
from idp.errors import FlowExpired, IdpError, InvalidCredentials, LoginWantsCaptcha, SessionEnded, StaleForm
from idp.services.known_browsers import KNOWN_FOR
from idp.services.login_guard import Caller
from idp.web.cookies import CookieName
from idp.web.csrf import assert_fresh
from idp.web.limits import visitor_network
from idp.web.received import read_form
from idp.web.way_back import WayBack

if TYPE_CHECKING:
    from idp.services.authorization import Authorization, PutOff
    from idp.services.owner_login import OwnerLogin
    from idp.web.pages import Pages


@dataclass(frozen=True, slots=True)
class LoginPages:
    """Log in, log out."""

    pages: Pages
    owner_login: OwnerLogin
    authorization: Authorization

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("login", __name__)
        routes.add_url_rule("/login", "page", self.page)
        routes.add_url_rule("/login", "submit", self.submit, methods=["POST"])
        routes.add_url_rule("/logout", "log_out", self.log_out, methods=["POST"])
        return routes

    def page(self) -> Response:
        """Show the form; to whoever sent another one without a session, with a word about that."""
        problem = self.pages.problem(SessionEnded()) if self._way_back.was_in_vain else None
        return self.pages.show("login.html", typed="", problem=problem, put_off=None, captcha=False)

    def submit(self) -> Response:
        """Check mail address and password, and begin a session under a new secret; then go on to what was put off, or back."""
        fields = read_form(request)
        put_off = self._put_off(fields["request"])
        query = put_off.query if put_off else None
        caller = Caller(visitor_network(), self.pages.cookies.read_all(request, CookieName.BROWSER), fields["altcha"])
        self.pages.prefer(put_off.locales if put_off else "")
        try:
            assert_fresh(fields, self.pages.cookies)
            secret = self.owner_login.log_in(fields["mail"], fields["password"], caller, query)
        except IdpError as exc:
            refused = isinstance(exc, InvalidCredentials | LoginWantsCaptcha)
            captcha = refused and self.owner_login.wants_captcha(fields["mail"], caller)
            return self.pages.show_problem("login.html", exc, typed=fields["mail"], put_off=put_off, captcha=captcha)
        place = self._way_back.take()
        response = self.pages.see_other(put_off.target if put_off else place)
        self.pages.cookies.put(response, CookieName.SESSION, secret, LIFETIMES[Purpose.PORTAL_SESSION])
        token = self.owner_login.token_for(fields["mail"], caller)
        self.pages.cookies.add(request, response, CookieName.BROWSER, token, KNOWN_FOR)
        return response

    def log_out(self) -> Response:
        """End the session, here and in the store; a stale form leads to a fresh one, behind the same button."""
        try:
            assert_fresh(read_form(request), self.pages.cookies)
        except StaleForm:
            return self.pages.see_other("/")
        secret = self.pages.cookies.read(request, CookieName.SESSION)
        if secret:
            self.owner_login.log_out(secret)
        response = self.pages.see_other("/login")
        self.pages.cookies.clear_visit(response)
        return response

    @property
    def _way_back(self) -> WayBack:
        return WayBack(self.pages.clock)

    def _put_off(self, secret: str) -> PutOff | None:
        # A request that was forgotten meanwhile costs nobody their login: it leads to the portal then.
        try:
            return self.authorization.resume(secret) if secret else None
        except FlowExpired:
            return None
