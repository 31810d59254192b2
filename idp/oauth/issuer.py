"""The two issuers over one directory and one store, and what each of them wants.

FAPI 2.0 forbids the password grant and the rotation of refresh tokens; the applications of the manual know nothing but passwords.
So a client belongs to one issuer or the other, and whatever differs between the two stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.base import CLASSIC, STRICT
from idp.oauth.algorithms import ALGORITHMS

if TYPE_CHECKING:
    from connectors.base import Connector


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer, as tokens, addresses and metadata name it.

    Args:
        id: what a connector calls it.
        origin: the configured origin, never taken from a request.
        path: of its identifier, behind the origin.
        prefix: of the paths of its endpoints.
        algorithms: what its clients may sign with.
        id_token_algorithm: what its ID tokens are signed with.
        pushed_only: an authorization request must have been pushed (RFC 9126 section 5).
        bound_only: every access token is bound to a key of its client's.
        nonce_required: a DPoP proof without a nonce of ours is no use (RFC 9449 section 8).
        mtls_origin: where clients are asked for a certificate, or None where none is looked at.
    """

    id: str
    origin: str
    path: str
    prefix: str
    algorithms: tuple[str, ...]
    id_token_algorithm: str
    pushed_only: bool
    bound_only: bool
    nonce_required: bool
    mtls_origin: str | None = None

    @property
    def url(self) -> str:
        """The issuer identifier (RFC 8414 section 2)."""
        return self.origin + self.path

    def uri(self, path: str) -> str:
        """Give the address of one of its endpoints, such as ``/token``."""
        return self.origin + self.prefix + path

    def mtls_alias(self, uri: str) -> str | None:
        """Give the address at which an endpoint asks for a certificate; None where none does (RFC 8705 section 5).

        Args:
            uri: of the endpoint.
        """
        return self.mtls_origin + uri.removeprefix(self.origin) if self.mtls_origin else None

    def serves(self, connector: Connector) -> bool:
        """Tell whether clients of this kind are its own; the other issuer's are as unknown as any."""
        return connector.issuer == self.id


def classic_issuer(origin: str, mtls_origin: str | None = None) -> Issuer:
    """Give the issuer that is the origin itself.

    Its ID tokens have what every application can verify (OpenID Connect Core section 15.1), and expects unless it has registered
    another one (Dynamic Client Registration 1.0 section 2, `id_token_signed_response_alg`). Who shows a key here could do without
    one: a proof needs no nonce, which would cost each client another request.
    """
    rules = {"pushed_only": False, "bound_only": False, "nonce_required": False}
    return Issuer(CLASSIC, origin, "", "/oauth", ALGORITHMS, "RS256", **rules, mtls_origin=mtls_origin)


def strict_issuer(origin: str, mtls_origin: str | None = None) -> Issuer:
    """Give the one that holds to the FAPI 2.0 Security Profile; RS256 is none of its algorithms (section 5.4.1)."""
    algorithms = tuple(alg for alg in ALGORITHMS if alg != "RS256")
    rules = {"pushed_only": True, "bound_only": True, "nonce_required": True}
    return Issuer(STRICT, origin, "/fapi", "/fapi", algorithms, "ES256", **rules, mtls_origin=mtls_origin)


def issuers(origin: str, mtls_origin: str | None = None) -> tuple[Issuer, Issuer]:
    """Give both, the classic one first.

    Args:
        origin: the configured origin.
        mtls_origin: where clients are asked for a certificate, or None.
    """
    return classic_issuer(origin, mtls_origin), strict_issuer(origin, mtls_origin)
