"""An application that proves itself by a certificate, in a world of the token service behind a proxy that asks for one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.oauth.registered_certificate import read_certificates
from tests.client_certificates import NAMES, MadeCertificate
from tests.oauth.world import BACK, PASSWORD, USERNAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.domain.client import ClientCertificate
    from tests.oauth.world import Answered, World

MTLS_ORIGIN = "https://mtls.login.example"
PROXY = "192.0.2.80"
BEHIND_PROXY = {"mtls_origin": MTLS_ORIGIN, "trusted_proxies": (f"{PROXY}/32",)}
WITH_CERTIFICATES = {"ing": {"client_auth_methods": ("tls_client_auth", "self_signed_tls_client_auth")}}
"""What the configuration says of a proxy that asks, and of a bank that has certificates."""

UNVERIFIED = "FAILED:self-signed certificate"
"""What nginx says of a certificate of nobody that it trusts."""


@dataclass
class Certified:
    """A bank with a certificate.

    Args:
        world: where it asks for tokens.
        client_id: what it is called.
        made: the certificate.
    """

    world: World
    client_id: str = "ing-1"
    made: MadeCertificate = field(init=False)

    def __post_init__(self) -> None:
        """Have a certificate made."""
        self.made = self.another()

    def another(self, **other: object) -> MadeCertificate:
        """Have another one made, alike in all but its key unless the test says otherwise."""
        return MadeCertificate.made(**{"names": NAMES, "at": self.world.clock.now(), **other})  # type: ignore[arg-type]  # what it takes

    def register(self, *known_by: ClientCertificate, kind: str = "ing") -> Certified:
        """Be registered by a name, or else by the certificate itself."""
        given = known_by or read_certificates(self.made.pem, self.world.clock.now())
        self.world.parts.clients.add_with_keys(kind, "ING", given, "operator:test", self.client_id, (BACK,))
        return self

    def ask(
        self,
        headers: Mapping[str, str] | None = None,
        /,
        path: str = "/oauth/token",
        address: str = PROXY,
        **form: str,
    ) -> Answered:
        """Ask for a token, or for something else at another address, with what nginx says of the certificate."""
        right = {"grant_type": "password", "username": USERNAME, "password": PASSWORD, "token": "x", "client_id": self.client_id}
        sent = self.made.headers(UNVERIFIED) if headers is None else headers
        return self.world.post(path, None, {**right, **form}, headers=sent, address=address)
