"""Authorization requests that an application has brought itself, before it sends their owner here (RFC 9126)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from idp.domain.capability import Purpose
from idp.domain.digests import new_secret
from idp.errors import RequestEnded

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from idp.domain.capability import Capability
    from idp.domain.client import Client
    from idp.ports.store import Transaction
    from idp.services.secrets_kept import KeptSecrets

REQUEST_URI = "urn:ietf:params:oauth:request_uri:"
"""How each begins (section 2.2); what follows is a secret."""


@dataclass(frozen=True, slots=True)
class PushedRequest:
    """A request that is kept here.

    Args:
        request_uri: by which the application, and then the owner's browser, refers to it.
        row: as it is kept.
    """

    request_uri: str = field(repr=False)
    row: Capability

    @property
    def query(self) -> str:
        """The request."""
        return self.row.facts["query"]

    @property
    def reference(self) -> str:
        """The query that brings an owner here for it (section 4)."""
        return urlencode({"client_id": self.row.facts["client"], "request_uri": self.request_uri})

    @property
    def target(self) -> str:
        """Path and query that it is asked with."""
        return f"{self.row.facts['path']}?{self.reference}"

    @property
    def name(self) -> str:
        """Of who asks."""
        return self.row.facts["name"]

    @property
    def locales(self) -> str:
        """Languages that the application says its owner reads, separated by spaces."""
        return self.row.facts["locales"]

    @property
    def lifetime(self) -> timedelta:
        """From the push to its end."""
        return self.row.expires_at - self.row.created_at


@dataclass(frozen=True, slots=True)
class PushedRequests:
    """Keeps requests until an owner has decided, or their time is over."""

    kept: KeptSecrets

    def push(self, client: Client, name: str, path: str, query: str, locales: str) -> PushedRequest:
        """Keep a request.

        Args:
            client: whose it is.
            name: of who asks, as its owner is told before they have logged in.
            path: of the authorization endpoint that it is for.
            query: the request, judged.
            locales: see `PushedRequest`.
        """
        secret = new_secret()
        facts = {"client": client.client_id, "name": name, "path": path, "query": query, "locales": locales}
        row = self.kept.capability(Purpose.PUSHED_REQUEST, secret, facts)
        with self.kept.store.transaction() as work:
            work.capabilities.add(row)
        return PushedRequest(REQUEST_URI + secret, row)

    def find(self, client: Client, request_uri: str) -> PushedRequest:
        """Give a client's own request, of which an owner may be asked; that changes nothing (FAPI 2.0 section 5.3.2.2, S13).

        Raises:
            RequestEnded: unknown, another client's, past its time, or decided.
        """
        found = self.look(request_uri)
        if found.row.facts["client"] != client.client_id or not found.row.live_at(self.kept.clock.now()):
            raise RequestEnded
        return found

    def look(self, request_uri: str) -> PushedRequest:
        """Give a request, whoever asks and whether or not it has ended. Raises `RequestEnded` for one that is unknown."""
        with self.kept.store.reading() as work:
            row = self.kept.peek(work, Purpose.PUSHED_REQUEST, request_uri.removeprefix(REQUEST_URI))
        if row is None:
            raise RequestEnded
        return PushedRequest(request_uri, row)

    @staticmethod
    def spend(work: Transaction, pushed: PushedRequest | None, now: datetime) -> None:
        """Use a request up, with the owner's decision: of those who come at once, one has decided (S13).

        Args:
            work: the transaction in which the decision is kept.
            pushed: the request, or None for one that was not pushed.
            now: the moment.

        Raises:
            RequestEnded: somebody else was first.
        """
        if pushed is not None and not work.capabilities.use(pushed.row, now):
            raise RequestEnded
