"""How the application of `idp connector try` gets in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from connectors.base import DEVICE_CODE
from idp.cli.secret_input import secret_of
from idp.cli.table import text_of
from idp.errors import NotGranted
from idp.oauth_client.by_code import CODE_GRANT, ByCode
from idp.oauth_client.by_device import ByDevice
from idp.oauth_client.by_itself import CLIENT_GRANT, ByItself
from idp.oauth_client.by_password import PASSWORD_GRANT, ByPassword
from idp.oauth_client.loopback import listening

if TYPE_CHECKING:
    from contextlib import ExitStack

    from connectors import Connector
    from idp.oauth_client.ways import Way

GRANTS = {"password": PASSWORD_GRANT, "code": CODE_GRANT, "device": DEVICE_CODE, "client": CLIENT_GRANT}
"""By what `--grant` calls it; the first that a kind has is its usual one."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Those of one kind.

    Args:
        connector: the kind.
        username: of the koppelgebruiker, or None.
        password_file: see `secret_of`.
        port: for an owner's browser; 0 for any.
    """

    connector: Connector
    username: str | None
    password_file: str | None
    port: int

    def grant(self, wanted: str | None) -> str:
        """Choose, before anything is asked for.

        Args:
            wanted: one of `GRANTS`, or None for the usual one.

        Raises:
            NotGranted: its kind has none of them.
            click.UsageError: a password without whose it is.
        """
        known = [grant for grant in GRANTS.values() if grant in self.connector.grants]
        if not known and wanted is None:
            message = f"clients of {self.connector.id} get in by {', '.join(self.connector.grants)} alone, which is no way in"
            raise NotGranted(message)
        chosen = GRANTS[wanted] if wanted else known[0]
        if chosen == PASSWORD_GRANT and self.username is None:
            others = [name for name, grant in GRANTS.items() if grant in known[1:]]
            message = "a password is somebody's: name the koppelgebruiker with --username"
            raise click.UsageError(message + (f", or try --grant {others[0]}" if others else ""))
        return chosen

    def way(self, grant: str, stack: ExitStack) -> Way:
        """Give the way of a grant.

        Args:
            grant: chosen by `grant`.
            stack: ends what it needs meanwhile.
        """
        if grant == CODE_GRANT:
            return ByCode(stack.enter_context(listening(self.port)), _tell_address)
        if grant == DEVICE_CODE:
            return ByDevice(_tell_code)
        if grant == CLIENT_GRANT:
            return ByItself()
        assert self.username is not None  # noqa: S101  # looked at above, before anything was asked for
        return ByPassword(self.username, secret_of(f"Password of {self.username}", self.password_file, "password"))


def _tell_address(address: str) -> None:
    click.echo(f"Open this in a browser, as the owner of a koppelgebruiker:\n{text_of(address)}", err=True)


def _tell_code(code: str, address: str) -> None:
    click.echo(f"Type {text_of(code)} there, as the owner of a koppelgebruiker:\n{text_of(address)}", err=True)
