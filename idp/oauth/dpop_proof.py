"""A DPoP proof: what a client has signed to show that it has a key, for this one request (RFC 9449 sections 4.2 and 4.3)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Error
from joserfc import jwk

from idp.domain.digests import base64url
from idp.oauth.algorithms import algorithms_of
from idp.oauth.claims import CLOCK_SKEW, OneUse, numeric_date
from idp.oauth.http_uri import target_of
from idp.oauth.public_key import has_private_part, is_sound, public_part, verifies
from idp.oauth.unproved_jwt import read_unproved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.ports.outside import Clock

HEADER_TYPE = "dpop+jwt"
MAX_AGE = timedelta(minutes=5)
"""Section 11.1: minutes at most, also for who has a nonce. A proof is remembered for as long."""

MAX_JTI_CHARACTERS = 512
"""Section 11.1: what libraries write is some 20 to 40 long."""

_EXTENSIONS = {"crit", "b64"}
"""RFC 7515 section 4.1.11 and RFC 7797: must be understood, and there is none here."""


class Fault(StrEnum):
    """What is wrong with a proof. A client is told, since nobody else can do it right; a proof tells nothing of anybody."""

    MALFORMED = "The DPoP proof is no signed JWT, or too long."
    SEVERAL = "The request has more than one DPoP header."
    TYPE = "The type of the DPoP proof is not dpop+jwt."
    NO_KEY = "The DPoP proof brings no jwk."
    PRIVATE_KEY = "The jwk of the DPoP proof is a private or a secret key."
    ALGORITHM = "The algorithm of the DPoP proof is none of this issuer, or not that of its key."
    SIGNATURE = "The signature of the DPoP proof is not that of its key, or the key is too weak."
    METHOD = "The htm of the DPoP proof is not the method of the request."
    ADDRESS = "The htu of the DPoP proof is not the address of this endpoint."
    HASH = "The ath of the DPoP proof is not that of the access token."
    JTI = "The DPoP proof has no jti, or too long a one."
    TIME = "The iat of the DPoP proof is missing, or too far from the present time."
    REPLAY = "The DPoP proof was used before."


class ProofRefused(OAuth2Error):
    """A DPoP proof that proves nothing (sections 5 and 7.1)."""

    error = "invalid_dpop_proof"

    def __init__(self, fault: Fault) -> None:
        """Say what is wrong."""
        super().__init__(str(fault))


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof whose signature was verified with the key that it brings; whether it is for this request is another question.

    Args:
        thumbprint: of that key (RFC 7638).
        claims: all that it says.
    """

    thumbprint: str
    claims: Mapping[str, object] = field(repr=False)


def read_proof(text: str, algorithms: tuple[str, ...]) -> Proof:
    """Read a proof, and verify it with the key that it brings.

    Args:
        text: anything.
        algorithms: that may have signed it; no symmetric one.

    Raises:
        ProofRefused: no such proof.
    """
    try:
        header, claims = read_unproved(text)
    except ValueError:
        raise ProofRefused(Fault.MALFORMED) from None
    typ = header.get("typ")
    if not isinstance(typ, str) or typ.lower() != HEADER_TYPE or _EXTENSIONS & set(header):
        raise ProofRefused(Fault.TYPE)
    public = _public_key(header.get("jwk"))
    alg = header.get("alg")
    if alg not in algorithms or alg not in algorithms_of(public):
        raise ProofRefused(Fault.ALGORITHM)
    if not is_sound(public) or not verifies(text, public):
        raise ProofRefused(Fault.SIGNATURE)
    return Proof(jwk.import_key(dict(public)).thumbprint(), claims)


@dataclass(frozen=True, slots=True)
class ProofRules:
    """What a request wants of its proof, beside the signature and a nonce.

    Args:
        method: of the request.
        uris: the configured addresses of where it was sent to.
        clock: the time.
        access_token: that comes with it, or None where it asks for one.
    """

    method: str
    uris: tuple[str, ...]
    clock: Clock
    access_token: str | None = field(default=None, repr=False)

    def check(self, proof: Proof) -> OneUse:
        """Check the claims, and tell what makes the proof work once.

        Raises:
            ProofRefused: it is for another request, or another time.
        """
        claims = proof.claims
        if claims.get("htm") != self.method:
            raise ProofRefused(Fault.METHOD)
        if not self._is_for_this_address(claims.get("htu")):
            raise ProofRefused(Fault.ADDRESS)
        if self.access_token is not None and claims.get("ath") != _hashed(self.access_token):
            raise ProofRefused(Fault.HASH)
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI_CHARACTERS:
            raise ProofRefused(Fault.JTI)
        return OneUse(jti, self._end(claims))

    def _is_for_this_address(self, htu: object) -> bool:
        try:
            return isinstance(htu, str) and target_of(htu) in map(target_of, self.uris)
        except ValueError:
            return False

    def _end(self, claims: Mapping[str, object]) -> datetime:
        now = self.clock.now().timestamp()
        oldest, newest = now - MAX_AGE.total_seconds(), now + CLOCK_SKEW.total_seconds()
        try:
            made = numeric_date(claims, "iat")
        except ValueError:
            made = None
        # Compared before it is added to: a claim may be a number of thousands of digits.
        if made is None or not oldest < made <= newest:
            raise ProofRefused(Fault.TIME)
        return datetime.fromtimestamp(made, UTC) + MAX_AGE


def _public_key(members: object) -> Mapping[str, str]:
    if not isinstance(members, dict):
        raise ProofRefused(Fault.NO_KEY)
    if has_private_part(members):
        raise ProofRefused(Fault.PRIVATE_KEY)
    return public_part(members)


def _hashed(access_token: str) -> str:
    # Section 4.2: of its ASCII.
    return base64url(hashlib.sha256(access_token.encode()).digest())
