"""The directory that is looked at, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ldap3 import SUBTREE

from idp.adapters.ldap.border import TooMuchToRead
from idp.adapters.ldap.entries import USER_ATTRIBUTES, user_faults
from idp.adapters.ldap.people import OWNERS, USERS, Search
from idp.adapters.ldap.server_config import ServerConfig
from idp.adapters.ldap.tree import Tree
from idp.adapters.ldap.view import View

if TYPE_CHECKING:
    from datetime import timedelta

    from idp.adapters.ldap.entries import Entry
    from idp.adapters.ldap.server import Identity, LdapServer, SimpleBind
    from idp.ports.outside import Clock

_FEW = 20


@dataclass(frozen=True)
class Site:
    """A directory as it is configured, seen as the service and, it may be, as an operator.

    Args:
        server: how to reach it.
        base_dn: its root.
        service: the service's identity.
        decoy_dn: entry that unknown names bind to.
        cooldown: between two changes of a password.
        clock: the time.
        operator: somebody who sees more; None: nobody.
        configurer: somebody who sees the server's configuration, if that is another than the operator.
        at_most: how many owners and users are looked at; None: all.
    """

    server: LdapServer
    base_dn: str
    service: SimpleBind
    decoy_dn: str
    cooldown: timedelta
    clock: Clock
    operator: Identity | None = None
    configurer: Identity | None = None
    at_most: int | None = None

    @cached_property
    def tree(self) -> Tree:
        """Where entries are."""
        return Tree(self.base_dn)

    @cached_property
    def as_service(self) -> View:
        """What the service sees."""
        return View(self.server, self.service)

    @cached_property
    def as_operator(self) -> View | None:
        """What the operator sees."""
        return View(self.server, self.operator) if self.operator is not None else None

    @cached_property
    def as_configurer(self) -> View | None:
        """What the one sees who sees the configuration."""
        return View(self.server, self.configurer) if self.configurer is not None else self.as_operator

    @cached_property
    def as_nobody(self) -> View:
        """What strangers see, who don't bind."""
        return View(self.server, None)

    @cached_property
    def as_anybody(self) -> View:
        """What the one sees who sees most."""
        return self.as_operator or self.as_service

    @cached_property
    def config(self) -> ServerConfig | None:
        """The server's configuration; None when it is hidden."""
        if self.as_configurer is None:
            return None
        return ServerConfig.read(self.as_configurer, self.base_dn)

    @cached_property
    def probe(self) -> str:
        """The DN on which it is tried what the service may do, without effect."""
        # Rules may be about users only, or about all below the container: a user is the better witness.
        # Not one that overlays would refuse for a fault of its own, which would look like a missing right.
        users = self._few(self.tree.users_dn, USER_ATTRIBUTES)
        return next((user.dn for user in users if not any(user_faults(user))), self.tree.users_dn)

    def witnesses(self, container_dn: str) -> list[str]:
        """Name a few users or owners; none where there are too many for whoever looks to be given a list."""
        return [entry.dn for entry in self._few(container_dn, ("1.1",))]

    def _few(self, container_dn: str, attributes: tuple[str, ...]) -> list[Entry]:
        condition = USERS if container_dn == self.tree.users_dn else OWNERS
        try:
            return self.as_anybody.some(Search(container_dn, SUBTREE, condition, attributes))[:_FEW]
        except TooMuchToRead:
            return []

    def close(self) -> None:
        """Let go of kept connections."""
        for view in (self.as_service, self.as_operator, self.as_configurer, self.as_nobody):
            if view is not None:
                view.close()
