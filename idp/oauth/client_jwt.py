"""What clients sign with their registered keys: read the same way, whatever it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.errors import AssertionRefused, Refusal
from idp.oauth.unproved_jwt import read_unproved

if TYPE_CHECKING:
    from collections.abc import Mapping

# S23: whatever brings or names a key of its own; RFC 7515 section 4.1.11: an extension that must be understood, of which there
# is none here; RFC 7797. All other parameters mean nothing to us and are passed over (RFC 7515 section 4).
_HEADERS_REFUSED = {"jwk", "jku", "x5c", "x5u", "crit", "b64"}


@dataclass(frozen=True, slots=True)
class ClientJwt:
    """What a client has signed, unproved.

    Args:
        text: as sent.
        alg: which signature it claims to have.
        kid: which key it names, or None.
        typ: what it says that it is, in lower case, or None.
        claims: all that it says.
    """

    text: str = field(repr=False)
    alg: str
    kid: str | None
    typ: str | None
    claims: Mapping[str, object] = field(repr=False)


def read_client_jwt(text: str) -> ClientJwt:
    """Read it; nothing of it is proved by that.

    Args:
        text: anything.

    Raises:
        AssertionRefused: no signed JWT, or one that brings its own key.
    """
    try:
        header, claims = read_unproved(text)
    except ValueError:
        raise AssertionRefused(Refusal.MALFORMED) from None
    alg, kid, typ = header.get("alg"), header.get("kid"), header.get("typ")
    if not isinstance(alg, str) or not isinstance(kid, str | None) or not isinstance(typ, str | None):
        raise AssertionRefused(Refusal.MALFORMED)
    if _HEADERS_REFUSED & set(header):
        raise AssertionRefused(Refusal.MALFORMED)
    return ClientJwt(text, alg, kid, typ.lower() if typ else typ, claims)
