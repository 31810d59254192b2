"""The end-session endpoint: an application has its owner log out here (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.domain.redirect_uri import with_parameters
from idp.errors import MalformedRequest, RequestUntrusted, TokenInvalid
from idp.oauth.id_token import IdTokens
from idp.oauth.kind import connector_of
from idp.oauth.request import assert_each_once, read_form, read_query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.domain.client import Client
    from idp.oauth.http import RawRequest
    from idp.oauth.id_token import Hint
    from idp.oauth.parts import OAuthParts

END_SESSION_PATH = "/end_session"
"""Below an issuer's prefix."""

_AGAIN = ("client_id", "post_logout_redirect_uri", "state", "ui_locales")
"""What a form of ours brings again when the owner was asked first. A hint is not among them: tokens are kept nowhere (S34)."""


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """What an application asks, as far as it counts.

    Args:
        hint: whom it is about, if it is an ID token of this client's that says so.
        client_id: who asks, or None where that isn't known.
        address: where the browser goes afterwards, one that the client has registered; or None.
        state: goes there, too.
        ui_locales: languages that its owner reads, the best one first, separated by spaces; anything.
    """

    hint: Hint | None
    client_id: str | None
    address: str | None
    state: str | None
    ui_locales: str

    @property
    def location(self) -> str | None:
        """The address with the state (section 3)."""
        if self.address is None or self.state is None:
            return self.address
        return with_parameters(self.address, {"state": self.state})

    @property
    def again(self) -> dict[str, str]:
        """The parameters by which the same is asked once more, without the hint."""
        values = (self.client_id, self.address, self.state, self.ui_locales)
        return {name: value for name, value in zip(_AGAIN, values, strict=True) if value}


@dataclass(frozen=True, slots=True)
class EndSessionEndpoint:
    """Judges requests."""

    parts: OAuthParts

    def judge(self, raw: RawRequest) -> LogoutRequest:
        """Read a request, by GET or POST (section 2).

        Raises:
            MalformedRequest: it can't be read, or says something twice.
            RequestUntrusted: as `judge_again`.
        """
        try:
            if raw.method == "POST":
                return self.judge_again(read_form(raw, self.parts.issuer.uri(END_SESSION_PATH)).form)
            found = read_query(raw)
            assert_each_once(found)
        except InvalidRequestError as exc:
            raise MalformedRequest from exc
        return self.judge_again({name: values[0] for name, values in found.items()})

    def judge_again(self, said: Mapping[str, str]) -> LogoutRequest:
        """Judge parameters.

        Args:
            said: by name.

        Raises:
            RequestUntrusted: the ID token was made for somebody else than who asks (section 2).
        """
        hint, client_id = self._hint(said.get("id_token_hint", "")), said.get("client_id") or None
        if hint is not None and client_id not in (None, hint.client_id):
            raise RequestUntrusted
        client = self._client(client_id or (hint.client_id if hint else ""))
        wanted = said.get("post_logout_redirect_uri", "")
        return LogoutRequest(
            hint=hint if client else None,
            client_id=client.client_id if client else None,
            address=wanted if client and wanted in client.post_logout_redirect_uris else None,  # S3: exactly, or nowhere
            state=said.get("state") or None,
            ui_locales=said.get("ui_locales", ""),
        )

    def _hint(self, token: str) -> Hint | None:
        try:
            return IdTokens(self.parts.keys, self.parts.issuer).read_hint(token)
        except TokenInvalid:  # as if there were none: the owner is asked (S41)
            return None

    def _client(self, client_id: str) -> Client | None:
        client = self.parts.clients.find(client_id)
        return client if client and client.enabled and connector_of(self.parts, client) else None
