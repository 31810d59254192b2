"""What an application says to the service, and hears from it, as it is written down in steps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from idp.errors import NotGranted
from idp.oauth_client.dpop_key import HEADER
from idp.oauth_client.meanings import meaning_of
from idp.oauth_client.step import Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.oauth_client.application import Application
    from idp.oauth_client.endpoints import Endpoints, Place
    from idp.oauth_client.http import Reply
    from idp.oauth_client.step import Step
    from idp.ports.outside import Clock

_VENDORS_TOKEN = re.compile(r"(/[Vv][0-9]+/OAuth)/Token", re.ASCII)
_TWICE = "the first answer was a nonce (use_dpop_nonce); asked again with it"


@dataclass
class Conversation:
    """One application's, with one service.

    Args:
        application: asks.
        place: who is asked.
        clock: the time.
        secrets: gives what is never shown, besides the application's own.
        at: where is asked; known once the metadata was read.
    """

    application: Application
    place: Place
    clock: Clock
    secrets: Callable[[], tuple[str, ...]]
    at: Endpoints = field(init=False, repr=False)

    @property
    def shown(self) -> Shown:
        """Says what may be shown."""
        return Shown((*self.application.proof.secrets, *self.secrets()))

    @property
    def issuer(self) -> str:
        """The name of who is asked."""
        return self.place.issuer

    @property
    def token_url(self) -> str:
        """Where tokens are asked for; the vendor's present address asks nobody for a certificate."""
        path = self.application.connector.token_path
        return self.place.origin + path if path and self.application.certificate is None else self.at.token

    @property
    def vendors_authorization(self) -> str:
        """Where owners are asked, beside the vendor's present address for tokens; empty: where the metadata says."""
        folder = _VENDORS_TOKEN.fullmatch(self.token_url.removeprefix(self.place.origin))
        return f"{self.place.origin}{folder[1]}/Authorize" if folder and not self.application.pushes else ""

    def get(self, step: Step, url: str, shown: tuple[str, ...] | None = None) -> dict[str, object]:
        """Read what everybody may. Raises `NotGranted`, see `answer`."""
        step.request = f"GET {url}"
        return self.answer(step, self.application.wire.get(url), shown)

    def ask_for_token(self, step: Step, form: Mapping[str, str], *, with_realm: bool = False) -> dict[str, object]:
        """Ask for tokens, and show the key that they are to be bound to. Raises `NotGranted`, see `answer`."""
        return self.post(step, self.token_url, form, shows_key=True, with_realm=with_realm)

    def post(
        self, step: Step, url: str, form: Mapping[str, str], *, shows_key: bool = False, with_realm: bool = False
    ) -> dict[str, object]:
        """Send a form, with the proof of who sends it. Raises `NotGranted`, see `answer`."""
        return self.answer(step, self.send(step, url, form, shows_key=shows_key), with_realm=with_realm)

    def send(self, step: Step, url: str, form: Mapping[str, str], *, shows_key: bool = False) -> Reply:
        """Send a form, and give whatever comes back.

        Args:
            step: is told what was sent.
            url: where.
            form: the application's own proof apart.
            shows_key: it is to show its key, if it has one.
        """
        step.request = f"POST {url}"

        def posted() -> Reply:
            said = self.application.proof.say(self.issuer, self.clock.now())
            headers, told = self._key_shown("POST", url) if shows_key else ({}, {})
            step.sent = self.shown.values({**form, **said.shown, **told})
            return self.application.wire.post(url, {**form, **said.body}, {**said.headers, **headers})

        return self._with_nonce(step, posted)

    def bring(self, step: Step, url: str, token: str) -> Reply:
        """Bring an access token, and show the key that it is bound to (RFC 6750 section 2.1, RFC 9449 section 7.1)."""
        step.request = f"GET {url}"
        scheme = "Bearer" if self.application.key is None else HEADER

        def brought() -> Reply:
            headers, told = self._key_shown("GET", url, token)
            step.sent = self.shown.values({"token": token, **told})
            return self.application.wire.get(url, {"Authorization": f"{scheme} {token}", **headers})

        return self._with_nonce(step, brought)

    def answer(
        self, step: Step, reply: Reply, shown: tuple[str, ...] | None = None, *, with_realm: bool = False
    ) -> dict[str, object]:
        """Read an answer.

        Args:
            step: is told what came.
            reply: that came.
            shown: of its members; None: all.
            with_realm: a user name was sent that has an at sign.

        Raises:
            NotGranted: it is an error, or none of the service's.
        """
        step.status = reply.status
        document = reply.document()
        step.got = self.shown.values({name: value for name, value in document.items() if shown is None or name in shown})
        if reply.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            step.got = self.shown.values(document)
            raise NotGranted(meaning_of(reply, document, with_realm=with_realm))
        return document

    def _key_shown(self, method: str, url: str, token: str | None = None) -> tuple[dict[str, str], dict[str, object]]:
        key = self.application.key
        if key is None:
            return {}, {}
        text, told = key.proof(method, url, self.clock.now(), token)
        return {HEADER: text}, told

    def _with_nonce(self, step: Step, ask: Callable[[], Reply]) -> Reply:
        key, reply = self.application.key, ask()
        if key is not None and key.wants_another(reply):
            reply = ask()
            step.sent[HEADER] = _TWICE
            key.wants_another(reply)
        return reply
