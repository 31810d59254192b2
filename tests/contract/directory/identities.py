"""Who may do what: one identity of each kind, and what happens when it tries something with ordinary tools."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.contract.directory.worlds import NAME, PASSWORD
from tests.slapd import SUPPORT_DN, USERS_DN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract.directory.worlds import World
    from tests.slapd import RunningSlapd

USER_DN = f"uid={NAME},{USERS_DN}"
SUPPORTER_DN = f"cn=els,{SUPPORT_DN}"

DONE = 0
NO_SUCH_OBJECT = 32
INSUFFICIENT_ACCESS = 50


@dataclass(frozen=True)
class Identity:
    """Somebody at a terminal.

    Args:
        slapd: the server.
        dn: whom they bind as; None: nobody.
        password_file: their password, without a line's end.
    """

    slapd: RunningSlapd
    dn: str | None
    password_file: Path

    def tool(self, name: str, *arguments: str, ldif: str = "") -> subprocess.CompletedProcess[str]:
        """Run one of ldap-utils; its status is the LDAP result."""
        bind = ["-D", self.dn, "-y", str(self.password_file)] if self.dn else []
        command = [name, "-x", *bind, "-H", self.slapd.embedded.ldap_url, *arguments]
        return subprocess.run(command, input=ldif, capture_output=True, text=True, check=False)  # noqa: S603  # our own words

    def search(self, base: str, condition: str = "(objectClass=*)", *attributes: str, scope: str = "sub") -> str:
        """Give what is found, as LDIF; empty when nothing is."""
        options = ("-LLL", "-o", "ldif-wrap=no", "-b", base, "-s", scope)
        return self.tool("ldapsearch", *options, condition, *(attributes or ("*", "+"))).stdout

    def change(self, dn: str, how: str, attribute: str, value: str | None) -> int:
        """Try to add, replace or delete a value."""
        values = f"{attribute}: {value}\n" if value is not None else ""
        return self.tool("ldapmodify", ldif=f"dn: {dn}\nchangetype: modify\n{how}: {attribute}\n{values}").returncode

    def replace(self, dn: str, attribute: str, value: str | None) -> int:
        """Try to replace or delete an attribute."""
        return self.change(dn, "replace", attribute, value)

    def add_value(self, dn: str, attribute: str, value: str) -> int:
        """Try to add a value."""
        return self.change(dn, "add", attribute, value)


@dataclass(frozen=True)
class Cast:
    """One of each."""

    service: Identity
    supporter: Identity
    owner: Identity
    user: Identity
    stranger: Identity
    admin: Identity

    @classmethod
    def assemble(cls, slapd: RunningSlapd, world: World, folder: Path) -> Cast:
        """Make an owner, their user and a supporter."""
        embedded = slapd.embedded
        owner = world.owner_with_password()
        world.admin.age(world.admin.add_user(NAME, owner, PASSWORD), timedelta(days=2))
        slapd.tool("ldapadd", ldif=_SUPPORTER.format(dn=SUPPORTER_DN, password=PASSWORD))
        common = folder / "password"
        common.write_text(PASSWORD)
        return cls(
            service=Identity(slapd, embedded.service_dn, embedded.service_password_file),
            supporter=Identity(slapd, SUPPORTER_DN, common),
            owner=Identity(slapd, owner.dn, common),
            user=Identity(slapd, USER_DN, common),
            stranger=Identity(slapd, None, common),
            admin=Identity(slapd, embedded.admin_dn, embedded.admin_password_file),
        )

    @property
    def owner_dn(self) -> str:
        """The owner's."""
        assert self.owner.dn is not None
        return self.owner.dn


_SUPPORTER = """dn: {dn}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: els
userPassword: {password}
"""
