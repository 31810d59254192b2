"""What the contract is tried in: a directory, and an admin who changes it behind the service's back."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from idp.domain.directory_time import format_generalized_time, parse_generalized_time
from idp.domain.people import Koppelgebruiker, Owner
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.ports.directory import Directory
    from tests.slapd import RunningSlapd

NAME = "U4BBGA0008"
MAIL = "anna@example.nl"
PASSWORD = "een lange eerste wachtzin"
OTHER_PASSWORD = "een heel andere wachtzin"
WRONG = "dit is hem dus echt niet"


class RealClock:
    """The time that slapd goes by as well."""

    def now(self) -> datetime:
        """The moment."""
        return datetime.now(UTC)


class Admin(Protocol):
    """What an admin does with ordinary tooling."""

    def add_owner(self, name: str, mail: str, password: str | None = None) -> Owner:
        """Add an owner."""

    def add_user(self, uid: str, owner: Owner | None = None, password: str | None = None) -> Koppelgebruiker:
        """Add a koppelgebruiker."""

    def delete(self, uid: str) -> None:
        """Delete a koppelgebruiker."""

    def set_password(self, uid: str, password: str) -> None:
        """Write a koppelgebruiker's password, whatever the policy says."""

    def write(self, entry: Koppelgebruiker | Owner, attribute: str, value: str | None) -> None:
        """Write one operational attribute, or delete it."""

    def age(self, entry: Koppelgebruiker | Owner, by: timedelta) -> None:
        """Put the last change of a password back in time."""


@dataclass(frozen=True)
class SlapdAdmin:
    """An admin at a real slapd."""

    slapd: RunningSlapd
    directory: Directory

    def add_owner(self, name: str, mail: str, password: str | None = None) -> Owner:
        """Add an owner."""
        dn = f"uid={uuid.uuid4()},{PEOPLE_DN}"
        values = {
            "objectClass": "inetOrgPerson",
            "cn": name,
            "sn": name.rsplit(maxsplit=1)[-1],
            "mail": mail,
            "userPassword": password,
        }
        self._add(dn, {**values, "pwdPolicySubentry": f"cn=people,ou=policies,{BASE_DN}"})
        return self.directory.find_owner(dn)

    def add_user(self, uid: str, owner: Owner | None = None, password: str | None = None) -> Koppelgebruiker:
        """Add a koppelgebruiker."""
        dn = f"uid={uid},{USERS_DN}"
        owner_dn = owner.dn if owner else f"uid=somebody,{PEOPLE_DN}"
        classes = {"objectClass": "account", "ObjectClass": "koppelgebruiker"}
        self._add(dn, {**classes, "administratie": f"A-{uid}", "owner": owner_dn, "userPassword": password})
        return self.directory.find_user(uid)

    def delete(self, uid: str) -> None:
        """Delete a koppelgebruiker."""
        self.slapd.tool("ldapdelete", f"uid={uid},{USERS_DN}")

    def set_password(self, uid: str, password: str) -> None:
        """Write a koppelgebruiker's password."""
        self.slapd.write(f"uid={uid},{USERS_DN}", "userPassword", password)

    def write(self, entry: Koppelgebruiker | Owner, attribute: str, value: str | None) -> None:
        """Write one operational attribute, or delete it."""
        self.slapd.write(_dn(entry), attribute, value)

    def age(self, entry: Koppelgebruiker | Owner, by: timedelta) -> None:
        """Put the last change of a password back in time; only this attribute needs the control *relax*."""
        changed = parse_generalized_time(self.slapd.read(_dn(entry), "pwdChangedTime")[0])
        assert changed is not None
        self.slapd.write(_dn(entry), "pwdChangedTime", format_generalized_time(changed - by), "-e", "relax")

    def _add(self, dn: str, values: dict[str, str | None]) -> None:
        lines = [f"{name}:: {base64.b64encode(value.encode()).decode()}" for name, value in values.items() if value]
        self.slapd.tool("ldapadd", ldif=f"dn: {dn}\n" + "\n".join(lines) + "\n")


@dataclass(frozen=True)
class World:
    """A directory, and hands to reach into it.

    Args:
        directory: as the service has it.
        admin: who changes it.
        go_away: makes it answer nobody.
        come_back: undoes that.
    """

    directory: Directory
    admin: Admin
    go_away: Callable[[], None]
    come_back: Callable[[], None]

    @property
    def user(self) -> Koppelgebruiker:
        """The koppelgebruiker of most tests, as it is now."""
        return self.directory.find_user(NAME)

    def user_with_password(self, password: str = PASSWORD, age: timedelta = timedelta(days=2)) -> Koppelgebruiker:
        """Add the koppelgebruiker, whose password was set a while ago."""
        self.admin.age(self.admin.add_user(NAME, password=password), age)
        return self.user

    def owner_with_password(self, password: str = PASSWORD) -> Owner:
        """Add an owner whose portal password was set a while ago."""
        owner = self.admin.add_owner("Anna de Vries", MAIL, password)
        self.admin.age(owner, timedelta(days=2))
        return self.directory.find_owner(owner.dn)


def in_time(step: timedelta) -> str:
    """Give the moment a step from now, as the directory writes it."""
    return format_generalized_time(RealClock().now() + step)


def _dn(entry: Koppelgebruiker | Owner) -> str:
    return entry.dn if isinstance(entry, Owner) else f"uid={entry.uid},{USERS_DN}"
