"""All that an application does with a service, one step after the other; the first that goes wrong is the last."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from idp.errors import NotGranted
from idp.oauth_client.access_token import MEANS, AccessToken
from idp.oauth_client.application import METADATA_PATH, Application, Endpoints
from idp.oauth_client.meanings import meaning_of
from idp.oauth_client.step import Shown, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from idp.oauth_client.http import Reply
    from idp.oauth_client.ways import Way
    from idp.ports.outside import Clock

_ENDED = "the service says that its own new token is not active; look whether the user was blocked or changed just now"
_ANOTHER = "the service gave another {name} than the token has; look whether two services share this address"


@dataclass
class Trial:
    """One application, let in by one way.

    Args:
        application: asks.
        origin: of the service.
        way: how it gets in.
        clock: the time, by which tokens are judged.
        revoke: whether what was issued is ended again.
    """

    application: Application
    origin: str
    way: Way
    clock: Clock
    revoke: bool = False
    _at: Endpoints = field(init=False, repr=False)
    _token: AccessToken = field(init=False, repr=False)
    _keys: Mapping[str, object] = field(init=False, repr=False)
    _refresh_token: str = field(init=False, repr=False, default="")

    def steps(self) -> Iterator[Step]:
        """Go all the way, as far as it goes; a step is done when it is asked for."""
        for name, take in self._way():
            step = Step(name)
            try:
                take(step)
            except NotGranted as exc:
                step.problem = self._shown.text(str(exc))
            yield step
            if step.problem:
                return

    def _way(self) -> Iterator[tuple[str, Callable[[Step], None]]]:
        yield "metadata", self._metadata
        if self.way.asks_owner:
            yield "authorization", lambda step: self.way.ask(step, self._at, self.application)
        yield "token", self._ask_for_token
        yield "token, read", self._read
        yield "token, verified", self._verify
        yield "introspection", self._introspect
        yield "userinfo", self._userinfo
        if self._refresh_token:
            yield "refresh", self._refresh
        if self.revoke:
            yield "revocation", self._revoke
            yield "introspection afterwards", self._introspect_ended

    def _metadata(self, step: Step) -> None:
        url = self.origin + METADATA_PATH
        step.request = f"GET {url}"
        reply = self.application.wire.get(url)
        document = self._answer(step, reply, shown=("issuer", "token_endpoint", "grant_types_supported"))
        self._at = Endpoints.read(document, self.origin)
        if self.way.grant not in self._at.grants:
            message = f"the service has no {self.way.grant} grant (any more); this application must move on to another grant"
            raise NotGranted(message)

    def _ask_for_token(self, step: Step) -> None:
        connector = self.application.connector
        document = self._post(step, self._token_url, self.way.form(self.application), with_realm=self.way.with_realm)
        self._refresh_token = str(document.get("refresh_token", ""))
        self._token = AccessToken.read(str(document.get("access_token", "")))
        if bool(self._refresh_token) != (connector.refresh_token_lifetime is not None):
            came = "came" if self._refresh_token else "did not come"
            message = (
                f"a refresh token {came}, against what the connector says; look whether the service and this command have the "
                f"same configuration ([connectors.{connector.id}])"
            )
            raise NotGranted(message)

    def _read(self, step: Step) -> None:
        step.got = self._shown.values({**self._token.header, **self._token.claims})
        step.means = MEANS
        for name in ("iat", "exp"):
            step.got[name] = self._token.moment(name).isoformat()
        self._token.check(self._at.issuer, self.application.client_id, self.clock.now())

    def _verify(self, step: Step) -> None:
        step.request = f"GET {self._at.keys}"
        reply = self.application.wire.get(self._at.keys)
        self._keys = self._answer(step, reply, shown=())
        step.got = {"signature": "that of the published key", "kid": self._token.header.get("kid")}
        self._token.verify(self._keys)

    def _introspect(self, step: Step) -> None:
        document = self._post(step, self._at.introspection, {"token": self._token.text})
        if document.get("active") is not True:
            raise NotGranted(_ENDED)
        self._compare(document, ("sub", "client_id", "scope"))

    def _userinfo(self, step: Step) -> None:
        step.request = f"GET {self._at.userinfo}"
        step.sent = self._shown.values({"token": self._token.text})
        reply = self.application.wire.get(self._at.userinfo, {"Authorization": f"Bearer {self._token.text}"})
        self._compare(self._answer(step, reply), ("sub", "administratie"))

    def _refresh(self, step: Step) -> None:
        document = self._post(step, self._token_url, {"grant_type": "refresh_token", "refresh_token": self._refresh_token})
        former, self._token = self._token, AccessToken.read(str(document.get("access_token", "")))
        self._token.check(self._at.issuer, self.application.client_id, self.clock.now())
        self._token.verify(self._keys)
        self._compare(former.claims, ("sub", "scope"))

    def _revoke(self, step: Step) -> None:
        self._post(step, self._at.revocation, {"token": self._refresh_token or self._token.text})

    def _introspect_ended(self, step: Step) -> None:
        document = self._post(step, self._at.introspection, {"token": self._token.text})
        if document.get("active") is not False:
            message = "the token is active after its revocation; tell the service's operators"
            raise NotGranted(message)

    def _post(self, step: Step, url: str, form: Mapping[str, str], *, with_realm: bool = False) -> dict[str, object]:
        step.request = f"POST {url}"
        said = self.application.proof.say(self._at.issuer, self.clock.now())
        step.sent = self._shown.values({**form, **said.shown})
        reply = self.application.wire.post(url, {**form, **said.body}, said.headers)
        return self._answer(step, reply, with_realm=with_realm)

    def _answer(
        self, step: Step, reply: Reply, shown: tuple[str, ...] | None = None, *, with_realm: bool = False
    ) -> dict[str, object]:
        step.status = reply.status
        document = reply.document()
        step.got = self._shown.values({name: value for name, value in document.items() if shown is None or name in shown})
        if reply.status != HTTPStatus.OK:
            step.got = self._shown.values(document)
            raise NotGranted(meaning_of(reply, document, with_realm=with_realm))
        return document

    def _compare(self, document: Mapping[str, object], names: tuple[str, ...]) -> None:
        for name in names:
            if document.get(name) != self._token.claims.get(name):
                raise NotGranted(_ANOTHER.format(name=name))

    @property
    def _token_url(self) -> str:
        path = self.application.connector.token_path
        return self._at.issuer + path if path else self._at.token

    @property
    def _shown(self) -> Shown:
        return Shown((*self.application.proof.secrets, *self.way.secrets))
