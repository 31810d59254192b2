"""`idp directory`: a directory of one's own, made fit for the service, and looked at."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from idp.adapters.ldap import SocketIdentity
from idp.adapters.ldap.checks import Finding, Site, look
from idp.adapters.ldap.view import View
from idp.adapters.system_clock import SystemClock
from idp.cli.directory_install import install
from idp.cli.identity import (
    as_option,
    config_dn_option,
    config_password_file_option,
    operator_identity,
    password_file_option,
)
from idp.cli.output import json_option, show_rows
from idp.cli.progress import progress
from idp.cli.root import settings_of
from idp.errors import DirectoryUnavailable, Forbidden, IdpError
from idp.outside import ldap_server, service_identity

if TYPE_CHECKING:
    from idp.adapters.ldap.server import Identity
    from idp.settings import Settings


class DirectoryNotFit(IdpError):
    """Something in the directory would hurt us."""

    description = "The directory is not as it should be."


@click.group()
def directory() -> None:
    """A directory of your own."""


@directory.command()
@as_option
@password_file_option
@config_dn_option
@config_password_file_option
@json_option
@click.pass_context
def check(
    ctx: click.Context,
    dn: str | None,
    password_file: str | None,
    config_dn: str | None,
    config_password_file: str | None,
    *,
    as_json: bool,
) -> None:
    """Look for whatever would hurt the service, and say how to mend it. Changes nothing; sees more with --as."""
    settings = settings_of(ctx)
    operator = _looking_operator(settings, dn, password_file)
    server = ldap_server(settings.directory)
    site = site_of(settings, operator, operator_identity(server, config_dn, config_password_file) if config_dn else None)
    ctx.call_on_close(site.close)
    with progress(site.clock, "looks", 100) as bar:
        found = look(site, lambda name, part: bar.at(round(100 * part), name))
        bar.at(100, "")
    if as_json:
        show_rows((_row(finding) for finding in found), as_json=True)
    else:
        click.echo("\n".join(_line(finding) for finding in found) or "all is well")
    if any(finding.is_wrong for finding in found):
        raise DirectoryNotFit


directory.add_command(install)


def site_of(
    settings: Settings, operator: Identity | None = None, configurer: Identity | None = None, at_most: int | None = None
) -> Site:
    """Give the configured directory, to be looked at. Raises `ConfigurationError`."""
    configured = settings.directory
    return Site(
        server=ldap_server(configured),
        base_dn=configured.base_dn,
        service=service_identity(configured),
        decoy_dn=configured.decoy_dn,
        cooldown=timedelta(hours=configured.cooldown_h),
        clock=SystemClock(),
        operator=operator,
        configurer=configurer,
        at_most=at_most,
    )


def _looking_operator(settings: Settings, dn: str | None, password_file: str | None) -> Identity | None:
    server = ldap_server(settings.directory)
    if dn is None and not server.url.startswith("ldapi:"):
        return None
    operator = operator_identity(server, dn, password_file)
    try:
        sees = View.sees(server, operator, settings.directory.base_dn)
    except DirectoryUnavailable:
        sees = False
    if not sees and not isinstance(operator, SocketIdentity):
        message = f"{dn} is refused, or sees nothing of {settings.directory.base_dn}"
        raise Forbidden(message)
    return operator if sees else None


def _row(finding: Finding) -> dict[str, object]:
    return {"check": finding.check, "wrong": finding.is_wrong, "problem": finding.problem, "remedy": finding.remedy}


def _line(finding: Finding) -> str:
    return f"{'wrong ' if finding.is_wrong else 'unseen'}  {finding.check}: {finding.problem}; {finding.remedy}"
