"""`idp directory install`: adds to a directory of one's own what the service needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from idp.adapters.directory_templates import Naming
from idp.adapters.ldap import SimpleBind
from idp.adapters.ldap.install import Installer
from idp.adapters.ldap.install.service_password import keep_password, new_password
from idp.adapters.ldap.view import View
from idp.adapters.slapd_files import ARGON2_COST
from idp.cli.identity import (
    as_option,
    config_dn_option,
    config_password_file_option,
    operator_identity,
    password_file_option,
)
from idp.cli.root import settings_of
from idp.errors import ConfigurationError, DirectoryUnavailable
from idp.outside import ldap_server
from idp.settings import read_secret

if TYPE_CHECKING:
    from pathlib import Path

    from idp.adapters.ldap import LdapServer
    from idp.adapters.ldap.install import Plan
    from idp.settings import DirectorySettings


_HIDDEN = (
    "not added, since the server's configuration is hidden; for whoever may change it (ldapmodify -c passes over what is there):"
)


@click.command()
@as_option
@password_file_option
@config_dn_option
@config_password_file_option
@click.option("--log-folder", metavar="DIR", help="An empty folder on the server, slapd's own: changes are logged there.")
@click.option("--argon2", default=ARGON2_COST, show_default=True, help="Cost of password hashes.")
@click.option("--dry-run", is_flag=True, help="Only show what would be added, as LDIF.")
@click.pass_context
def install(  # noqa: PLR0913  # one for each option
    ctx: click.Context,
    dn: str | None,
    password_file: str | None,
    config_dn: str | None,
    config_password_file: str | None,
    log_folder: str | None,
    argon2: str,
    *,
    dry_run: bool,
) -> None:
    """Add to the directory what it lacks; what is there but otherwise is told, and left alone."""
    configured = settings_of(ctx).directory
    server = ldap_server(configured)
    operator = View(server, operator_identity(server, dn, password_file))
    configurer = View(server, operator_identity(server, config_dn, config_password_file)) if config_dn else operator
    ctx.call_on_close(operator.close)
    ctx.call_on_close(configurer.close)
    naming = Naming(configured.base_dn, configured.service_dn, configured.decoy_dn)
    cooldown = timedelta(hours=configured.cooldown_h)
    installer = Installer(naming, cooldown, operator, configurer, argon2, log_folder)
    _Installation(installer, server, configured, dry_run).run()


@dataclass(frozen=True, slots=True)
class _Installation:
    installer: Installer
    server: LdapServer
    configured: DirectorySettings
    dry_run: bool

    def run(self) -> None:
        """Do all of it; the configuration first, since entries need schema and policy."""
        configuration = self.installer.configuration()
        password = self._service_password()
        if configuration is None:
            self._show(_HIDDEN, self.installer.advice())
        else:
            self._add(configuration, self.installer.configurer)
        entries = self.installer.entries(password)
        self._add(entries, self.installer.operator)
        if not self.dry_run and not self.installer.hashes_decoy():
            _remark(
                f"{self.configured.decoy_dn} was taken away again: the server does not hash passwords yet; then run this again"
            )
        if configuration is not None and not configuration.changes and not entries.changes:
            _remark("nothing to add")

    def _service_password(self) -> str:
        path = self.configured.password_file
        if path is None:
            message = "directory.password_file is missing; the password of directory.service_dn is to be kept there"
            raise ConfigurationError(message)
        if self.installer.has_service():
            self._assert_same(path)
        elif not path.exists():
            password = new_password()
            if not self.dry_run:
                keep_password(path, password)
            return password
        return read_secret(path)

    def _assert_same(self, path: Path) -> None:
        dn = self.configured.service_dn
        view = View(self.server, SimpleBind(dn, read_secret(path)))
        try:
            view.who_am_i()
        except DirectoryUnavailable as exc:
            message = f"{dn} is there, with another password than {path} holds; put the right one there"
            raise ConfigurationError(message) from exc
        finally:
            view.close()

    def _add(self, plan: Plan, view: View) -> None:
        for change in plan.changes:
            if self.dry_run:
                click.echo(change.ldif())
            else:
                change.send(view.writer)
                click.echo(f"added to {change.dn}" if "changetype: modify" in change.ldif() else f"added {change.dn}")
        for remark in plan.remarks:
            _remark(remark)

    def _show(self, sentence: str, plan: Plan) -> None:
        _remark(sentence)
        for change in plan.changes:
            click.echo(change.ldif())


def _remark(sentence: str) -> None:
    click.echo(f"# {sentence}", err=True)
