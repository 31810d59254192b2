"""Client authentication (RFC 6749 section 2.3): exactly one method, the same steps whatever is wrong."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import structlog
from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError

from connectors.base import CERTIFICATE_METHODS, PUBLIC
from idp.domain.capability import Purpose
from idp.errors import AssertionRefused, InvalidCredentials, Refusal
from idp.oauth.client_assertion import ASSERTION_TYPE, METHOD, AssertionRules, read_assertion
from idp.oauth.client_certificate import ShownCertificate, shown
from idp.oauth.client_keys import is_signed
from idp.oauth.errors import ClientRefused
from idp.oauth.kind import connector_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from connectors.base import Connector
    from idp.domain.client import Client
    from idp.oauth.claims import OneUse
    from idp.oauth.client_assertion import Assertion
    from idp.oauth.parts import OAuthParts
    from idp.oauth.request import FormRequest

BASIC = "client_secret_basic"
POST = "client_secret_post"
PRIVATE_KEY_JWT = METHOD
PROVING_METHODS = (BASIC, POST, PRIVATE_KEY_JWT, *CERTIFICATE_METHODS)
METHODS = (*PROVING_METHODS, PUBLIC)

_TWO_METHODS = "Use one way of client authentication, not two."
_TWO_CLIENTS = "The request names two different clients."
_VISIBLE = re.compile(r"[\x20-\x7e]+")  # RFC 6749 appendix A.1
_LOGGED_CHARACTERS = 64
_OURS = re.compile("[a-z][a-z0-9_]{0,40}-[0-9a-f]{16}")
"""An identifier as the registry makes them. Whoever has put a secret in its place shall not find it in the log."""

_log = structlog.get_logger("idp.oauth")


@dataclass(frozen=True, slots=True)
class PresentedClient:
    """What a request says of its client, unproved.

    Args:
        method: how it says so; None for a certificate, which of the two methods that is says its registration.
        client_id: as sent.
        proof: its secret as sent, its assertion, or its certificate; None: nothing.
    """

    method: str | None
    client_id: str
    proof: str | Assertion | ShownCertificate | None = field(repr=False)


class OAuthClient(ClientMixin):
    """An authenticated client with its connector, as Authlib's grants want to see it."""

    def __init__(self, client: Client, connector: Connector) -> None:
        """Join a registration and what its kind may do."""
        self.client = client
        self.connector = connector

    def get_client_id(self) -> str:
        """Its public identifier."""
        return self.client.client_id

    def counted_by(self, network: str) -> tuple[str, ...]:
        """Give what its requests are counted by.

        A client_id is no secret: of one who had to prove nothing a stranger could use up everybody's share, so each network has
        its own.

        Args:
            network: that the request comes from.
        """
        return (self.client.client_id, network) if self.connector.is_public else (self.client.client_id,)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether it may authenticate so; all endpoints are alike."""
        del endpoint
        return method in self.connector.client_auth_methods


def presented(request: FormRequest, now: datetime) -> PresentedClient:
    """Find out which client a request says it is from.

    A certificate counts where nothing else does: beside a secret or an assertion it is no second method, but what the access
    token is bound to (RFC 8705 section 3).

    Args:
        request: as read.
        now: the time.

    Raises:
        InvalidRequestError: more than one method, or two client_ids (S25).
        ClientRefused: none, or one that can't be read.
    """
    form = request.form
    header = request.raw.authorization
    with_assertion = "client_assertion" in form or "client_assertion_type" in form
    if [header is not None, "client_secret" in form, with_assertion].count(True) > 1:
        raise InvalidRequestError(_TWO_METHODS)
    if with_assertion:
        found = _asserted(form)
    elif header is not None:
        found = _basic(header)
    elif "client_secret" not in form and (certificate := shown(request.raw, now)) is not None:
        found = PresentedClient(None, form.get("client_id", ""), certificate)
    else:
        secret = form.get("client_secret")
        found = PresentedClient(PUBLIC if secret is None else POST, form.get("client_id", ""), secret)
    if not _VISIBLE.fullmatch(found.client_id) or found.proof == "":
        raise ClientRefused
    # RFC 7521 section 4.2 for an assertion, RFC 6749 section 3.2.1 for a header.
    if form.get("client_id", found.client_id) != found.client_id:
        raise InvalidRequestError(_TWO_CLIENTS)
    return found


def authenticate(parts: OAuthParts, request: FormRequest, methods: Collection[str] = METHODS) -> OAuthClient:
    """Find the client that a request is from, proved by its secret, its key or its certificate, from where it may come.

    An unknown client, a wrong secret, key or certificate, an assertion used before and a wrong network take the same steps and
    get the same answer (S27). So do, of those who bring no proof, an unknown client and one that has something to bring.

    Args:
        parts: the issuer.
        request: as it was read.
        methods: those of this endpoint.

    Raises:
        ClientRefused: not authenticated.
        InvalidRequestError: more than one method.
        Throttled: not authenticated, as often before for this client_id from this address.
    """
    claimed = presented(request, parts.clock.now())
    if claimed.method == PUBLIC and PUBLIC not in methods:
        raise ClientRefused
    try:
        return _proved(parts, claimed, request.raw.address)
    except InvalidCredentials as exc:
        _tell(exc, claimed.client_id)
        # What is right is never refused for what was wrong: a proof has 128 bits or more and is not guessed, and neither a
        # neighbour behind the same address nor an instance with its former secret may shut out who proves itself.
        digest = parts.digests.digest(Purpose.LIMIT, claimed.client_id)
        parts.limits.hit("client-failures", request.raw.network, digest)
        raise ClientRefused from None


def _proved(parts: OAuthParts, claimed: PresentedClient, address: str) -> OAuthClient:
    client, method, use = _found(parts, claimed)
    connector = connector_of(parts, client)
    if connector is None or method not in connector.client_auth_methods:
        raise InvalidCredentials
    # Not told apart from a wrong secret: whoever stole one shall not learn that it is right.
    if not connector.allows_address(address):
        raise InvalidCredentials
    if use is not None:
        parts.assertions.use(client.client_id, use.jti, use.expires_at)
    return OAuthClient(client, connector)


def _holder(parts: OAuthParts, client_id: str, certificate: ShownCertificate) -> tuple[Client, str]:
    client = parts.clients.find(client_id)
    method = certificate.method_of(client) if client else None
    if client is None or not client.enabled or method is None:
        raise InvalidCredentials
    return client, method


def _found(parts: OAuthParts, claimed: PresentedClient) -> tuple[Client, str | None, OneUse | None]:
    match claimed.proof:
        case None:
            return parts.clients.without_proof(claimed.client_id), claimed.method, None
        case str(secret):
            return parts.clients.authenticate(claimed.client_id, secret), claimed.method, None
        case ShownCertificate() as certificate:
            return *_holder(parts, claimed.client_id, certificate), None
        case assertion:
            client, use = _signer(parts, assertion)
            return client, claimed.method, use


def _signer(parts: OAuthParts, assertion: Assertion) -> tuple[Client, OneUse]:
    use = AssertionRules(parts.issuer.url, parts.issuer.algorithms, parts.clock).check(assertion)
    client = parts.assertions.signer(assertion.client_id, use.jti)
    signed = is_signed(assertion, client.keys if client else ())
    if client is None or not signed:
        raise AssertionRefused(Refusal.SIGNATURE)
    return client, use


def _asserted(form: Mapping[str, str]) -> PresentedClient:
    try:
        assertion = read_assertion(form.get("client_assertion", ""))
    except AssertionRefused as exc:
        _tell(exc, form.get("client_id", ""))
        raise ClientRefused from None
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise ClientRefused
    return PresentedClient(PRIVATE_KEY_JWT, assertion.client_id, assertion)


def _tell(refused: InvalidCredentials, client_id: str) -> None:
    # Whoever signs wrongly is told nothing, and asks us.
    if isinstance(refused, AssertionRefused):
        _log.info("client_assertion_refused", client_id=client_id[:_LOGGED_CHARACTERS], reason=str(refused.refusal))
    else:
        _log.info("client_refused", client_id=client_id if _OURS.fullmatch(client_id) else "")


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
