"""The authorization endpoint (RFC 6749 section 4.1.1): what an application asks, judged.

What its owner sees meanwhile is for the pages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError

from connectors.base import OPENID
from idp.domain.redirect_uri import host_of, is_registered, tells_its_application
from idp.errors import MalformedRequest, RequestUntrusted
from idp.oauth import wanted
from idp.oauth.authorization_response import Return, SentBack, mode_of
from idp.oauth.authorization_rules import PARAMETERS, challenge_of, jkt_of, see_that_it_is_offered
from idp.oauth.authorization_source import said_by, see_that_it_was_pushed, signed_by, with_key
from idp.oauth.claims_request import read_claims
from idp.oauth.id_token import IdTokens
from idp.oauth.kind import connector_of
from idp.oauth.openid_rules import max_age_of, prompt_of, see_that_it_can_be_met, subjects_of
from idp.oauth.request import MAX_QUERY_BYTES, FormRequest, as_query, assert_each_once, read_query, without_empty
from idp.services.authorization import Asked
from idp.services.wanted_login import WantedLogin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import Connector
    from idp.domain.client import Client
    from idp.domain.grant import Confirmation
    from idp.oauth.claims_request import ClaimsRequest
    from idp.oauth.client import OAuthClient
    from idp.oauth.http import RawRequest
    from idp.oauth.parts import OAuthParts
    from idp.services.pushed_requests import PushedRequest

AUTHORIZATION_PATH = "/authorize"
"""Below an issuer's prefix."""

