"""What applications without a secret prove themselves by, as commands are given it: keys to sign with, or a certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, TypedDict

import click

from connectors.base import CERTIFICATE_METHODS, SELF_SIGNED, TLS_CLIENT_AUTH
from idp.adapters.system_clock import SystemClock
from idp.cli.root import settings_of
from idp.oauth import client_keys, registered_certificate
from idp.oauth.client_assertion import METHOD

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors import Connector
    from idp.domain.client import Client, ClientCertificate, Proof


class Given(TypedDict):
    """The options, of which one at most is given."""

    jwks: BinaryIO | None
    certificate: BinaryIO | None
    tls_subject_dn: str | None
    tls_san_dns: str | None
    tls_san_uri: str | None


_METHODS = {
    "jwks": METHOD,
    "certificate": SELF_SIGNED,
    "tls_subject_dn": TLS_CLIENT_AUTH,
    "tls_san_dns": TLS_CLIENT_AUTH,
    "tls_san_uri": TLS_CLIENT_AUTH,
}
_NO_SECRET = {METHOD, *CERTIFICATE_METHODS}
_OPTIONS = (
    click.option(
        "--jwks",
        type=click.File("rb"),
        metavar="FILE",
        help="Its public keys, as a JWK set (- is stdin), for an application that signs and has no secret (private_key_jwt).",
    ),
    click.option(
        "--certificate",
        type=click.File("rb"),
        metavar="FILE",
        help="Its certificate as PEM (- is stdin), whoever has issued it, shown in TLS in the place of a secret; one or more of "
        "them (self_signed_tls_client_auth).",
    ),
    click.option(
        "--tls-subject-dn",
        metavar="DN",
        help="Or the subject of its certificate, which an authority that the proxy trusts has issued (tls_client_auth).",
    ),
    click.option("--tls-san-dns", metavar="NAME", help="Or a DNS name in such a certificate."),
    click.option("--tls-san-uri", metavar="URI", help="Or a URI in such a certificate."),
)


def proof_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of `Given`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def proof_of(ctx: click.Context, connector: Connector, given: Given) -> tuple[Proof, ...]:
    """Read what a client of this kind proves itself by; nothing when it has a secret.

    Args:
        ctx: of the command.
        connector: its kind.
        given: the options.

    Raises:
        click.BadParameter: a client of this kind has no use for it, or for nothing else, or nobody asks for certificates.
        click.UsageError: more than one.
        KeysRefused: no set of public keys.
        CertificateRefused: no certificate, or no name in one.
    """
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        message = f"an application proves itself in one way: give one of {', '.join(map(_option, named))}"
        raise click.UsageError(message, ctx)
    if named:
        _assert_of_use(ctx, connector, named[0])
        return _read(given)
    if set(connector.client_auth_methods) <= _NO_SECRET:
        methods = ", ".join(connector.client_auth_methods)
        options = [_option(name) for name, method in _METHODS.items() if method in connector.client_auth_methods]
        message = f"applications of this kind prove themselves by {methods} only; give {', '.join(options)}"
        raise click.BadParameter(message, ctx, param_hint=options[0])
    return ()


def spelt(certificates: tuple[ClientCertificate, ...]) -> list[str]:
    """Say what a client's certificate is known by."""
    return [f"{known.by} {known.value}" for known in certificates]


def shown(client: Client) -> dict[str, object]:
    """Say which keys a client has now, or which certificate."""
    if client.keys:
        return {"client_id": client.client_id, "keys": [key.kid for key in client.keys]}
    return {"client_id": client.client_id, "certificates": spelt(client.certificates)}


def _assert_of_use(ctx: click.Context, connector: Connector, name: str) -> None:
    methods, method = connector.client_auth_methods, _METHODS[name]
    if method not in methods:
        setting = f"connectors.{connector.id}.client_auth_methods"
        known = ", ".join(methods)
        message = f"applications of this kind prove themselves by {known}; {setting} in the configuration may name {method}"
        raise click.BadParameter(message, ctx, param_hint=_option(name))
    if method in CERTIFICATE_METHODS and settings_of(ctx).service.mtls_origin is None:
        message = "no application is asked for a certificate; service.mtls_origin in the configuration says where it is"
        raise click.BadParameter(message, ctx, param_hint=_option(name))


def _read(given: Given) -> tuple[Proof, ...]:
    if given["jwks"] is not None:
        return client_keys.read_key_set(given["jwks"].read(client_keys.MAX_FILE_BYTES + 1))
    if given["certificate"] is not None:
        text = given["certificate"].read(registered_certificate.MAX_FILE_BYTES + 1)
        return registered_certificate.read_certificates(text, SystemClock().now())
    names = (
        (given["tls_subject_dn"], registered_certificate.read_subject_dn),
        (given["tls_san_dns"], registered_certificate.read_san_dns),
        (given["tls_san_uri"], registered_certificate.read_san_uri),
    )
    return tuple(read(text) for text, read in names if text is not None)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
