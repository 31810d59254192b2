"""All that an application does with a service, one step after the other; the first that goes wrong is the last."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from idp.errors import NotGranted
from idp.oauth_client.access_token import MEANS, MEANS_FOR_ITSELF, AccessToken
from idp.oauth_client.conversation import Conversation
from idp.oauth_client.endpoints import Endpoints
from idp.oauth_client.step import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from idp.oauth_client.application import Application
    from idp.oauth_client.endpoints import Place
    from idp.oauth_client.ways import Way
    from idp.ports.outside import Clock

_ENDED = "the service says that its own new token is not active; look whether the user was blocked or changed just now"
_ANOTHER = "the service gave another {name} than the token has; look whether two services share this address"
_OUTLIVED = "the token is active after its revocation; tell the service's operators"


@dataclass
class Trial:
    """One application, let in by one way.

    Args:
        application: asks.
        place: the service, and the issuer that the application belongs to.
        way: how it gets in.
        clock: the time, by which tokens are judged.
        revoke: whether what was issued is ended again.
    """

    application: Application
    place: Place
    way: Way
    clock: Clock
    revoke: bool = False
    _conversation: Conversation = field(init=False, repr=False)
    _token: AccessToken = field(init=False, repr=False)
    _keys: Mapping[str, object] = field(init=False, repr=False)
    _refresh_token: str = field(init=False, repr=False, default="")

    def __post_init__(self) -> None:
        """Begin the conversation."""
        self._conversation = Conversation(self.application, self.place, self.clock, lambda: self.way.secrets)

    def steps(self) -> Iterator[Step]:
        """Go all the way, as far as it goes; a step is done when it is asked for."""
        for name, take in self._way():
            step = Step(name)
            try:
                take(step)
            except NotGranted as exc:
                step.problem = self._conversation.shown.text(str(exc))
            yield step
            if step.problem:
                return

    def _way(self) -> Iterator[tuple[str, Callable[[Step], None]]]:
        tells_nothing = self.application.connector.is_public  # RFC 7662 section 2.1: who proves nothing is told of no token
        yield "metadata", self._metadata
        for name, take in self.way.before(self._conversation):
            yield name, partial(self._take, take)
        yield "token", self._ask_for_token
        yield "token, read", self._read
        yield "token, verified", self._verify
        if not tells_nothing:
            yield "introspection", self._introspect
        if self.way.has_user:
            yield "userinfo", self._userinfo
        if self._refresh_token:
            yield "refresh", self._refresh
        if self.revoke:
            yield "revocation", self._revoke
            if tells_nothing:
                yield "userinfo afterwards", self._userinfo_ended
            else:
                yield "introspection afterwards", self._introspect_ended

    def _take(self, take: Callable[[Step, Conversation], None], step: Step) -> None:
        take(step, self._conversation)

    def _metadata(self, step: Step) -> None:
        names = ("issuer", "token_endpoint", "grant_types_supported")
        document = self._conversation.get(step, self.place.metadata, names)
        self._conversation.at = Endpoints.read(document, self.place)
        if self.way.grant not in self._at.grants:
            message = f"the service has no {self.way.grant} grant (any more); this application must move on to another grant"
            raise NotGranted(message)

    def _ask_for_token(self, step: Step) -> None:
        connector = self.application.connector
        document = self.way.token(step, self._conversation)
        self._refresh_token = str(document.get("refresh_token", ""))
        self._token = AccessToken.read(str(document.get("access_token", "")))
        if bool(self._refresh_token) != (connector.refresh_token_lifetime is not None):
            if self._refresh_token:
                raise NotGranted(self._against("a refresh token came"))
            less = ", or the application has registered for less (idp client show)"  # RFC 7591 section 2: grant_types
            raise NotGranted(self._against("a refresh token did not come") + less)

    def _read(self, step: Step) -> None:
        step.got = self._conversation.shown.values({**self._token.header, **self._token.claims})
        step.means = MEANS if self.way.has_user else MEANS_FOR_ITSELF
        for name in ("iat", "exp"):
            step.got[name] = self._token.moment(name).isoformat()
        self._check_token()

    def _check_token(self) -> None:
        self._token.check(self._at.issuer, self.application.client_id, self.clock.now())
        bound, wanted = self._token.claims.get("cnf"), self.application.confirmation
        if bound != wanted:
            raise NotGranted(self._against(f"the access token is bound to {bound or 'nothing'} instead of {wanted or 'nothing'}"))

    def _verify(self, step: Step) -> None:
        self._keys = self._conversation.get(step, self._at.keys, ())
        step.got = {"signature": "that of the published key", "kid": self._token.header.get("kid")}
        self._token.verify(self._keys)

    def _introspect(self, step: Step) -> None:
        document = self._conversation.post(step, self._at.introspection, {"token": self._token.text})
        if document.get("active") is not True:
            raise NotGranted(_ENDED)
        self._compare(document, ("sub", "client_id", "scope"))

    def _userinfo(self, step: Step) -> None:
        reply = self._conversation.bring(step, self._at.userinfo, self._token.text)
        self._compare(self._conversation.answer(step, reply), ("sub", "administratie"))

    def _refresh(self, step: Step) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        document = self._conversation.ask_for_token(step, form)
        former, self._token = self._token, AccessToken.read(str(document.get("access_token", "")))
        self._check_token()
        self._token.verify(self._keys)
        self._compare(former.claims, ("sub", "scope"))
        before, self._refresh_token = self._refresh_token, str(document.get("refresh_token", self._refresh_token))
        rotated = self._refresh_token != before
        if rotated is not self.application.connector.is_public:
            raise NotGranted(self._against(f"the refresh token was {'changed' if rotated else 'not changed'} for another"))

    def _revoke(self, step: Step) -> None:
        self._conversation.post(step, self._at.revocation, {"token": self._refresh_token or self._token.text})

    def _introspect_ended(self, step: Step) -> None:
        document = self._conversation.post(step, self._at.introspection, {"token": self._token.text})
        if document.get("active") is not False:
            raise NotGranted(_OUTLIVED)

    def _userinfo_ended(self, step: Step) -> None:
        reply = self._conversation.bring(step, self._at.userinfo, self._token.text)
        step.status, step.got = reply.status, self._conversation.shown.values(reply.document())
        if reply.status != HTTPStatus.UNAUTHORIZED:
            raise NotGranted(_OUTLIVED)

    def _compare(self, document: Mapping[str, object], names: tuple[str, ...]) -> None:
        for name in names:
            if document.get(name) != self._token.claims.get(name):
                raise NotGranted(_ANOTHER.format(name=name))

    def _against(self, came: str) -> str:
        configuration = f"[connectors.{self.application.connector.id}]"
        return (
            f"{came}, against what the connector says; look whether the service and this command have the same configuration "
            f"({configuration})"
        )

    @property
    def _at(self) -> Endpoints:
        return self._conversation.at
