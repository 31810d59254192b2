"""Identify → Verify → sent (R6-R18, R22, R26)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, request

from idp.domain.capability import LIFETIMES, Purpose
from idp.errors import FlowExpired, IdpError, NotYourName, ResetRefused, StepUsed, UsernameIncomplete, UsernameMissing
from idp.web.cookies import CookieName
from idp.web.csrf import assert_fresh
from idp.web.just_done import JustDone
from idp.web.limits import visitor_network
from idp.web.received import read_form, read_query

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from idp.services.portal import Portal
    from idp.services.request_reset import RequestReset
    from idp.web.pages import Pages

_SENT = "/reset/sent"


@dataclass(frozen=True, slots=True)
class ResetPages:
    """The pages before the mail."""

    pages: Pages
    request_reset: RequestReset
    portal: Portal

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("reset", __name__)
        routes.add_url_rule("/reset", "identify_page", self.identify_page)
        routes.add_url_rule("/reset", "identify", self.identify, methods=["POST"])
        routes.add_url_rule("/reset/verify", "verify_page", self.verify_page)
        routes.add_url_rule("/reset/verify", "verify", self.verify, methods=["POST"])
        routes.add_url_rule(_SENT, "sent_page", self.sent_page)
        routes.add_url_rule("/.well-known/change-password", "change_password", self.change_password)
        return routes

    def identify_page(self) -> Response:
        """Show the first step; a ticket in the address is exchanged for a cookie at once."""
        ticket = read_query(request)["ticket"]
        if not ticket:
            return self._identify_form("")
        try:
            secret = self.portal.exchange(ticket)
        except FlowExpired as exc:
            return self._identify_form("", exc)
        response = self.pages.see_other("/reset")
        self.pages.cookies.add(request, response, CookieName.TICKET, secret, LIFETIMES[Purpose.TICKET_COOKIE])
        return response

    def identify(self) -> Response:
        """Take name and captcha."""
        fields = read_form(request)
        try:
            assert_fresh(fields, self.pages.cookies)
            ticket = self._ticket_for(fields["username"])
            step = self.request_reset.identify(fields["username"], fields["altcha"], ticket, visitor_network())
        except (UsernameMissing, UsernameIncomplete) as exc:
            # The name was read first: who has solved the captcha has not lost that.
            solved = self.request_reset.is_solved(fields["altcha"])
            return self._identify_form(fields["username"], exc, fields["altcha"] if solved else "")
        except IdpError as exc:
            return self._identify_form(fields["username"], exc)
        response = self.pages.see_other("/reset/verify")
        self.pages.cookies.add(request, response, CookieName.STEP, step, LIFETIMES[Purpose.RESET_STEP])
        return response

    def verify_page(self) -> Response:
        """Show the second step; who comes here too late, or without the first, starts again."""
        step = self._step_for("")
        try:
            self.request_reset.assert_step(step)
        except StepUsed:
            return self._to_sent("", step)
        except FlowExpired as exc:
            return self._identify_form("", exc)
        return self._verify_form("")

    def verify(self) -> Response:
        """Take the name again. The answer is the same whether or not it exists."""
        fields = read_form(request)
        name = fields["username"]
        step = self._step_for(name)
        try:
            assert_fresh(fields, self.pages.cookies)
            address = self.request_reset.verify(step, name)
        except StepUsed:
            return self._to_sent(name, step)  # the answer was lost on its way; the request was not
        except (FlowExpired, ResetRefused) as exc:
            return self._identify_form(name, exc)
        except IdpError as exc:
            return self._verify_form(name, exc)
        # Who came without a ticket gets the same page as everybody, also in a browser that has just seen an address.
        if address:
            self._just_done.remember(_SENT, address)
        else:
            self._just_done.forget()
        return self._to_sent(name, step)

    def sent_page(self) -> Response:
        """Say where to look: the same bytes for everybody, but for who came with a ticket, and is told the address too."""
        return self.pages.show("sent.html", address=self._just_done.recall(_SENT))

    @staticmethod
    def change_password() -> AnyResponse:
        """Lead password programs to the form (W3C, A Well-Known URL for Changing Passwords)."""
        return redirect("/reset")

    @property
    def _just_done(self) -> JustDone:
        return JustDone(self.pages.clock, slot="sent")

    def _ticket_for(self, name: str) -> str | None:
        return self.request_reset.ticket_for(self.pages.cookies.read_all(request, CookieName.TICKET), name)

    def _step_for(self, name: str) -> str | None:
        return self.request_reset.step_for(self.pages.cookies.read_all(request, CookieName.STEP), name)

    def _to_sent(self, name: str, step: str | None) -> Response:
        response, cookies, ticket = self.pages.see_other(_SENT), self.pages.cookies, self._ticket_for(name)
        cookies.drop(request, response, CookieName.STEP, step, LIFETIMES[Purpose.RESET_STEP])
        cookies.drop(request, response, CookieName.TICKET, ticket, LIFETIMES[Purpose.TICKET_COOKIE])
        return response

    def _identify_form(self, typed: str, error: IdpError | None = None, solution: str = "") -> Response:
        facts = {"typed": typed, "solution": solution, "another": isinstance(error, NotYourName)}
        return self.pages.show_form("identify.html", error, **facts)

    def _verify_form(self, typed: str, error: IdpError | None = None) -> Response:
        return self.pages.show_form("verify.html", error, typed=typed)
