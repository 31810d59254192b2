"""Client authentication (RFC 6749 section 2.3): exactly one method, the same steps whatever is wrong."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError

from idp.domain.capability import Purpose
from idp.errors import InvalidCredentials
from idp.oauth.errors import ClientRefused

if TYPE_CHECKING:
    from connectors.base import Connector
    from idp.domain.client import Client
    from idp.oauth.parts import OAuthParts
    from idp.oauth.request import FormRequest

BASIC = "client_secret_basic"
POST = "client_secret_post"
METHODS = (BASIC, POST)

_TWO_METHODS = "Use one way of client authentication, not two."
_TWO_CLIENTS = "The header and the body name different clients."
_VISIBLE = re.compile(r"[\x20-\x7e]+")  # RFC 6749 appendix A.1


@dataclass(frozen=True, slots=True)
class PresentedClient:
    """What a request says of its client, unproved.

    Args:
        method: how it says so.
        client_id: as sent.
        secret: as sent.
    """

    method: str
    client_id: str
    secret: str = field(repr=False)


class OAuthClient(ClientMixin):
    """An authenticated client with its connector, as Authlib's grants want to see it."""

    def __init__(self, client: Client, connector: Connector) -> None:
        """Join a registration and what its kind may do."""
        self.client = client
        self.connector = connector

    def get_client_id(self) -> str:
        """Its public identifier."""
        return self.client.client_id

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether it may authenticate so; all endpoints are alike."""
        del endpoint
        return method in self.connector.client_auth_methods


def presented(request: FormRequest) -> PresentedClient:
    """Find out which client a request says it is from.

    Raises:
        InvalidRequestError: more than one method, or two client_ids (S25).
        ClientRefused: none, or one that can't be read.
    """
    form = request.form
    header = request.raw.authorization
    if [header is not None, "client_secret" in form, "client_assertion" in form].count(True) > 1:
        raise InvalidRequestError(_TWO_METHODS)
    if header is None:
        return _checked(PresentedClient(POST, form.get("client_id", ""), form.get("client_secret", "")))
    found = _checked(_basic(header))
    if form.get("client_id", found.client_id) != found.client_id:
        raise InvalidRequestError(_TWO_CLIENTS)
    return found


def authenticate(parts: OAuthParts, request: FormRequest) -> OAuthClient:
    """Find the client that a request is from, proved by its secret, from where it may come.

    An unknown client, a wrong secret and a wrong network take the same steps and get the same answer (S27).

    Raises:
        ClientRefused: not authenticated.
        InvalidRequestError: more than one method.
        Throttled: too many failures for this client_id from this address.
    """
    claimed = presented(request)
    key = (request.raw.network, parts.digests.digest(Purpose.LIMIT, claimed.client_id))
    parts.limits.check("client-failures", *key)
    try:
        return _proved(parts, claimed, request.raw.address)
    except InvalidCredentials:
        parts.limits.hit("client-failures", *key)
        raise ClientRefused from None


def _proved(parts: OAuthParts, claimed: PresentedClient, address: str) -> OAuthClient:
    client = parts.clients.authenticate(claimed.client_id, claimed.secret)
    connector = parts.connectors.get(client.connector)
    if connector is None or claimed.method not in connector.client_auth_methods:
        raise InvalidCredentials
    # Not told apart from a wrong secret: whoever stole one shall not learn that it is right.
    if not connector.allows_address(address):
        raise InvalidCredentials
    return OAuthClient(client, connector)


def _basic(header: str) -> PresentedClient:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise ClientRefused
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
        client_id, _, secret = text.partition(":")
        # RFC 6749 section 2.3.1: both are form-encoded before they are joined.
        decoded = unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        raise ClientRefused from None
    return PresentedClient(BASIC, *decoded)


def _checked(found: PresentedClient) -> PresentedClient:
    if not _VISIBLE.fullmatch(found.client_id) or not found.secret:
        raise ClientRefused
    return found
