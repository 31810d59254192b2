"""How an application gets in: by a koppelgebruiker's password, or by its owner's yes."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

from idp.errors import NotGranted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.oauth_client.application import Application, Endpoints
    from idp.oauth_client.loopback import Loopback
    from idp.oauth_client.step import Step

PASSWORD_GRANT = "password"  # noqa: S105  # a grant type
CODE_GRANT = "authorization_code"


class Way(Protocol):
    """One of them."""

    @property
    def grant(self) -> str:
        """The grant type."""

    @property
    def asks_owner(self) -> bool:
        """Whether an owner decides first."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What is never shown, wherever it turns up."""

    @property
    def with_realm(self) -> bool:
        """Whether a name was sent that has an at sign."""

    def ask(self, step: Step, at: Endpoints, application: Application) -> None:
        """Ask the owner, where `asks_owner`. Raises `NotGranted`."""

    def form(self, application: Application) -> dict[str, str]:
        """Give what a token is asked for with, the application's own proof apart."""


@dataclass(frozen=True, slots=True)
class ByPassword:
    """By name and password (RFC 6749 section 4.3).

    Args:
        username: as the user types it.
        password: of the user.
    """

    username: str
    password: str = field(repr=False)
    grant: str = PASSWORD_GRANT
    asks_owner: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """The password."""
        return (self.password,)

    @property
    def with_realm(self) -> bool:
        """Whether a name was sent that has an at sign."""
        return "@" in self.username

    def ask(self, step: Step, at: Endpoints, application: Application) -> None:
        """Ask nobody."""

    def form(self, application: Application) -> dict[str, str]:
        """Give name and password (section 4.3.2)."""
        scope = " ".join(application.connector.default_scopes)
        return {"grant_type": self.grant, "username": self.username, "password": self.password, "scope": scope}


@dataclass(slots=True)
class ByCode:
    """By a code that the owner's browser brings here (RFC 6749 section 4.1), proved by PKCE (RFC 7636).

    Args:
        loopback: where it is brought.
        tell: is told the address that the owner has to open.
    """

    loopback: Loopback
    tell: Callable[[str], object]
    grant: str = CODE_GRANT
    asks_owner: bool = True
    with_realm: bool = False
    _verifier: str = field(init=False, repr=False, default_factory=lambda: secrets.token_urlsafe(32))
    _state: str = field(init=False, repr=False, default_factory=lambda: secrets.token_urlsafe(16))
    _code: str = field(init=False, repr=False, default="")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The verifier, and the code once it is here."""
        return self._verifier, self._code

    def ask(self, step: Step, at: Endpoints, application: Application) -> None:
        """Have the owner asked, and take the answer."""
        if not at.authorization:
            message = "the service has no authorization endpoint; no kind of application there has the grant authorization_code"
            raise NotGranted(message)
        query = self._query(application)
        step.request, step.sent = f"GET {at.authorization}", dict(query)
        self.tell(f"{at.authorization}?{urlencode(query)}")
        answer = self.loopback.answer(self._state)
        self._code = answer.get("code", "")
        step.got = {**answer, "code": bool(self._code) and "(not shown)"}
        if answer.get("iss") != at.issuer:  # RFC 9207 section 2.4
            message = f"the answer is from the issuer {answer.get('iss')} and not from {at.issuer}; don't redeem such a code"
            raise NotGranted(message)
        if not self._code:
            message = f"{answer.get('error')}: {answer.get('error_description')} Mend what it names, or ask the owner again."
            raise NotGranted(message)

    def form(self, application: Application) -> dict[str, str]:
        """Give the code, and what proves that it was asked for here (section 4.1.3)."""
        del application
        redirect = {"redirect_uri": self.loopback.uri}
        return {"grant_type": self.grant, "code": self._code, **redirect, "code_verifier": self._verifier}

    def _query(self, application: Application) -> Mapping[str, str]:
        digest = hashlib.sha256(self._verifier.encode()).digest()
        return {
            "response_type": "code",
            "client_id": application.client_id,
            "redirect_uri": self.loopback.uri,
            "scope": " ".join(application.connector.default_scopes),
            "state": self._state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
