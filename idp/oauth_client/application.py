"""The application, and where it asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.errors import NotGranted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors import Connector
    from idp.oauth_client.http import Wire
    from idp.oauth_client.proof import Proof

METADATA_PATH = "/.well-known/oauth-authorization-server"
"""RFC 8414 section 3, for an issuer without a path."""

_ASKS = "authorization_endpoint"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the service is asked, by its own metadata (RFC 8414 section 2).

    Args:
        issuer: its name, which is its address.
        token: where tokens are asked for.
        keys: where its public keys are.
        introspection: where a token is asked about.
        userinfo: where a token's user is asked about.
        revocation: where a token is ended.
        grants: grant types that it has.
        authorization: where owners are asked; empty: they aren't.
    """

    issuer: str
    token: str
    keys: str
    introspection: str
    userinfo: str
    revocation: str
    grants: tuple[str, ...]
    authorization: str

    @classmethod
    def read(cls, metadata: Mapping[str, object], origin: str) -> Endpoints:
        """Read the metadata.

        Args:
            metadata: the document.
            origin: that was asked for it.

        Raises:
            NotGranted: another issuer's (RFC 8414 section 3.3), or one that would have secrets sent elsewhere.
        """
        issuer = metadata.get("issuer")
        if issuer != origin:
            message = f"the service at {origin} is the issuer {issuer}; ask it there (--url), or mend its service.origin"
            raise NotGranted(message)
        grants = metadata.get("grant_types_supported")
        return cls(
            issuer=origin,
            token=_endpoint(metadata, "token_endpoint", origin),
            keys=_endpoint(metadata, "jwks_uri", origin),
            introspection=_endpoint(metadata, "introspection_endpoint", origin),
            userinfo=_endpoint(metadata, "userinfo_endpoint", origin),
            revocation=_endpoint(metadata, "revocation_endpoint", origin),
            grants=tuple(map(str, grants)) if isinstance(grants, list) else (),
            authorization=_endpoint(metadata, _ASKS, origin) if _ASKS in metadata else "",
        )


@dataclass(frozen=True, slots=True)
class Application:
    """A client of one kind.

    Args:
        connector: its kind.
        client_id: as it was registered.
        proof: how it says who it is.
        wire: sends.
    """

    connector: Connector
    client_id: str
    proof: Proof
    wire: Wire


def _endpoint(metadata: Mapping[str, object], name: str, origin: str) -> str:
    url = str(metadata.get(name, ""))
    if not url.startswith(f"{origin}/"):
        message = f"the metadata of {origin} has no {name} of its own; look which service answers here (--url)"
        raise NotGranted(message)
    return url
