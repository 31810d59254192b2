"""An application asks, its owner decides: the pages of the authorization endpoint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from idp.domain.redirect_uri import form_target_of, host_of
from idp.errors import IdpError, MalformedRequest, NotUsable, StaleForm, UnknownUser, UserNotChosen
from idp.oauth.authorization import AUTHORIZATION_PATH, SentBack
from idp.oauth.issuer import CLASSIC
from idp.web.csrf import assert_fresh
from idp.web.raw_request import assert_release, raw_request
from idp.web.received import read_form
from idp.web.scopes import sentence_of
from idp.web.security_headers import policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_limiter import Limiter

    from idp.domain.people import Owner
    from idp.oauth.authorization import AuthorizationEndpoint, AuthorizationRequest
    from idp.services.authorization import Authorization
    from idp.services.portal import Portal
    from idp.web.pages import Pages
    from idp.web.signed_in import SignedIn

_VENDOR_PATH = "/V<release>/OAuth/Authorize"


@dataclass(frozen=True, slots=True)
class AuthorizePages:
    """The question, the way through the login, and the answer.

    Nothing is remembered of an answer: each request is asked about anew.
    """

    pages: Pages
    signed_in: SignedIn
    portal: Portal
    authorization: Authorization
    endpoint: AuthorizationEndpoint

    def blueprint(self, limiter: Limiter, rates: str) -> Blueprint:
        """Give the routes.

        Args:
            limiter: counts them together, by address.
            rates: how often.
        """
        issuer = self.endpoint.parts.issuer
        routes = Blueprint(f"authorize_{issuer.id}", __name__)
        limiter.shared_limit(rates, scope="authorize")(routes)
        vendors = (("vendor", _VENDOR_PATH),) if issuer.id == CLASSIC else ()
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
        owner = self._owner()
        if "none" in judged.prompt:
            return self._go(self._unasked(judged, owner))
        if owner is None or "login" in judged.prompt:
            return self._log_in_first(judged)
        return self._ask(judged, owner, None)

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
        owner = self._owner()
        if owner is None:
            return self._log_in_first(judged)
        try:
            assert_fresh(fields, self.pages.cookies)
            return self._go(self._decided(judged, owner, fields))
        except (StaleForm, UserNotChosen, UnknownUser, NotUsable) as exc:
            return self._ask(judged, owner, exc)

    def _decided(self, judged: AuthorizationRequest, owner: Owner, fields: Mapping[str, str]) -> SentBack:
        match fields["decision"]:
            case "allow":
                return judged.back.with_code(self.authorization.allow(owner, fields["user"], judged.asked))
            case "refuse":
                self.authorization.refuse(owner, judged.asked)
                return judged.back.with_error("access_denied", "The owner has refused.")
            case _:
                raise MalformedRequest

    def _unasked(self, judged: AuthorizationRequest, owner: Owner | None) -> SentBack:
        # OpenID Connect Core section 3.1.2.6; what nobody may be asked is always refused.
        if owner is None:
            return judged.back.with_error("login_required", "The owner is not logged in.")
        if all(line.blocked for line in self.portal.lines(owner)):
            return judged.back.with_error("interaction_required", "The owner has no user that can be used.")
        return judged.back.with_error("consent_required", "The owner has to be asked.")

    def _log_in_first(self, judged: AuthorizationRequest) -> Response:
        put_off = self.authorization.put_off(self._target(judged), judged.asked.client.name)
        return self.pages.show("login.html", typed="", problem=None, put_off=put_off)

    def _ask(self, judged: AuthorizationRequest, owner: Owner, error: IdpError | None) -> Response:
        facts = self._facts(judged, owner)
        if error is None:
            response = self.pages.show("authorize.html", problem=None, **facts)
        else:
            response = self.pages.show_problem("authorize.html", error, **facts)
        # The form's answer leads to the application, which browsers hold against the policy of the page with the form.
        response.headers["Content-Security-Policy"] = policy(form_target_of(judged.back.redirect_uri))
        return response

    def _facts(self, judged: AuthorizationRequest, owner: Owner) -> dict[str, Any]:
        words = self.pages.words_here()
        lines = self.portal.lines(owner)
        name = judged.asked.client.name
        return {
            "owner": owner,
            "name": name,
            "host": host_of(judged.back.redirect_uri),
            "target": self._target(judged),
            "decision_path": self._decision_path,
            "secret": self.authorization.put_off(self._target(judged), name).secret,
            "scopes": [sentence_of(scope, words) for scope in judged.asked.scope.split()],
            "free": [line for line in lines if not line.blocked],
            "shut": [line for line in lines if line.blocked],
        }

    @property
    def _path(self) -> str:
        return self.endpoint.parts.issuer.prefix + AUTHORIZATION_PATH

    @property
    def _decision_path(self) -> str:
        return f"{self._path}/decision"

    def _target(self, judged: AuthorizationRequest) -> str:
        return f"{self._path}?{judged.query_after_login}"

    def _owner(self) -> Owner | None:
        try:
            return self.signed_in.owner()
        except NotUsable:
            return None

    @staticmethod
    def _go(answer: SentBack) -> Response:
        # RFC 9700 section 4.12: 303, so that nothing that was posted here is posted there.
        return Response(status=303, headers={"Location": answer.location})
