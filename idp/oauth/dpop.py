"""DPoP (RFC 9449): a request shows a key, by a proof in its header; tokens are bound to that key, and codes may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Error

from idp.domain.capability import Purpose
from idp.domain.grant import JKT, Confirmation
from idp.oauth.dpop_nonce import DPoPNonces
from idp.oauth.dpop_proof import Fault, ProofRefused, ProofRules, read_proof

if TYPE_CHECKING:
    from idp.oauth.claims import OneUse
    from idp.oauth.parts import OAuthParts
    from idp.oauth.request import FormRequest


class NonceWanted(OAuth2Error):
    """Sections 8 and 9: the same again, with the nonce that every answer to a proof carries (`idp.oauth.server`)."""

    error = "use_dpop_nonce"
    description = "The DPoP proof must have the nonce that this answer brings."


@dataclass(frozen=True, slots=True)
class Shown:
    """A key that was shown; the proof of it is not used up yet.

    Args:
        confirmation: the key.
        use: what makes the proof work once.
    """

    confirmation: Confirmation
    use: OneUse

    def use_up(self, parts: OAuthParts) -> Confirmation:
        """Use the proof up (S16), and give the key. Apart for each key: nobody spends what another one is about to send.

        Raises:
            ProofRefused: it was used before.
        """
        name = (self.confirmation.thumbprint, self.use.jti)
        if not parts.used_once.first(self.use.expires_at, Purpose.DPOP_PROOF, *name):
            raise ProofRefused(Fault.REPLAY)
        return self.confirmation


def shown(parts: OAuthParts, request: FormRequest, access_token: str | None = None) -> Shown | None:
    """Give the key that a request shows, or None where it shows none.

    Args:
        parts: the issuer.
        request: of an authenticated client, or with a live access token: a stranger has nothing verified or kept here.
        access_token: that comes with it, or None where it asks for one.

    Raises:
        ProofRefused: it shows one in a wrong way.
        NonceWanted: all is right but the nonce, which comes with the answer.
    """
    if not request.raw.dpop:
        return None
    if len(request.raw.dpop) > 1:
        raise ProofRefused(Fault.SEVERAL)
    proof = read_proof(request.raw.dpop[0], parts.issuer.algorithms)
    # RFC 8705 section 5: an endpoint may have another address, for clients with certificates.
    alias = parts.issuer.mtls_alias(request.uri)
    addresses = (request.uri, alias) if alias else (request.uri,)
    use = ProofRules(request.method, addresses, parts.clock, access_token).check(proof)
    _assert_fresh(parts, proof.claims.get("nonce"))
    return Shown(Confirmation(JKT, proof.thumbprint), use)


def _assert_fresh(parts: OAuthParts, nonce: object) -> None:
    if nonce is None and not parts.issuer.nonce_required:
        return
    if not isinstance(nonce, str) or not DPoPNonces(parts.digests, parts.clock).is_fresh(nonce):
        raise NonceWanted
