"""How the application of `idp connector try` says who it is, which key it shows, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from connectors.base import CERTIFICATE_METHODS, PUBLIC, STRICT
from idp.cli.secret_input import secret_of
from idp.oauth_client.application import Application
from idp.oauth_client.certificate import Certificate
from idp.oauth_client.dpop_key import DPoPKey
from idp.oauth_client.http import Wire
from idp.oauth_client.proof import METHODS, PRIVATE_KEY_JWT, ByKey, ByName, BySecret

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors import Connector
    from idp.oauth_client.proof import Proof

_FILE = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = (
    click.option("--client-secret-file", metavar="FILE", help="The client's secret; - reads it from stdin. Asked for otherwise."),
    click.option("--client-key-file", type=_FILE, help="The client's private key, as a JWK or in PEM, for private_key_jwt."),
    click.option(
        "--client-certificate-file", type=_FILE, help="The client's certificate and its private key, as PEM in one file, for TLS."
    ),
    click.option("--auth-method", type=click.Choice(METHODS), help="How the client authenticates; as its kind does otherwise."),
    click.option("--dpop", is_flag=True, help="Show a key (DPoP) where its kind need not."),
    click.option("--scope", "scopes", multiple=True, help="Asked for instead of its kind's default; any number of them."),
    click.option("--ca-file", type=_FILE, help="Authorities to trust, as PEM; else the system's."),
)


class Given(TypedDict):
    """The options."""

    client_secret_file: str | None
    client_key_file: Path | None
    client_certificate_file: Path | None
    auth_method: str | None
    dpop: bool
    scopes: tuple[str, ...]
    ca_file: Path | None


def application_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of `Given`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def application_of(connector: Connector, client_id: str, given: Given) -> Application:
    """Put the application together.

    Args:
        connector: its kind.
        client_id: as it was registered.
        given: the options.

    Raises:
        click.BadParameter: a file is missing that its way of authentication needs.
        ConfigurationError: a file can't be read, or holds something else.
    """
    proof = _Proofs(connector, client_id, given).proof()
    file = given["client_certificate_file"]
    certificate = Certificate.read(file) if file is not None else None
    # RFC 9449 section 5.2; and FAPI 2.0 section 5.3.2.1: one of the two there must be.
    with_key = given["dpop"] or connector.dpop_bound_tokens or (connector.issuer == STRICT and certificate is None)
    wire = Wire(given["ca_file"], certificate=certificate)
    return Application(connector, client_id, proof, wire, DPoPKey() if with_key else None, certificate, given["scopes"])


@dataclass(frozen=True, slots=True)
class _Proofs:
    connector: Connector
    client_id: str
    given: Given

    def proof(self) -> Proof:
        method = self._method()
        if method == PUBLIC:
            return ByName(self.client_id)
        if method == PRIVATE_KEY_JWT:
            file = self._needed("client_key_file", f"with {PRIVATE_KEY_JWT} the client signs: give its private key")
            return ByKey.read(self.client_id, file)
        if method in CERTIFICATE_METHODS:
            self._needed("client_certificate_file", f"with {method} the client shows a certificate in TLS: give it, with its key")
            return ByName(self.client_id)
        secret = secret_of(f"Secret of the client {self.client_id}", self.given["client_secret_file"], "client secret")
        return BySecret(self.client_id, secret, method)

    def _method(self) -> str:
        """Take what was named, or what a file was given for, or else the first that its kind knows."""
        if self.given["auth_method"]:
            return self.given["auth_method"]
        if self.given["client_key_file"] is not None:
            return PRIVATE_KEY_JWT
        known = self.connector.client_auth_methods
        with_certificate = [method for method in known if method in CERTIFICATE_METHODS]
        if self.given["client_certificate_file"] is not None and with_certificate:
            return with_certificate[0]
        return known[0]

    def _needed(self, name: str, message: str) -> Path:
        file: Path | None = self.given[name]  # type: ignore[literal-required]  # a key of it
        if file is None:
            raise click.BadParameter(message, param_hint="--" + name.replace("_", "-"))
        return file
