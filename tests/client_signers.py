"""Applications with a key of their own: they sign who they are, and hand out the public part."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from joserfc import jwk, jws

from idp.oauth.algorithms import OurAlgorithms

if TYPE_CHECKING:
    from collections.abc import Mapping

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KINDS: dict[str, tuple[str, str | int]] = {
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
    "PS256": ("RSA", 2048),
    "RS256": ("RSA", 2048),
}


@cache
def made_key(kind: str, size: str | int, which: str = "") -> jwk.Key:
    """Make a key, each once: an RSA key takes a good part of a second."""
    del which
    made: jwk.Key = jwk.generate_key(kind, size, private=True)  # type: ignore[call-overload]  # the pairs above are what it takes
    return made


@dataclass(frozen=True)
class Signer:
    """An application's key.

    Args:
        alg: what it signs with.
        kid: what its key is called.
        which: tells two keys of one kind apart.
    """

    alg: str = "ES256"
    kid: str = "a key"
    which: str = ""
    key: jwk.Key = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the key, or take one that was made."""
        kind, size = KINDS[self.alg]
        object.__setattr__(self, "key", made_key(kind, size, self.which))

    @property
    def public(self) -> dict[str, Any]:
        """The JWK to hand out."""
        return {**self.key.as_dict(private=False), "kid": self.kid, "alg": self.alg, "use": "sig"}

    @property
    def key_set(self) -> bytes:
        """The file to hand out."""
        return key_set(self.public)

    def sign(self, claims: Mapping[str, object] | bytes, **header: object) -> str:
        """Sign claims, or whatever bytes they are."""
        payload = claims if isinstance(claims, bytes) else json.dumps(dict(claims)).encode()
        named = {"alg": self.alg, "kid": self.kid, **header}
        return jws.serialize_compact(
            {name: value for name, value in named.items() if value is not None},
            payload,
            self.key,
            registry=OurAlgorithms(strict_check_header=False),
        )


def key_set(*keys: Mapping[str, object]) -> bytes:
    """Write a JWK set."""
    return json.dumps({"keys": list(keys)}).encode()


def asserted(assertion: str) -> dict[str, str]:
    """The parameters by which an application says who it is."""
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
