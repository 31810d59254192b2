"""Where an owner types the code of a device, and decides about it (RFC 8628 section 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from idp.domain.capability import LIFETIMES, Purpose
from idp.errors import (
    FlowExpired,
    IdpError,
    MalformedRequest,
    NotUsable,
    StaleForm,
    Throttled,
    UnknownUser,
    UserCodeUnknown,
    UserNotChosen,
)
from idp.oauth.device_authorization import VERIFICATION_PATH
from idp.web.cookies import CookieName
from idp.web.csrf import assert_fresh
from idp.web.just_done import JustDone
from idp.web.question import question
from idp.web.received import read_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.domain.people import Owner
    from idp.services.authorization import Authorization
    from idp.services.device import DeviceAuthorization, Waiting
    from idp.services.portal import Portal
    from idp.web.pages import Pages
    from idp.web.signed_in import SignedIn

_DECISION = f"{VERIFICATION_PATH}/decision"


@dataclass(frozen=True, slots=True)
class DevicePages:
    """The code, the question, and the way back to the device."""

    pages: Pages
    signed_in: SignedIn
    portal: Portal
    authorization: Authorization
    devices: DeviceAuthorization

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("device", __name__)
        routes.add_url_rule(VERIFICATION_PATH, "page", self.page)
        routes.add_url_rule(VERIFICATION_PATH, "recognise", self.recognise, methods=["POST"])
        routes.add_url_rule(_DECISION, "ask", self.ask)
        routes.add_url_rule(_DECISION, "decide", self.decide, methods=["POST"])
        return routes

    def page(self) -> Response:
        """Ask for the code; who has just decided is told what comes next."""
        if self._owner() is None:
            return self._log_in_first()
        done = JustDone(self.pages.clock)
        allowed, refused = done.recall(f"{_DECISION}/allow"), done.recall(f"{_DECISION}/refuse")
        return self.pages.show("device.html", typed="", problem=None, allowed=allowed, refused=refused)

    def recognise(self) -> Response:
        """Take the code."""
        fields = read_form(request)
        owner = self._owner()
        if owner is None:
            return self._log_in_first()
        try:
            assert_fresh(fields, self.pages.cookies)
            step = self.devices.recognise(owner, fields["user_code"])
        except (StaleForm, UserCodeUnknown, Throttled) as exc:
            return self._code_again(exc, fields["user_code"])
        response = self.pages.see_other(_DECISION)
        self.pages.cookies.put(response, CookieName.DEVICE, step, LIFETIMES[Purpose.DEVICE_STEP])
        return response

    def ask(self) -> Response:
        """Ask whether the application may."""
        owner = self._owner()
        if owner is None:
            return self._log_in_first()
        return self._asked(owner, None)

    def decide(self) -> Response:
        """*Toestaan* or *Weigeren*: send the owner back to the device."""
        fields = read_form(request)
        owner = self._owner()
        if owner is None:
            return self._log_in_first()
        try:
            assert_fresh(fields, self.pages.cookies)
            return self._decided(owner, self._waiting(owner), fields)
        except StaleForm as exc:
            return self._asked(owner, exc)
        except FlowExpired as exc:
            return self._code_again(exc)

    def _asked(self, owner: Owner, error: IdpError | None) -> Response:
        try:
            return self._question(owner, self._waiting(owner), error)
        except FlowExpired as exc:
            return self._code_again(error or exc)

    def _decided(self, owner: Owner, waiting: Waiting, fields: Mapping[str, str]) -> Response:
        decision = fields["decision"]
        try:
            if decision == "allow":
                self.devices.allow(owner, waiting, fields["user"])
            elif decision == "refuse":
                self.devices.refuse(owner, waiting)
            else:
                raise MalformedRequest
        except (UserNotChosen, UnknownUser, NotUsable) as exc:
            return self._question(owner, waiting, exc)
        JustDone(self.pages.clock).remember(f"{_DECISION}/{decision}", waiting.client.name)
        response = self.pages.see_other(VERIFICATION_PATH)
        self.pages.cookies.clear(response, CookieName.DEVICE)
        return response

    def _question(self, owner: Owner, waiting: Waiting, error: IdpError | None) -> Response:
        facts = question(self.pages.words_here(), owner, waiting.client, waiting.scope, self.portal.lines(owner))
        return self.pages.show_form("device_question.html", error, **facts)

    def _waiting(self, owner: Owner) -> Waiting:
        return self.devices.waiting(owner, self.pages.cookies.read(request, CookieName.DEVICE) or "")

    def _code_again(self, error: IdpError, typed: str = "") -> Response:
        return self.pages.show_problem("device.html", error, typed=typed, allowed=None, refused=None)

    def _log_in_first(self) -> Response:
        put_off = self.authorization.put_off(f"{VERIFICATION_PATH}?", "")
        return self.pages.show("login.html", typed="", problem=None, put_off=put_off, captcha=False)

    def _owner(self) -> Owner | None:
        session = self.signed_in.session_if_any()
        return session.owner if session else None
