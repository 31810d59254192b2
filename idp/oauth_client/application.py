"""The application itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.base import STRICT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors import Connector
    from idp.oauth_client.certificate import Certificate
    from idp.oauth_client.dpop_key import DPoPKey
    from idp.oauth_client.http import Wire
    from idp.oauth_client.proof import Proof


@dataclass(frozen=True, slots=True)
class Application:
    """A client of one kind.

    Args:
        connector: its kind.
        client_id: as it was registered.
        proof: how it says who it is.
        wire: sends, and shows `certificate` to whoever asks for one.
        key: that it shows when it asks for tokens, or None (RFC 9449).
        certificate: likewise, in TLS (RFC 8705).
        scopes: that it asks for; none: those that its kind has by default.
    """

    connector: Connector
    client_id: str
    proof: Proof
    wire: Wire
    key: DPoPKey | None = None
    certificate: Certificate | None = None
    scopes: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        """What it asks for, as it is sent (RFC 6749 section 3.3)."""
        return " ".join(self.scopes or self.connector.default_scopes)

    @property
    def pushes(self) -> bool:
        """Whether it brings its requests itself (RFC 9126); at the strict issuer it must."""
        return self.connector.issuer == STRICT or self.connector.pushed_requests == "required"

    @property
    def confirmation(self) -> Mapping[str, str] | None:
        """What its access tokens must say that they are bound to (RFC 7800 section 3.1), or None."""
        if self.key is not None:
            return {"jkt": self.key.thumbprint}  # RFC 9449 section 6.1
        if self.certificate is not None and (self.connector.issuer == STRICT or self.connector.certificate_bound_tokens):
            return {"x5t#S256": self.certificate.thumbprint}  # RFC 8705 section 3.1
        return None
