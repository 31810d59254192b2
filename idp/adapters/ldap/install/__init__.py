"""Making a directory of one's own fit for the service: what is missing is added, what is otherwise is told and left alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.adapters.ldap.install.configuration import ConfigurationPlanner, bare_config
from idp.adapters.ldap.install.entries import EntryPlanner
from idp.adapters.ldap.install.others import Others
from idp.adapters.ldap.install.plan import Plan, Templates
from idp.adapters.ldap.server_config import ServerConfig

if TYPE_CHECKING:
    from datetime import timedelta

    from idp.adapters.directory_templates import Naming
    from idp.adapters.ldap.view import View

__all__ = ["Installer", "Plan"]


@dataclass(frozen=True, slots=True)
class Installer:
    """Plans what is to be added, and adds it.

    Args:
        naming: the names in the directory.
        cooldown: between two changes of a password.
        operator: who adds entries.
        configurer: who adds to the server's configuration.
        argon2_cost: arguments of slapd's argon2 module.
        log_folder: an empty folder on the server for the log of changes, or None.
    """

    naming: Naming
    cooldown: timedelta
    operator: View
    configurer: View
    argon2_cost: str
    log_folder: str | None = None

    @property
    def templates(self) -> Templates:
        """What it should be."""
        return Templates(self.naming, self.cooldown, self.argon2_cost)

    def configuration(self) -> Plan | None:
        """Plan for the server's configuration; None when that is hidden from who configures. Raises `DirectoryUnavailable`."""
        config = ServerConfig.read(self.configurer, self.naming.base_dn)
        return self._plan(config) if config else None

    def advice(self) -> Plan:
        """Plan for the configuration of a server that has nothing of ours yet, for whoever may change it."""
        return self._plan(bare_config(self.naming.base_dn))

    def _plan(self, config: ServerConfig) -> Plan:
        others = Others(self.naming, self.operator)
        return ConfigurationPlanner(self.templates, config, self.log_folder, others).plan()

    def entries(self, service_password: str) -> Plan:
        """Plan for the entries. Raises `DirectoryUnavailable`."""
        return EntryPlanner(self.templates, self.operator, service_password).plan()

    def has_service(self) -> bool:
        """Tell whether the service's account is there."""
        return self.operator.read(self.naming.service_dn, "1.1") is not None

    def hashes_decoy(self) -> bool:
        """Tell whether the decoy's password was hashed; one that stays in the clear costs nothing to check, and is taken away."""
        decoy = self.operator.read(self.naming.decoy_dn, "userPassword")
        hashed = decoy.first("userPassword") if decoy else None
        if hashed is None or hashed.upper().startswith("{ARGON2}"):
            return True
        self.operator.writer.delete_entry(self.naming.decoy_dn)
        return False
