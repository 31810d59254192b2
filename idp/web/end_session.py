"""An application has its owner log out of the portal: asked first, or at once where it shows that it is them (S41)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from idp.domain.redirect_uri import form_target_of, host_of
from idp.errors import StaleForm
from idp.oauth.end_session import END_SESSION_PATH
from idp.web.csrf import assert_fresh
from idp.web.raw_request import raw_request
from idp.web.received import read_form
from idp.web.security_headers import policy

if TYPE_CHECKING:
    from flask_limiter import Limiter

    from idp.domain.portal_session import PortalSession
    from idp.oauth.end_session import EndSessionEndpoint, LogoutRequest
    from idp.web.pages import Pages
    from idp.web.signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class EndSessionPages:
    """The request, the question, and what is said afterwards."""

    pages: Pages
    signed_in: SignedIn
    endpoint: EndSessionEndpoint

    def blueprint(self, limiter: Limiter, rates: str) -> Blueprint:
        """Give the routes.

        Args:
            limiter: counts them together, by owner and address.
            rates: how often.
        """
        routes = Blueprint(f"end_session_{self.endpoint.parts.issuer.id}", __name__)
        limiter.shared_limit(rates, scope="authorize_address", key_func=self.signed_in.counted_as)(routes)
        routes.add_url_rule(self._path, "page", self.page, methods=["GET", "POST"])
        routes.add_url_rule(self._confirm_path, "confirm", self.confirm, methods=["POST"])
        routes.add_url_rule(self._done_path, "done", self.done)
        return routes

    def page(self) -> Response:
        """Log out at once who the ID token is about; ask whoever else."""
        judged = self.endpoint.judge(raw_request())
        self.pages.prefer(judged.ui_locales)
        session = self.signed_in.session_if_any()
        if judged.hint is None and session is None and request.method == "GET":
            return self._show_done(judged)
        # With a post from another site no cookie of ours comes along, so that nobody knows who is logged in there.
        logins = self.signed_in.owner_login
        if judged.hint is None or (session is not None and not logins.is_about(session, (judged.hint.subject,))):
            return self._ask(judged, session, None)
        logins.end(session.id if session else judged.hint.session, judged.client_id)
        return self._leave(judged, session)

    def confirm(self) -> Response:
        """*Uitloggen*: the owner was asked."""
        fields = read_form(request)
        judged = self.endpoint.judge_again(fields)
        self.pages.prefer(judged.ui_locales)
        session = self.signed_in.session_if_any()
        try:
            assert_fresh(fields, self.pages.cookies)
        except StaleForm as exc:
            return self._ask(judged, session, exc)
        if session is not None:
            self.signed_in.owner_login.end(session.id, judged.client_id)
        return self._leave(judged, session)

    def done(self) -> Response:
        """Say that they are logged out, if they are."""
        return self._show_done(None) if self.signed_in.session_if_any() is None else self.pages.see_other("/")

    def _ask(self, judged: LogoutRequest, session: PortalSession | None, error: StaleForm | None) -> Response:
        facts = {
            "confirm_path": self._confirm_path,
            "fields": judged.again,
            "host": host_of(judged.address) if judged.address else None,
            "owner": session.owner if session else None,
            "target": f"{self._path}?{urlencode(judged.again)}",
        }
        response = self.pages.show_form("end_session.html", error, facts=facts)
        if judged.address:
            response.headers["Content-Security-Policy"] = policy(form_target_of(judged.address))
        return response

    def _leave(self, judged: LogoutRequest, ended: PortalSession | None) -> Response:
        response = self.pages.see_other(judged.location or self._done_path)
        if ended is not None:  # else the browser may have a cookie that it did not send, of a session that nobody has ended
            self.pages.cookies.clear_visit(response)
        return response

    def _show_done(self, judged: LogoutRequest | None) -> Response:
        # Nobody has shown that it is the application itself that asks, so its owner is led nowhere by themselves.
        location = judged.location if judged else None
        switch = f"{self._path}?{urlencode(judged.again)}&lang=" if judged else "?lang="
        host = host_of(location) if location else None
        return self.pages.show("logged_out.html", location=location, host=host, target=switch)

    @property
    def _path(self) -> str:
        return self.endpoint.parts.issuer.prefix + END_SESSION_PATH

    @property
    def _confirm_path(self) -> str:
        return f"{self._path}/confirm"

    @property
    def _done_path(self) -> str:
        return f"{self._path}/done"
