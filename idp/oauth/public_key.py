"""Public keys that others have made: whether one may be used at all (S23), and what it has signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from joserfc import jwk, jws
from joserfc.errors import JoseError

from idp.oauth.algorithms import MIN_RSA_BITS, PUBLIC_MEMBERS, OurAlgorithms, rsa_bits
from idp.oauth.unproved_jwt import MAX_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_RSA_BITS = 8192
"""Every request that names such a key costs a verification."""

_PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
"""RFC 7518 section 6; `k` is a symmetric key."""


class _AsRead(OurAlgorithms):
    """Verifying needs no strictness about what the reader passed over, and the reader has seen to the size.

    joserfc's own limits are too low for an RSA key of 2048 bits in a header, and for a signature by one of 8192.
    """

    max_header_length = MAX_CHARACTERS
    max_signature_length = MAX_CHARACTERS


_REGISTRY = _AsRead(strict_check_header=False)


def has_private_part(members: Mapping[str, object]) -> bool:
    """Tell whether a JWK is a private or a secret key."""
    return bool(_PRIVATE_MEMBERS & set(members))


def public_part(members: Mapping[str, object]) -> dict[str, str]:
    """Give what makes up the public key of a JWK, and nothing else that it may hold."""
    # As a text first: of what strangers send, a kind may be anything.
    names = PUBLIC_MEMBERS.get(str(members.get("kty")), ())
    return {name: str(members[name]) for name in names if name in members}


def is_sound(public: Mapping[str, str]) -> bool:
    """Tell whether it is a key that can be read, and neither too short nor so long that it keeps us busy."""
    try:
        if public["kty"] == "RSA" and not MIN_RSA_BITS <= rsa_bits(public) <= MAX_RSA_BITS:
            return False
        jwk.import_key(dict(public))
    except (JoseError, ValueError):
        return False
    return True


def verifies(text: str, public: Mapping[str, str]) -> bool:
    """Tell whether a key has signed a JWT.

    Args:
        text: the JWT, read, its algorithm one of ours.
        public: the key, sound.
    """
    # Not `deserialize_compact`, which raises where a signature is wrong: that takes longer than none, by a little.
    try:
        signed = jws.extract_compact(text.encode(), registry=_REGISTRY)
        return jws.validate_compact(signed, jwk.import_key(dict(public)), registry=_REGISTRY)
    except (JoseError, ValueError):
        return False
