"""A bank that holds to FAPI 2.0, built from Authlib's client and joserfc: what they know, they do."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

from authlib.oauth2.client import DEFAULT_HEADERS, OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwk, jwt

from idp.oauth.client_keys import read_key_set
from tests.client_signers import Signer
from tests.web.authorizing import BACK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from authlib.oauth2.auth import ClientAuth
    from flask.testing import FlaskClient

    from tests.fakes.clock import SetClock
    from tests.web.world import World

VERIFIER = "a-verifier-of-this-bank-that-is-long-enough-for-it"


@dataclass(frozen=True)
class Told:
    """An answer, as Authlib's client reads one."""

    status_code: int
    body: Any

    def json(self) -> object:
        """Read it."""
        return self.body


class Assertions(PrivateKeyJWT):
    """Authlib's way to sign, for the issuer, by the clock of the test."""

    alg = "ES256"

    def __init__(self, issuer: str, clock: SetClock) -> None:
        super().__init__(issuer)
        self.clock = clock

    def sign(self, auth: object, token_endpoint: str) -> str:
        """Sign anew for each request."""
        now = int(self.clock.now().timestamp())
        self.claims, self.headers = {"iat": now, "exp": now + 60}, {"kid": "a key"}
        return str(super().sign(auth, token_endpoint))


@dataclass
class Session:
    """Sends requests with a DPoP proof, and again with the nonce that it is told (RFC 9449 section 8)."""

    http: FlaskClient
    origin: str
    clock: SetClock
    key: jwk.ECKey = field(default_factory=lambda: jwk.generate_key("EC", "P-256", private=True))
    nonce: str | None = None

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: ClientAuth) -> Told:
        """Send a form, each time with another assertion."""

        def once() -> Told:
            _, more, body = auth.prepare("POST", url, dict(headers), urlencode(data))  # type: ignore[no-untyped-call]  # untyped in the stubs
            return self._send("POST", url, {**more, "DPoP": self.proof("POST", url)}, body)

        return self._with_a_nonce(once)

    def get(self, url: str, access_token: str) -> Told:
        """Ask a resource."""

        def once() -> Told:
            proof = self.proof("GET", url, access_token)
            return self._send("GET", url, {"Authorization": f"DPoP {access_token}", "DPoP": proof})

        return self._with_a_nonce(once)

    def proof(self, method: str, url: str, access_token: str | None = None) -> str:
        """Show the key."""
        claims = {"htm": method, "htu": url, "iat": int(self.clock.now().timestamp()), "jti": str(uuid4())}
        if self.nonce is not None:
            claims["nonce"] = self.nonce
        if access_token is not None:
            digest = hashlib.sha256(access_token.encode()).digest()
            claims["ath"] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return jwt.encode({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.as_dict(private=False)}, claims, self.key)

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: str | None = None) -> Told:
        answer = self.http.open(url.removeprefix(self.origin), method=method, headers=dict(headers), data=body)
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return Told(answer.status_code, answer.get_json())

    @staticmethod
    def _with_a_nonce(once: Callable[[], Told]) -> Told:
        told = once()
        wanted = told.status_code in (400, 401) and told.body["error"] == "use_dpop_nonce"
        return once() if wanted else told


class Bank:
    """The bank, set up from the metadata."""

    def __init__(self, world: World) -> None:
        """Be registered, and read what the issuer tells of itself."""
        signer = Signer()
        keys = read_key_set(signer.key_set)
        client = world.clients.add_with_keys("fapi", "Rabobank", keys, "operator:test", redirect_uris=(BACK,))
        self.session = Session(world.app.test_client(), world.origin, world.clock)
        found = self.session.http.get("/.well-known/oauth-authorization-server/fapi").get_json()
        self.metadata: dict[str, Any] = dict(found)
        self.client = OAuth2Client(
            self.session, client.client_id, signer.key, "private_key_jwt", redirect_uri=BACK, code_challenge_method="S256"
        )
        self.client.register_client_auth_method(Assertions(self.metadata["issuer"], world.clock))

    @property
    def client_id(self) -> str:
        """Its identifier."""
        return str(self.client.client_id)

    def push(self, **more: str) -> str:
        """Push a request, and give the address that an owner is led to."""
        authorize = self.metadata["authorization_endpoint"]
        url, self.client.state = self.client.create_authorization_url(authorize, code_verifier=VERIFIER, **more)
        auth = self.client.client_auth("private_key_jwt")
        told = self.session.post(
            self.metadata["pushed_authorization_request_endpoint"], dict(parse_qsl(urlsplit(url).query)), DEFAULT_HEADERS, auth
        )
        assert told.status_code == 201, told.body
        query = urlencode({"client_id": self.client.client_id, "request_uri": told.body["request_uri"]})
        return f"{authorize}?{query}".removeprefix(self.session.origin)

    def tokens(self, location: str) -> dict[str, Any]:
        """Change what the owner's browser has brought for tokens."""
        url = self.metadata["token_endpoint"]
        return dict(self.client.fetch_token(url, authorization_response=location, code_verifier=VERIFIER))

    def refreshed(self, refresh_token: str) -> dict[str, Any]:
        """Get another access token."""
        return dict(self.client.refresh_token(self.metadata["token_endpoint"], refresh_token))

    def user(self, access_token: str) -> Told:
        """Ask whom a token is about."""
        return self.session.get(self.metadata["userinfo_endpoint"], access_token)
