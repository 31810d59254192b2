"""Public keys of applications, as commands are given them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import click

from idp.oauth.client_assertion import METHOD
from idp.oauth.client_keys import MAX_FILE_BYTES, read_key_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors import Connector
    from idp.domain.client import ClientKey

jwks_option: Callable[[Any], Any] = click.option(
    "--jwks",
    "file",
    type=click.File("rb"),
    metavar="FILE",
    help="Its public keys, as a JWK set (- is stdin), for an application that signs and has no secret (private_key_jwt).",
)


def keys_of(connector: Connector, file: BinaryIO | None) -> tuple[ClientKey, ...]:
    """Read the keys that a client of this kind has; none when it has a secret.

    Args:
        connector: its kind.
        file: what was given as `--jwks`.

    Raises:
        click.BadParameter: a client of this kind has no use for keys, or for nothing else.
        KeysRefused: no set of public keys.
    """
    methods = ", ".join(connector.client_auth_methods)
    if file is None:
        if connector.client_auth_methods == (METHOD,):
            message = f"applications of this kind prove themselves by {METHOD} only; give the public keys of this one"
            raise click.BadParameter(message, param_hint="--jwks")
        return ()
    if METHOD not in connector.client_auth_methods:
        setting = f"connectors.{connector.id}.client_auth_methods"
        message = f"applications of this kind prove themselves by {methods}; {setting} in the configuration may name {METHOD}"
        raise click.BadParameter(message, param_hint="--jwks")
    return read_key_set(file.read(MAX_FILE_BYTES + 1))


def shown(client_id: str, keys: tuple[ClientKey, ...]) -> dict[str, object]:
    """Say which keys a client has now."""
    return {"client_id": client_id, "keys": [key.kid for key in keys]}
