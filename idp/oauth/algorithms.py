"""Which signatures there are (S22), and which keys make them (S23)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from joserfc import jws
from joserfc.errors import UnsupportedAlgorithmError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from joserfc.jws import JWSAlgModel  # type: ignore[attr-defined]  # imported there, but left out of __all__

ALGORITHMS = ("ES256", "PS256", "EdDSA", "RS256")
"""All that we sign and accept (S22); `none` and the symmetric ones are not among them."""

MIN_RSA_BITS = 2048
"""S23; RFC 7518 section 3.3."""

PUBLIC_MEMBERS = {"EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x"), "RSA": ("kty", "n", "e")}
"""Of a JWK, by its `kty` (RFC 7518 section 6): explicit lists, so that whatever else one may hold is never published or kept.

What belongs to another kind is such a thing too: nobody checks it, and it may be as long as a request."""

_KINDS = {"ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519"), "RS256": ("RSA", None), "PS256": ("RSA", None)}


class OurAlgorithms(jws.JWSRegistry):
    """Exactly `ALGORITHMS`. joserfc's own choice leaves EdDSA out, as the name that RFC 9864 gave way to Ed25519."""

    def get_alg(self, name: str) -> JWSAlgModel:
        """Give an algorithm. Raises `UnsupportedAlgorithmError` for another one."""
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


def algorithms_of(members: Mapping[str, Any]) -> tuple[str, ...]:
    """Give those that a key can be used with, by its kind; none for a key of another kind."""
    kind = members.get("kty"), members.get("crv") if members.get("kty") != "RSA" else None
    return tuple(alg for alg in ALGORITHMS if _KINDS[alg] == kind)


def key_kind(alg: str) -> str:
    """Give the kind of key that one of `ALGORITHMS` wants (RFC 7518 section 6.1)."""
    return _KINDS[alg][0]


def rsa_bits(members: Mapping[str, Any]) -> int:
    """Give the length of an RSA key's modulus. Raises `ValueError` when it can't be read."""
    modulus = str(members.get("n", ""))
    return int.from_bytes(base64.urlsafe_b64decode(modulus + "==")).bit_length()
