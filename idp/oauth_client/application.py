"""The application: says who it is as its kind does, and asks."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from idp.errors import NotGranted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors import Connector
    from idp.oauth_client.http import Reply, Wire

METADATA_PATH = "/.well-known/oauth-authorization-server"
"""RFC 8414 section 3, for an issuer without a path."""

_BASIC = "client_secret_basic"
METHODS = (_BASIC, "client_secret_post")
"""Ways to authenticate that it knows (RFC 6749 section 2.3.1)."""

PASSWORD_GRANT = "password"  # noqa: S105  # a grant type


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
    """

    issuer: str
    token: str
    keys: str
    introspection: str
    userinfo: str
    revocation: str
    grants: tuple[str, ...]

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
        )


@dataclass(frozen=True, slots=True)
class Application:
    """A client of one kind.

    Args:
        connector: its kind.
        client_id: as it was registered.
        secret: its own.
        method: how it authenticates, one of its kind's.
        wire: sends.
    """

    connector: Connector
    client_id: str
    secret: str = field(repr=False)
    method: str
    wire: Wire

    def password_form(self, username: str, password: str) -> dict[str, str]:
        """Give what it asks for a token with, its own secret apart (RFC 6749 section 4.3.2)."""
        scope = " ".join(self.connector.default_scopes)
        return {"grant_type": PASSWORD_GRANT, "username": username, "password": password, "scope": scope}

    def ask(self, url: str, form: Mapping[str, str]) -> Reply:
        """Send a form as a client that says who it is. Raises `NotGranted`."""
        return self.wire.post(url, {**form, **self.in_body}, self.in_header)

    @property
    def in_body(self) -> dict[str, str]:
        """What stands in the body to say who it is (RFC 6749 section 2.3.1)."""
        return {} if self.method == _BASIC else {"client_id": self.client_id, "client_secret": self.secret}

    @property
    def in_header(self) -> dict[str, str]:
        """What stands in the header to say who it is."""
        if self.method != _BASIC:
            return {}
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}"
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def _endpoint(metadata: Mapping[str, object], name: str, origin: str) -> str:
    url = str(metadata.get(name, ""))
    if not url.startswith(f"{origin}/"):
        message = f"the metadata of {origin} has no {name} of its own; look which service answers here (--url)"
        raise NotGranted(message)
    return url
