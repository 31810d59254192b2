"""Debian's ldap-utils, as an admin uses them: over the network, by simple bind, with passwords in files."""

from __future__ import annotations

import base64
import itertools
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NUMBERS: Iterator[int] = itertools.count(1)


@dataclass(frozen=True, slots=True)
class DirectoryTools:
    """One person's tools.

    Args:
        folder: for password files.
        url: the directory.
        base_dn: its root.
        dn: who they are.
        password_file: theirs.
    """

    folder: Path
    url: str
    base_dn: str
    dn: str
    password_file: Path

    @classmethod
    def of(cls, folder: Path, url: str, base_dn: str, dn: str, password: str) -> DirectoryTools:
        """Give somebody's tools, whose password is put into a file."""
        return cls(folder, url, base_dn, dn, _secret_file(folder, password))

    def as_other(self, dn: str, password: str) -> DirectoryTools:
        """Give another person's tools."""
        return DirectoryTools.of(self.folder, self.url, self.base_dn, dn, password)

    def user_dn(self, uid: str) -> str:
        """Give the DN of a koppelgebruiker."""
        return f"uid={uid},ou=koppelgebruikers,{self.base_dn}"

    def run(self, tool: str, *arguments: str, ldif: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a tool."""
        command = [tool, "-x", "-H", self.url, "-D", self.dn, "-y", str(self.password_file), *arguments]
        return subprocess.run(command, input=ldif, capture_output=True, text=True, check=check)  # noqa: S603  # our own words

    def read(self, dn: str, *attributes: str) -> str:
        """Give one entry as LDIF."""
        return self.run("ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", dn, "-s", "base", *attributes).stdout

    def add(self, dn: str, **values: str | list[str]) -> None:
        """Add an entry."""
        self.run("ldapadd", ldif=f"dn: {dn}\n{_lines(values)}")

    def replace(self, dn: str, *arguments: str, **values: str) -> None:
        """Replace attributes, in one operation."""
        steps = "-\n".join(f"replace: {name}\n{_lines({name: value})}" for name, value in values.items())
        self.run("ldapmodify", *arguments, ldif=f"dn: {dn}\nchangetype: modify\n{steps}")

    def remove(self, dn: str, attribute: str) -> None:
        """Delete an attribute."""
        self.run("ldapmodify", ldif=f"dn: {dn}\nchangetype: modify\ndelete: {attribute}\n")

    def delete(self, dn: str) -> None:
        """Delete an entry."""
        self.run("ldapdelete", dn)

    def set_password(self, dn: str, password: str) -> None:
        """Set a password by the password-modify operation (RFC 3062)."""
        self.run("ldappasswd", "-T", str(_secret_file(self.folder, password)), dn)

    # -- people ------------------------------------------------------------------------------------------------------------

    def add_owner(self, mail: str, password: str | None = None) -> str:
        """Add an owner; gives the DN."""
        dn = f"uid=owner-{next(_NUMBERS)},ou=people,{self.base_dn}"
        policy = f"cn=people,ou=policies,{self.base_dn}"
        self.add(dn, objectClass="inetOrgPerson", cn="Anna de Vries", sn="de Vries", mail=mail, pwdPolicySubentry=policy)
        if password is not None:
            self.set_password(dn, password)
        return dn

    def add_user(self, uid: str, owner_dn: str) -> None:
        """Add a koppelgebruiker, without a password."""
        classes = ["account", "koppelgebruiker"]
        self.add(self.user_dn(uid), objectClass=classes, administratie=f"A-{uid}", owner=owner_dn)


def _lines(values: dict[str, str] | dict[str, str | list[str]]) -> str:
    lines = []
    for name, given in values.items():
        every = given if isinstance(given, list) else [given]
        lines += [f"{name}:: {base64.b64encode(value.encode()).decode()}\n" for value in every]
    return "".join(lines)


def _secret_file(folder: Path, secret: str) -> Path:
    path = folder / f"secret-{next(_NUMBERS)}"
    # No line's end: these tools would take it for a part of the password.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(secret)
    return path
