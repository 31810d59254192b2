"""Proof Key for Code Exchange (RFC 7636), by S256 only (S7)."""

from __future__ import annotations

import hashlib
import hmac
import re

from idp.domain.digests import base64url

METHOD = "S256"

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # section 4.2: of 256 bits, in base64url without padding
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # section 4.1


def is_challenge(text: str) -> bool:
    """Tell whether a text can be a challenge by S256."""
    return _CHALLENGE.fullmatch(text) is not None


def proves(verifier: str | None, challenge: str | None) -> bool:
    """Tell whether a verifier is the one that a challenge was made of.

    Args:
        verifier: as it came with the code, or None.
        challenge: as it came with the authorization request, or None. Then there must be no verifier either (S8): a client
            that sends one had sent a challenge too, which somebody has taken out on the way (RFC 9700 section 4.8.2).
    """
    if verifier is None or challenge is None:
        return verifier is challenge
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    made = base64url(digest)
    return hmac.compare_digest(made, challenge)
