"""An application asks, its owner decides: the pages of the authorization endpoint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from connectors.base import CLASSIC
from idp.domain.redirect_uri import form_target_of, host_of
from idp.errors import IdpError, MalformedRequest, NonceUsed, NotUsable, StaleForm, UnknownUser, UserNotChosen
from idp.oauth.authorization import AUTHORIZATION_PATH
from idp.oauth.authorization_response import SentBack
from idp.web.csrf import assert_fresh
from idp.web.question import question
from idp.web.raw_request import VENDOR_FOLDERS, assert_release, raw_request
from idp.web.received import read_form
from idp.web.security_headers import policy
from idp.web.sent_back import sent_back

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask_limiter import Limiter

    from idp.domain.people import Owner
    from idp.domain.portal_session import PortalSession
    from idp.oauth.authorization import AuthorizationEndpoint, AuthorizationRequest
    from idp.services.authorization import Authorization, PutOff
    from idp.services.portal import Portal, PortalLine
    from idp.web.pages import Pages
    from idp.web.signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class AuthorizePages:
    """The question, the way through the login, and the answer.

    What its owner has allowed before goes back at once, when it is clear for which koppelgebruiker. Another site that leads a
    browser here gains nothing by it: the code goes to an address of the same application, which has the same already.
    """

    pages: Pages
    signed_in: SignedIn
    portal: Portal
    authorization: Authorization
    endpoint: AuthorizationEndpoint

    def blueprint(self, limiter: Limiter, rates: str) -> Blueprint:
        """Give the routes.

        Args:
            limiter: counts them together, by owner and address.
            rates: how often.
        """
        issuer = self.endpoint.parts.issuer
        routes = Blueprint(f"authorize_{issuer.id}", __name__)
        limiter.shared_limit(rates, scope="authorize_address", key_func=self.signed_in.counted_as)(routes)
        vendors = [("vendor", f"{folder}/Authorize") for folder in VENDOR_FOLDERS] if issuer.id == CLASSIC else []
        for name, path in (("own", self._path), *vendors):
            routes.add_url_rule(path, f"{name}_page", self.page)
            routes.add_url_rule(path, f"{name}_posted", self.posted, methods=["POST"])
        routes.add_url_rule(self._decision_path, "decide", self.decide, methods=["POST"])
        return routes

    def page(self, release: str = "0") -> Response:
        """Ask the owner, once they have logged in."""
        assert_release(release)
        judged = self.endpoint.judge(raw_request())
        if isinstance(judged, SentBack):
            return self._go(judged)
        self.pages.prefer(judged.ui_locales)
        session = self.signed_in.session_if_any()
        logged_in = session is not None and self._will_do(session, judged)
        answer = self._remembered(judged, session) if session is not None and logged_in else None
        if answer is not None:
            return self._go(answer)
        if "none" in judged.prompt:
            return self._go(self._unasked(judged, session))
        if session is None or not logged_in:
            return self._log_in_first(judged, session)
        return self._ask(judged, session.owner, None)

    def posted(self, release: str = "0") -> Response:
        """Take the same request by POST, from the application's page, and have it come again by GET."""
        assert_release(release)
        return self.pages.see_other(f"{self._path}?{self.endpoint.moved(raw_request())}")

    def decide(self) -> Response:
        """*Toestaan* or *Weigeren*: send the browser back to the application."""
        fields = read_form(request)
        query = self.authorization.resume(fields["request"]).query
        judged = self.endpoint.judge(replace(raw_request(), query=query))
        if isinstance(judged, SentBack):
            return self._go(judged)
        self.pages.prefer(judged.ui_locales)
        session = self.signed_in.session_if_any()
        if session is None or not self._will_do(session, judged):
            return self._log_in_first(judged, session)
        try:
            assert_fresh(fields, self.pages.cookies)
            answer = self._decided(judged, session, fields)
        except (StaleForm, UserNotChosen, UnknownUser, NotUsable) as exc:
            return self._ask(judged, session.owner, exc)
        return self._go(answer)

    def _decided(self, judged: AuthorizationRequest, session: PortalSession, fields: Mapping[str, str]) -> SentBack:
        match fields["decision"]:
            case "allow":
                return self._allowed(judged, session, fields)
            case "refuse":
                self.authorization.refuse(session, judged.asked)
                return judged.back.with_error("access_denied", "The owner has refused.")
            case _:
                raise MalformedRequest

    def _allowed(self, judged: AuthorizationRequest, session: PortalSession, fields: Mapping[str, str]) -> SentBack:
        user, question = fields["user"], fields["request"]
        return self._with_code(judged, session, lambda: self.authorization.allow(session, user, judged.asked, question))

    def _remembered(self, judged: AuthorizationRequest, session: PortalSession) -> SentBack | None:
        """Answer what its owner has allowed before; None where they are to be asked, since it is not that clear."""
        users = self.authorization.remembered(session.owner, judged.asked) if judged.remembers else []
        if len(users) != 1:
            return None
        allow = self.authorization.allow
        try:
            return self._with_code(judged, session, lambda: allow(session, users[0], judged.asked, again=True))
        except (UnknownUser, NotUsable):  # ended at this very moment
            return None

    def _with_code(self, judged: AuthorizationRequest, session: PortalSession, make: Callable[[], str]) -> SentBack:
        try:
            return judged.back.with_code(make())
        except NonceUsed:
            self.signed_in.owner_login.answered(session)
            return judged.back.with_error("invalid_request", "The nonce was used before.")

    def _will_do(self, session: PortalSession, judged: AuthorizationRequest) -> bool:
        return judged.login.is_met(session, self.signed_in.owner_login)

    def _unasked(self, judged: AuthorizationRequest, session: PortalSession | None) -> SentBack:
        # OpenID Connect Core section 3.1.2.6.
        if session is None or not self._will_do(session, judged):
            return judged.back.with_error("login_required", "The owner has to log in.")
        if all(line.blocked for line in self._lines(judged, session.owner)):
            return judged.back.with_error("interaction_required", "The owner has no user that can be used.")
        if judged.remembers and len(self.authorization.remembered(session.owner, judged.asked)) > 1:
            return judged.back.with_error("interaction_required", "The owner has to choose a user.")
        return judged.back.with_error("consent_required", "The owner has to be asked.")

    def _log_in_first(self, judged: AuthorizationRequest, session: PortalSession | None) -> Response:
        if session is not None and self.signed_in.owner_login.began_for(session, judged.login.query):
            # They have just logged in for it, as somebody else than the application wants: section 3.1.2.1, `id_token_hint`.
            self.signed_in.owner_login.answered(session)
            return self._go(judged.back.with_error("login_required", "Somebody else has logged in."))
        put_off = self._put_off(judged)
        return self.pages.show("login.html", typed=judged.login_hint, problem=None, put_off=put_off, captcha=False)

    def _put_off(self, judged: AuthorizationRequest) -> PutOff:
        return self.authorization.put_off(self._target(judged), judged.asker, judged.ui_locales, judged.asked.pushed)

    def _ask(self, judged: AuthorizationRequest, owner: Owner, error: IdpError | None) -> Response:
        facts = self._facts(judged, owner)
        response = self.pages.show_form("authorize.html", error, **facts)
        # The form's answer leads to the application, which browsers hold against the policy of the page with the form.
        response.headers["Content-Security-Policy"] = policy(form_target_of(judged.back.redirect_uri))
        return response

    def _facts(self, judged: AuthorizationRequest, owner: Owner) -> dict[str, Any]:
        asked = judged.asked
        return {
            **question(self.pages.words_here(), owner, asked.client, asked.scope, self._lines(judged, owner)),
            "host": host_of(judged.back.redirect_uri),
            "target": self._target(judged),
            "decision_path": self._decision_path,
            "secret": self._put_off(judged).secret,
            "remembers": judged.remembers,
        }

    @property
    def _path(self) -> str:
        return self.endpoint.parts.issuer.prefix + AUTHORIZATION_PATH

    @property
    def _decision_path(self) -> str:
        return f"{self._path}/decision"

    def _target(self, judged: AuthorizationRequest) -> str:
        return f"{self._path}?{judged.query_after_login}"

    def _lines(self, judged: AuthorizationRequest, owner: Owner) -> list[PortalLine]:
        """Give the koppelgebruikers that this is about."""
        wanted = judged.asked.subjects
        return [line for line in self.portal.lines(owner) if wanted is None or line.user.entry_uuid in wanted]

    def _go(self, answer: SentBack) -> Response:
        return sent_back(self.pages, answer)
