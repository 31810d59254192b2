"""Public keys of clients: read from the file that an operator was given, and used to verify what a client has signed (S23)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from joserfc import jwk

from idp.domain.client import ClientKey
from idp.domain.digests import base64url
from idp.domain.one_line import has_nothing_hidden, is_one_line
from idp.errors import KeysRefused
from idp.oauth.algorithms import MIN_RSA_BITS, algorithms_of
from idp.oauth.public_key import MAX_RSA_BITS, has_private_part, is_sound, public_part, verifies
from idp.oauth.strict_json import loads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idp.oauth.client_jwt import ClientJwt

MAX_KEYS = 16
MAX_FILE_BYTES = 64 * 1024


def read_key_set(text: bytes) -> tuple[ClientKey, ...]:
    """Read a JWK set (RFC 7517 section 5) of public keys.

    Args:
        text: the file.

    Raises:
        KeysRefused: it is none, or holds a key that is private, weak, for something else, or called as another one.
    """
    try:
        document = loads(text) if len(text) <= MAX_FILE_BYTES else None
    except ValueError:
        document = None
    return read_keys(document)


def read_keys(document: object) -> tuple[ClientKey, ...]:
    """Read a JWK set that was parsed already.

    Args:
        document: of JSON; anything.

    Raises:
        KeysRefused: as `read_key_set`.
    """
    keys = tuple(_key(number, members) for number, members in enumerate(_members(document), 1))
    if len({key.kid for key in keys}) != len(keys):
        message = "two keys of the set have the same kid"
        raise KeysRefused(message)
    return keys


def is_signed(signed: ClientJwt, keys: Sequence[ClientKey]) -> bool:
    """Tell whether one of these keys has signed it.

    Where none fits, another one is tried: whoever asks whether a client exists, or has such a key, waits the same (S27).

    Args:
        signed: read, its algorithm one of ours.
        keys: of the client that it names, or none.
    """
    # S23: the key says what it may sign with, and what it has signed can only choose among the registered ones.
    fitting = [key for key in keys if signed.alg in key.algorithms and signed.kid in (None, key.kid)]
    known = len(fitting) == 1
    key = fitting[0].members if known else _STAND_INS[signed.alg]
    return verifies(signed.text, key) and known


def _members(document: object) -> list[Mapping[str, object]]:
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not all(isinstance(members, dict) for members in keys):
        message = "this is no JWK set: an object with a list of keys, named keys"
        raise KeysRefused(message)
    if not 0 < len(keys) <= MAX_KEYS:
        message = f"the set has {len(keys)} keys; a client has 1 to {MAX_KEYS}"
        raise KeysRefused(message)
    return keys


def _key(number: int, members: Mapping[str, object]) -> ClientKey:
    if has_private_part(members):
        message = (
            f"key {number} of the set is a private or a secret one; nothing of it was kept. It has been where it should never "
            "be: make a new one, and give its public part only"
        )
        raise KeysRefused(message)
    public = public_part(members)
    algorithms = _algorithms(number, members)
    if not is_sound(public):
        message = f"key {number} of the set is broken, or not of {MIN_RSA_BITS} to {MAX_RSA_BITS} bits"
        raise KeysRefused(message)
    kid = members.get("kid", jwk.thumbprint(public))
    if not isinstance(kid, str) or not is_one_line(kid) or not has_nothing_hidden(kid):
        message = f"the kid of key {number} of the set is no text of one line, all of it visible"
        raise KeysRefused(message)
    return ClientKey(kid, algorithms, public)


def _algorithms(number: int, members: Mapping[str, object]) -> tuple[str, ...]:
    known = algorithms_of(members)
    if not known:
        message = f"key {number} of the set is of another kind than EC P-256, OKP Ed25519 or RSA"
        raise KeysRefused(message)
    alg = members.get("alg", known[0])
    if members.get("use", "sig") != "sig" or "verify" not in _operations(members) or alg not in known:
        message = f"key {number} of the set is for something else than signatures by {' or '.join(known)}"
        raise KeysRefused(message)
    return (str(alg),) if "alg" in members else known


def _operations(members: Mapping[str, object]) -> Sequence[object]:
    # RFC 7517 section 4.3.
    operations = members.get("key_ops", ["verify"])
    return operations if isinstance(operations, list) else ()


def _stand_ins() -> Mapping[str, Mapping[str, str]]:
    # Nobody needs to trust these: what they verify is refused all the same. For RSA a number that nobody has factored.
    number = bytearray(b"".join(hashlib.sha256(b"koppel-idp %d" % part).digest() for part in range(MIN_RSA_BITS // 256)))
    number[0] |= 0x80
    number[-1] |= 1
    rsa = {"kty": "RSA", "n": base64url(bytes(number)), "e": "AQAB"}
    ec = {
        "kty": "EC",
        "crv": "P-256",
        "x": "b_N2uA25QlrqkCwRBnw3G0Wloz2IMmblTmripSMI1Kc",
        "y": "LgQRbhAILaS2De5AnZTDoa7nmfBqVdJioGZAW0gDCiw",
    }
    okp = {"kty": "OKP", "crv": "Ed25519", "x": "5tAX4kLq8QEfvbjmZVTbFkot7P1PhKuNv3eMU-TBsG8"}
    return {alg: members for members in (rsa, ec, okp) for alg in algorithms_of(members)}


_STAND_INS = _stand_ins()
