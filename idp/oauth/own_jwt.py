"""JWTs of ours: signed, and read strictly when they come back. What they say is for each kind to judge.

Each kind has a type of its own in its header, so that none is taken for another one (RFC 8725 section 3.11).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from joserfc import jws
from joserfc.errors import JoseError

from idp.errors import TokenInvalid
from idp.oauth.algorithms import OurAlgorithms

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from joserfc.jwk import GuestProtocol, Key

    from idp.oauth.keys import KeyRing
    from idp.oauth.signing_key import SigningKey

MAX_CHARACTERS = 8192
_HEADER_NAMES = {"alg", "typ", "kid"}
_REGISTRY = OurAlgorithms()


def sign(key: SigningKey, typ: str, claims: Mapping[str, object]) -> str:
    """Sign.

    Args:
        key: with its private part.
        typ: which kind of token it is.
        claims: what it says.
    """
    header = {"alg": key.alg, "typ": typ, "kid": key.kid}
    return jws.serialize_compact(header, json.dumps(claims, separators=(",", ":")).encode(), key.key, registry=_REGISTRY)


def read(keys: KeyRing, typ: str, token: str, algorithms: Collection[str]) -> Mapping[str, Any]:
    """Give what a token says that one of our published keys has signed.

    Args:
        keys: the ring.
        typ: which kind of token it must be.
        token: as it was presented; anything.
        algorithms: those of the issuer: what it does not sign with, it does not accept either (FAPI 2.0 section 5.4.1).

    Raises:
        TokenInvalid: not ours, changed, of another kind, or no token at all.
    """
    if len(token) > MAX_CHARACTERS:
        raise TokenInvalid

    def key_for(signature: GuestProtocol) -> Key:
        return _key(keys, typ, signature.headers(), algorithms)

    try:
        signed = jws.deserialize_compact(token.encode(), key_for, registry=_REGISTRY)
        claims = json.loads(signed.payload or b"")
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as exc:
        raise TokenInvalid from exc
    if not isinstance(claims, dict):
        raise TokenInvalid
    return claims


def _key(keys: KeyRing, typ: str, header: Mapping[str, object], algorithms: Collection[str]) -> Key:
    # S23: jwk, jku, x5u and the like would let a token bring its own key; we write none of them, so none is read.
    if not set(header) <= _HEADER_NAMES or header.get("typ") != typ:
        raise TokenInvalid
    kid = header.get("kid")
    key = keys.find(kid) if isinstance(kid, str) else None
    # The key says which algorithm it is for; the header has no choice (RFC 8725 section 3.1).
    if key is None or header.get("alg") != key.alg or key.alg not in algorithms:
        raise TokenInvalid
    return key.key
