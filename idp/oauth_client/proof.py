"""How an application says who it is: by its secret, by what it signs with its key, or by its name, which proves nothing."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote_plus

from joserfc import jwk, jws
from joserfc.errors import JoseError

from connectors.base import CERTIFICATE_METHODS, PUBLIC
from idp.errors import ConfigurationError
from idp.oauth_client.access_token import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

BASIC, POST, PRIVATE_KEY_JWT = "client_secret_basic", "client_secret_post", "private_key_jwt"
METHODS = (BASIC, POST, PRIVATE_KEY_JWT, *CERTIFICATE_METHODS, PUBLIC)
"""Ways to authenticate (RFC 6749 section 2.3.1, RFC 7523 section 2.2, RFC 8705 section 2)."""

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_GOOD_FOR = timedelta(minutes=1)
_ALGORITHMS = {"EC": "ES256", "OKP": "EdDSA", "RSA": "PS256"}


@dataclass(frozen=True, slots=True)
class Said:
    """What stands in one request to say who it is from.

    Args:
        body: parameters.
        headers: by name.
        shown: of both, what may be shown.
    """

    body: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    shown: Mapping[str, object]


class Proof(Protocol):
    """A way to say who it is."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What is never shown, wherever it turns up."""

    def say(self, issuer: str, now: datetime) -> Said:
        """Say it once.

        Args:
            issuer: to whom.
            now: the present moment.
        """


@dataclass(frozen=True, slots=True)
class BySecret:
    """By a secret, in the header or in the body.

    Args:
        client_id: as it was registered.
        secret: its own.
        method: `BASIC` or `POST`.
    """

    client_id: str
    secret: str = field(repr=False)
    method: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret."""
        return (self.secret,)

    def say(self, issuer: str, now: datetime) -> Said:
        """Send it along (RFC 6749 section 2.3.1)."""
        del issuer, now
        if self.method == POST:
            body = {"client_id": self.client_id, "client_secret": self.secret}
            return Said(body, {}, body)
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}"
        header = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        return Said({}, header, {"Authorization": f"Basic, {self.client_id} and its secret (not shown)"})


@dataclass(frozen=True, slots=True)
class ByName:
    """By its name alone: it has nothing to prove it by (RFC 6749 section 3.2.1), or TLS proves it (RFC 8705 section 2).

    Args:
        client_id: as it was registered.
    """

    client_id: str
    secrets: tuple[str, ...] = ()

    def say(self, issuer: str, now: datetime) -> Said:
        """Name itself."""
        del issuer, now
        body = {"client_id": self.client_id}
        return Said(body, {}, body)


@dataclass(frozen=True, slots=True)
class ByKey:
    """By an assertion that it signs each time anew (RFC 7523 section 3).

    Args:
        client_id: as it was registered.
        key: private.
        alg: what it signs with.
        kid: what the key is registered as; None: the service knows it by its algorithm.
    """

    client_id: str
    key: jwk.Key = field(repr=False)
    alg: str
    kid: str | None

    @classmethod
    def read(cls, client_id: str, file: Path) -> ByKey:
        """Read a private key, as a JWK or in PEM.

        Args:
            client_id: as it was registered.
            file: of the key.

        Raises:
            ConfigurationError: it can't be read, or holds no private key that signs.
        """
        try:
            content = file.read_bytes()
        except OSError as exc:
            message = f"the key file {file} can't be read: {exc.strerror}"
            raise ConfigurationError(message) from exc
        key, members = _key(content)
        if key is not None and key.is_private and key.key_type in _ALGORITHMS:
            found = cls(client_id, key, members.get("alg") or _ALGORITHMS[key.key_type], members.get("kid"))
            if found._signs():
                return found
        message = (
            f"{file} holds no private key that signs, as a JWK, or in PEM and without a password: EC P-256 (ES256), Ed25519 "
            "(EdDSA) or RSA (PS256)"
        )
        raise ConfigurationError(message)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Nothing that is ever sent."""
        return ()

    def say(self, issuer: str, now: datetime) -> Said:
        """Sign who it is, for this issuer and nobody else (S19), once (S20)."""
        begin, end = int(now.timestamp()), int((now + _GOOD_FOR).timestamp())
        claims: dict[str, object] = {"iss": self.client_id, "sub": self.client_id, "aud": issuer, "iat": begin, "exp": end}
        claims["jti"] = secrets.token_urlsafe(16)
        header, assertion = self._signed(claims)
        body = {"client_assertion_type": _ASSERTION_TYPE, "client_assertion": assertion}
        told = {f"client_assertion {name}": value for name, value in {**header, **claims}.items()}
        return Said(body, {}, {**body, **told})

    def _signed(self, claims: Mapping[str, object]) -> tuple[Mapping[str, str], str]:
        header = {"alg": self.alg, **({"kid": self.kid} if self.kid else {})}
        return header, jws.serialize_compact(header, json.dumps(claims).encode(), self.key, registry=REGISTRY)

    def _signs(self) -> bool:
        """Try it: a curve, or what a JWK says of itself (RFC 7517 sections 4.2 to 4.4), may stand against it."""
        try:
            self._signed({})
        except JoseError:
            return False
        return True


def _key(content: bytes) -> tuple[jwk.Key | None, Mapping[str, Any]]:
    try:
        members = json.loads(content)
    except ValueError:
        members = None
    if isinstance(members, dict):
        return _imported(members), members
    found = (_imported(content, kind) for kind in _ALGORITHMS)
    return next((key for key in found if key is not None), None), {}


def _imported(content: bytes | dict[str, Any], kind: str | None = None) -> jwk.Key | None:
    try:
        return jwk.import_key(content, kind)  # type: ignore[arg-type]  # one of the names that it takes
    # A TypeError is a key with a password: there is nobody to ask for it.
    except (JoseError, ValueError, TypeError, KeyError):
        return None
