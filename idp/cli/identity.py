"""Who the operator is: commands that change the directory bind as them, never as the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from idp.adapters.ldap import LdapOperator, SimpleBind, SocketIdentity
from idp.cli.secret_input import secret_of
from idp.errors import ConfigurationError
from idp.outside import ldap_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.adapters.ldap import LdapServer
    from idp.adapters.ldap.server import Identity
    from idp.settings import Settings

as_option: Callable[[Any], Any] = click.option(
    "--as", "dn", envvar="IDP_AS", metavar="DN", help="Who you are in the directory; otherwise, whoever you are on its socket."
)
password_file_option: Callable[[Any], Any] = click.option(
    "--password-file",
    envvar="IDP_PASSWORD_FILE",
    metavar="FILE",
    help="Your password; - reads it from stdin. Asked for otherwise.",
)
config_dn_option: Callable[[Any], Any] = click.option(
    "--config-dn", metavar="DN", help="Who sees and may change cn=config, if that is another than --as."
)
config_password_file_option: Callable[[Any], Any] = click.option(
    "--config-password-file", metavar="FILE", help="The password of --config-dn; asked for otherwise."
)


def open_operator(settings: Settings, dn: str | None, password_file: str | None) -> LdapOperator:
    """Give the directory as this operator sees it; nothing is connected yet.

    Args:
        settings: where the directory is.
        dn: of the operator, or None for SASL EXTERNAL on the directory's socket.
        password_file: a file, ``-`` for stdin, or None to be asked.

    Raises:
        ConfigurationError: without a DN there must be a socket; or the password can't be read, or is empty.
    """
    server = ldap_server(settings.directory)
    operator = operator_identity(server, dn, password_file)
    return LdapOperator(server=server, base_dn=settings.directory.base_dn, operator=operator)


def operator_identity(server: LdapServer, dn: str | None, password_file: str | None) -> Identity:
    """Say who the operator is at a server. Arguments and errors as `open_operator`."""
    if dn is not None:
        # With an empty one, the directory would take us for nobody (RFC 4513 section 5.1.2).
        return SimpleBind(dn, secret_of(f"Password of {dn}", password_file, "password"))
    if not server.url.startswith("ldapi:"):
        message = "say who you are in the directory: --as DN"
        raise ConfigurationError(message)
    return SocketIdentity()
