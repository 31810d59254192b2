"""Where an application asks, by the service's own metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.base import CLASSIC, STRICT
from idp.errors import NotGranted

if TYPE_CHECKING:
    from collections.abc import Mapping

METADATA_PATH = "/.well-known/oauth-authorization-server"
"""RFC 8414 section 3; the path of an issuer that has one comes behind it (section 3.1)."""

_ISSUER_PATHS = {CLASSIC: "", STRICT: "/fapi"}


@dataclass(frozen=True, slots=True)
class Place:
    """A service, and the issuer of it that an application belongs to.

    Args:
        origin: of the service.
        issuer_id: what connectors call the issuer.
        with_certificate: what can be asked with a certificate is asked where one is asked for (RFC 8705 section 5).
        mtls_origin: where that is; None: on the same host, by whichever port.
    """

    origin: str
    issuer_id: str = CLASSIC
    with_certificate: bool = False
    mtls_origin: str | None = None

    @property
    def issuer(self) -> str:
        """Its name."""
        return self.origin + _ISSUER_PATHS[self.issuer_id]

    @property
    def metadata(self) -> str:
        """Where its metadata is."""
        return self.origin + METADATA_PATH + _ISSUER_PATHS[self.issuer_id]

    def takes_certificates(self, url: str) -> bool:
        """Tell whether an address is one at which it asks for certificates; nothing is sent to another."""
        if self.mtls_origin:
            return url.startswith(f"{self.mtls_origin}/")
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.scheme == "https" and parts.hostname == urlsplit(self.origin).hostname


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the service is asked (RFC 8414 section 2).

    Args:
        issuer: its name, which is its address.
        token: where tokens are asked for.
        keys: where its public keys are.
        introspection: where a token is asked about.
        userinfo: where a token's user is asked about.
        revocation: where a token is ended.
        grants: grant types that it has.
        authorization: where owners are asked; empty: they aren't.
        pushed: where requests are pushed, likewise.
        device: where devices begin, likewise.
    """

    issuer: str
    token: str
    keys: str
    introspection: str
    userinfo: str
    revocation: str
    grants: tuple[str, ...]
    authorization: str
    pushed: str
    device: str

    @classmethod
    def read(cls, metadata: Mapping[str, object], place: Place) -> Endpoints:
        """Read the metadata.

        Args:
            metadata: the document.
            place: that was asked for it.

        Raises:
            NotGranted: another issuer's (RFC 8414 section 3.3), or one that would have secrets sent elsewhere.
        """
        found = metadata.get("issuer")
        if found != place.issuer:
            message = f"the service at {place.issuer} is the issuer {found}; ask it there (--url), or mend its service.origin"
            raise NotGranted(message)
        grants = metadata.get("grant_types_supported")
        of = _Addresses(metadata, place)
        return cls(
            issuer=place.issuer,
            token=of.asked("token_endpoint"),
            keys=of.own("jwks_uri"),
            introspection=of.asked("introspection_endpoint"),
            userinfo=of.asked("userinfo_endpoint"),
            revocation=of.asked("revocation_endpoint"),
            grants=tuple(map(str, grants)) if isinstance(grants, list) else (),
            authorization=of.own("authorization_endpoint") if "authorization_endpoint" in metadata else "",
            pushed=of.asked_if_there("pushed_authorization_request_endpoint"),
            device=of.asked_if_there("device_authorization_endpoint"),
        )


@dataclass(frozen=True, slots=True)
class _Addresses:
    metadata: Mapping[str, object]
    place: Place

    def own(self, name: str) -> str:
        """Give an address of the service."""
        url, origin = str(self.metadata.get(name, "")), self.place.origin
        if not url.startswith(f"{origin}/"):
            message = f"the metadata of {origin} has no {name} of its own; look which service answers here (--url)"
            raise NotGranted(message)
        return url

    def asked(self, name: str) -> str:
        """Give one at which the application says who it is, or shows what its token is bound to."""
        if not self.place.with_certificate:
            return self.own(name)
        aliases = self.metadata.get("mtls_endpoint_aliases")
        url = str(aliases.get(name, "")) if isinstance(aliases, dict) else str(self.metadata.get(name, ""))
        if self.metadata.get("tls_client_certificate_bound_access_tokens") is not True:
            message = f"the service at {self.place.origin} asks nobody for a certificate; look at its service.mtls_origin"
            raise NotGranted(message)
        if not self.place.takes_certificates(url):
            message = f"certificates are asked for at {url or 'no address'}; if that is right, name its origin with --mtls-url"
            raise NotGranted(message)
        return url

    def asked_if_there(self, name: str) -> str:
        return self.asked(name) if name in self.metadata else ""
