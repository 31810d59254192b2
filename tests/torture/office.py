"""What admins do, with Debian's tools, on the directory's own machine; and what they see there."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from ldap3 import NONE as NO_SCHEMA
from ldap3 import Connection, Server
from ldap3.core.exceptions import LDAPException

from tests.torture import facts
from tests.torture.asking import NotNow
from tests.torture.court import Excuse
from tests.torture.model import Account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.tools import DirectoryTools
    from tests.torture.court import Court
    from tests.torture.place import Place

_LONG_PAST = "19700101000000Z"
_PATIENCE_S = 10


@dataclass(frozen=True)
class Office:
    """An admin.

    Args:
        place: the directory is there.
        court: knows what is wrong with it.
        tools: theirs.
    """

    place: Place
    court: Court
    tools: DirectoryTools

    def make(self, uid: str, portal_password: str = "") -> Account:
        """Make a koppelgebruiker, and an owner, who has a password or is invited to choose one. Raises `NotNow`."""
        began = monotonic()
        account = Account(uid, f"{uid.lower()}@example.nl", portal_password, invited=not portal_password)
        with _may_fail():
            owner = self.tools.add_owner(account.mail, portal_password or None)
            self.tools.add_user(uid, owner)
        self._note(account, began)
        return account

    def set_password(self, account: Account, password: str) -> None:
        """Give it a password, as the manual for admins has it: the owner may choose another at once. Raises `NotNow`."""
        began = monotonic()
        account.setting_password(password)
        with _may_fail():
            self.tools.replace(self.tools.user_dn(account.uid), userPassword=password, pwdReset="TRUE")
        account.set_password(password)
        self._note(account, began)

    def release(self, account: Account) -> None:
        """Let its owner choose a password at once. Raises `NotNow`."""
        with _may_fail():
            self.tools.replace(self.tools.user_dn(account.uid), pwdReset="TRUE")

    def block(self, account: Account) -> None:
        """Block it. Raises `NotNow`."""
        began = monotonic()
        account.setting_block()
        with _may_fail():
            self.tools.replace(self.tools.user_dn(account.uid), pwdEndTime=_LONG_PAST)
        account.set_block(monotonic())
        self._note(account, began)

    def unblock(self, account: Account) -> None:
        """Unblock it. Raises `NotNow`."""
        account.lifting_block()
        with _may_fail():
            self.tools.remove(self.tools.user_dn(account.uid), "pwdEndTime")
        account.lifted_block()

    def remove(self, account: Account) -> None:
        """Delete it. Raises `NotNow`."""
        account.removing()
        with _may_fail():
            self.tools.delete(self.tools.user_dn(account.uid))
        account.removed()

    def look(self, account: Account) -> None:
        """Look what is true of it by now. Raises `Forbidden`, `NotNow`."""
        with _may_fail():
            found = self.tools.run(
                "ldapsearch", "-LLL", "-b", self.tools.user_dn(account.uid), "-s", "base", "pwdEndTime", check=False
            )
            there = found.returncode != _NO_SUCH_OBJECT
            if there:
                found.check_returncode()
        shut = "pwdEndTime" in found.stdout
        taken = {password for password in account.passwords if self._takes(account, password)} if there and not shut else None
        account.seen(there=there, shut=shut, taken=taken)

    def _note(self, account: Account, began: float) -> None:
        if self.court.is_excused(Excuse.UNTOLD, began):
            account.is_untold()

    def _takes(self, account: Account, password: str) -> bool:
        if password == facts.NONE:
            return False
        try:
            server = Server(self.tools.url, get_info=NO_SCHEMA, connect_timeout=_PATIENCE_S)
            connection = Connection(server, self.tools.user_dn(account.uid), password, receive_timeout=_PATIENCE_S)
            taken = bool(connection.bind())
            connection.unbind()
        except LDAPException as exc:
            raise NotNow from exc
        return taken


_NO_SUCH_OBJECT = 32


@contextmanager
def _may_fail() -> Iterator[None]:
    try:
        yield
    except subprocess.CalledProcessError as exc:
        raise NotNow from exc