_TOO_LONG = "The request is too long."
_NOT_THIS_ADDRESS = "The redirect_uri is not one that is registered for this client."


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that may be shown to its owner.

    Args:
        asked: what the application asks for.
        back: where the answer goes.
        prompt: what the application says about asking (OpenID Connect Core section 3.1.2.1).
        login: what it wants of its owner's login.
        login_hint: what the owner may log in with, as the application knows them; anything.
        ui_locales: languages that it says its owner reads, the best one first, separated by spaces; anything.
        remembers: whether an owner who has allowed the same before need not be asked again.
        query_after_login: the request itself, without what means nothing here.
    """

    asked: Asked
    back: Return
    prompt: frozenset[str]
    login: WantedLogin
    login_hint: str
    ui_locales: str
    remembers: bool
    query_after_login: str

    @property
    def asker(self) -> str:
        """Who asks, for a page that has no room to say who gave that name: what an application calls itself is left out there."""
        client = self.asked.client
        return host_of(self.back.redirect_uri) if client.self_named else client.name

    def brought_by(self, pushed: PushedRequest) -> AuthorizationRequest:
        """Give the same, referred to as the application does that has pushed it."""
        login = replace(self.login, query=pushed.reference)
        return replace(self, asked=replace(self.asked, pushed=pushed), login=login, query_after_login=pushed.reference)


@dataclass(frozen=True, slots=True)
class AuthorizationEndpoint:
    """Judges requests."""

    parts: OAuthParts

    def judge(self, raw: RawRequest) -> AuthorizationRequest | SentBack:
        """Find out whether a request is one that its owner may be asked about; otherwise tell the application why not.

        Args:
            raw: of which the query is read.

        Raises:
            MalformedRequest: it can't be read at all.
            RequestUntrusted: unknown client, or not its address: nobody is sent anywhere (S3).
            RequestEnded: a pushed request that is not there for this client, or not any more; nobody is sent anywhere either.
        """
        try:
            found = read_query(raw)
        except InvalidRequestError as exc:
            raise MalformedRequest from exc
        client, connector = self._client(_only(found, "client_id"))
        said = said_by(raw, found, client, connector, self.parts)
        redirect_uri = _only(said.parameters, "redirect_uri")
        if not is_registered(redirect_uri, client.redirect_uris):
            raise RequestUntrusted
        states = said.parameters.get("state", ())
        state = states[0] if len(states) == 1 and states[0] else None
        mode = mode_of(said.parameters, connector)
        back = Return(self.parts.issuer.url, redirect_uri, state, mode, unchecked=client.self_named)
        try:
            assert_each_once(found)
            see_that_it_was_pushed(said, connector, self.parts)
            judged = self._judged(self._request(raw, said.parameters), client, connector, back)
            # One that is signed goes on as if it had been pushed: from here on the browser can change nothing either.
            pushed = self._keep(judged) if said.signed else said.pushed
        except OAuth2Error as error:
            return back.with_error(str(error.error), str(error.description))
        return judged if pushed is None else judged.brought_by(pushed)

    def push(self, form: FormRequest, client: OAuthClient, shown: Confirmation | None) -> PushedRequest:
        """Keep a request that an application brings itself, judged by the same rules as if its owner stood there already.

        Args:
            form: the request.
            client: authenticated.
            shown: the DPoP key that the application shows with it, or None.

        Raises:
            OAuth2Error: of the RFC's kind.
        """
        # RFC 9126 section 3: beside a request object only what proves the client counts.
        said = signed_by(client.client, form.all(), self.parts) or form.all()
        parameters = with_key({**said, "client_id": (client.client.client_id,)}, shown)
        request = self._request(form.raw, parameters)
        back = Return(self.parts.issuer.url, request.required("redirect_uri"), None, mode_of(parameters, client.connector))
        if not is_registered(back.redirect_uri, client.client.redirect_uris):
            raise InvalidRequestError(_NOT_THIS_ADDRESS)
        return self._keep(self._judged(request, client.client, client.connector, back))

    @staticmethod
    def moved(raw: RawRequest) -> str:
        """Give the query of the same request by GET, of one that came by POST (OpenID Connect Core section 3.1.2.1).

        A browser sends our session's cookie with the first only.

        Raises:
            MalformedRequest: it is no form, or too long a one.
        """
        try:
            return as_query(raw)
        except InvalidRequestError as exc:
            raise MalformedRequest from exc

    def _keep(self, judged: AuthorizationRequest) -> PushedRequest:
        path = self.parts.issuer.prefix + AUTHORIZATION_PATH
        pushed, query = self.parts.authorization.pushed, judged.query_after_login
        if len(query) > MAX_QUERY_BYTES:  # it is a row in the database, of whoever asks; escaped, each character is a byte
            raise InvalidRequestError(_TOO_LONG)
        return pushed.push(judged.asked.client, judged.asker, path, query, judged.ui_locales)

    def _request(self, raw: RawRequest, parameters: Mapping[str, tuple[str, ...]]) -> FormRequest:
        return FormRequest(raw, self.parts.issuer.uri(AUTHORIZATION_PATH), without_empty(parameters))

    def _client(self, client_id: str) -> tuple[Client, Connector]:
        client = self.parts.clients.find(client_id)
        connector = connector_of(self.parts, client) if client else None
        if client is None or not client.enabled or connector is None:
            raise RequestUntrusted
        return client, connector

    def _judged(self, request: FormRequest, client: Client, connector: Connector, back: Return) -> AuthorizationRequest:
        see_that_it_is_offered(request, connector, self.parts)
        scope = wanted.scope_or_default(request, connector, with_openid=True)
        claims, openid = read_claims(request.form.get("claims")), OPENID in scope.split()
        see_that_it_can_be_met(claims)
        subjects = subjects_of(request, claims, self._id_tokens(), client.client_id)
        asked = Asked(
            client=client,
            redirect_uri=back.redirect_uri,
            scope=scope,
            audience=wanted.audience_or_default(request, self.parts),
            challenge=challenge_of(request, connector),
            jkt=jkt_of(request),
            subjects=subjects,
            nonce=request.form.get("nonce") if openid else None,
            claims=claims.on_request if openid else (),
        )
        prompt, max_age, query = prompt_of(request), max_age_of(request), _again(request, claims, subjects)
        # Nobody has logged in this very moment, though the clock may say so: an age of 0 is the wish for a login.
        login = WantedLogin(query, "login" in prompt or max_age == timedelta(), max_age, subjects)
        hint, locales = request.form.get("login_hint", ""), request.form.get("ui_locales", "")
        return AuthorizationRequest(asked, back, prompt, login, hint, locales, _remembers(connector, back, prompt), query)

    def _id_tokens(self) -> IdTokens:
        return IdTokens(self.parts.keys, self.parts.issuer)


def _remembers(connector: Connector, back: Return, prompt: frozenset[str]) -> bool:
    # RFC 8252 section 8.6: of a program on its user's machine, which has nothing to prove itself by, a yes is never remembered.
    known = not connector.is_public or tells_its_application(back.redirect_uri)
    return known and not prompt & {"consent", "select_account"}


def _again(request: FormRequest, claims: ClaimsRequest, subjects: frozenset[str] | None) -> str:
    """Write a request again, to be judged once more. Of a hint only whom it names is kept: tokens are kept nowhere (S34)."""
    parameters = [(name, value) for name in PARAMETERS for value in request.many(name)]
    if "id_token_hint" in request.form and subjects is not None:
        parameters = [(name, value) for name, value in parameters if name != "claims"]
        parameters.append(("claims", claims.about(subjects)))
    return urlencode(parameters)


def _only(found: Mapping[str, tuple[str, ...]], name: str) -> str:
    values = found.get(name, ())
    if len(values) != 1:
        raise RequestUntrusted
    return values[0]
