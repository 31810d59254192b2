"""An application gets in by a code that the owner's browser brings here (RFC 6749 section 4.1), proved by PKCE (RFC 7636)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from idp.domain.digests import base64url
from idp.errors import NotGranted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.oauth_client.conversation import Conversation
    from idp.oauth_client.loopback import Loopback
    from idp.oauth_client.step import Step
    from idp.oauth_client.ways import Before

CODE_GRANT = "authorization_code"
QUERY = "query"
"""How an authorization is answered when nothing is said (OAuth 2.0 Multiple Response Type Encoding Practices section 2.1)."""


@dataclass(slots=True)
class ByCode:
    """This way; where the kind of application pushes its requests, so does this (RFC 9126).

    Args:
        loopback: where the code is brought.
        tell: is told the address that the owner has to open.
    """

    loopback: Loopback
    tell: Callable[[str], object]
    grant: str = CODE_GRANT
    has_user: bool = True
    _verifier: str = field(init=False, repr=False, default_factory=lambda: secrets.token_urlsafe(32))
    _state: str = field(init=False, repr=False, default_factory=lambda: secrets.token_urlsafe(16))
    _request_uri: str = field(init=False, repr=False, default="")
    _code: str = field(init=False, repr=False, default="")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The verifier, and the code once it is here."""
        return self._verifier, self._code

    def before(self, conversation: Conversation) -> Before:
        """Push the request, if it is to be pushed, and have the owner asked."""
        if conversation.application.pushes:
            yield "pushed request", self._push
        yield "authorization", self._ask

    def token(self, step: Step, conversation: Conversation) -> dict[str, object]:
        """Give the code, and what proves that it was asked for here (section 4.1.3)."""
        form = {"grant_type": self.grant, "code": self._code, "redirect_uri": self.loopback.uri}
        if _challenges(conversation):
            form["code_verifier"] = self._verifier
        return conversation.ask_for_token(step, form)

    def _push(self, step: Step, conversation: Conversation) -> None:
        if not conversation.at.pushed:
            message = "the service takes no pushed requests, and this kind of application pushes its own; look at --url"
            raise NotGranted(message)
        # The key that is shown here is the one for which the code will be (RFC 9449 section 10.1).
        told = conversation.post(step, conversation.at.pushed, self._query(conversation), shows_key=True)
        self._request_uri = str(told.get("request_uri", ""))

    def _ask(self, step: Step, conversation: Conversation) -> None:
        at, application = conversation.at, conversation.application
        if not at.authorization:
            message = "the service has no authorization endpoint; no kind of application there has the grant authorization_code"
            raise NotGranted(message)
        query = self._query(conversation)
        if self._request_uri:
            query = {"client_id": application.client_id, "request_uri": self._request_uri}
        address = conversation.vendors_authorization or at.authorization
        step.request, step.sent = f"GET {address}", conversation.shown.values(query)
        self.tell(f"{address}?{urlencode(query)}")
        answer = self.loopback.answer(self._state)
        self._code = answer.get("code", "")
        step.got = {**answer, "code": bool(self._code) and "(not shown)"}
        if answer.get("iss") != at.issuer:  # RFC 9207 section 2.4
            message = f"the answer is from the issuer {answer.get('iss')} and not from {at.issuer}; don't redeem such a code"
            raise NotGranted(message)
        if not self._code:
            message = f"{answer.get('error')}: {answer.get('error_description')} Mend what it names, or ask the owner again."
            raise NotGranted(message)

    def _query(self, conversation: Conversation) -> Mapping[str, str]:
        application = conversation.application
        modes = application.connector.response_modes
        return {
            "response_type": "code",
            "client_id": application.client_id,
            "redirect_uri": self.loopback.uri,
            "scope": application.scope,
            "state": self._state,
            **(self._challenge() if _challenges(conversation) else {}),
            **({} if QUERY in modes else {"response_mode": modes[0]}),
        }

    def _challenge(self) -> Mapping[str, str]:
        digest = hashlib.sha256(self._verifier.encode()).digest()
        return {"code_challenge": base64url(digest), "code_challenge_method": "S256"}


def _challenges(conversation: Conversation) -> bool:
    """Whether its kind does: clients of the vendor's present API know of no challenge."""
    return conversation.application.connector.pkce == "required" or not conversation.vendors_authorization
