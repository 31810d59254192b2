"""`ports.directory.DirectoryOperator` over LDAP: what operators do, bound as themselves."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from ldap3 import LEVEL
from ldap3.core.results import (
    RESULT_ASSERTION_FAILED,
    RESULT_CONSTRAINT_VIOLATION,
    RESULT_ENTRY_ALREADY_EXISTS,
    RESULT_INSUFFICIENT_ACCESS_RIGHTS,
    RESULT_INVALID_ATTRIBUTE_SYNTAX,
    RESULT_INVALID_CREDENTIALS,
    RESULT_NO_SUCH_OBJECT,
    RESULT_SUCCESS,
)

from idp.adapters.ldap.border import border, refusal
from idp.adapters.ldap.directory import LONG_PAST
from idp.adapters.ldap.entries import USER_ATTRIBUTES, to_user
from idp.adapters.ldap.lane import Lane
from idp.adapters.ldap.password_policy import assertion, is_entry
from idp.adapters.ldap.people import USERS, People, Search
from idp.adapters.ldap.post_read import ask_for_revision, told_revision
from idp.adapters.ldap.server import hang_up
from idp.adapters.ldap.tree import Tree
from idp.adapters.ldap.writing import Writer
from idp.errors import AlreadyExists, Forbidden, UnknownUser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldap3 import Connection

    from idp.adapters.ldap.server import Identity, LdapServer
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.ports.directory import NewUser

_USER_CLASSES = ["account", "koppelgebruiker"]  # RFC 4524 section 3.1, and ours
_OWNER_CLASSES = ["inetOrgPerson"]  # RFC 2798


class LdapOperator(People):
    """The directory as an operator sees it: they may what the access rules let them.

    Args:
        server: how to reach it.
        base_dn: its root.
        operator: their own identity.
    """

    def __init__(self, *, server: LdapServer, base_dn: str, operator: Identity) -> None:
        super().__init__(Lane(self._connect), Tree(base_dn))
        self._server = server
        self._operator = operator
        self._writer = Writer(self._connect)

    def close(self) -> None:
        """Let go of kept connections."""
        self._lane.close()

    @property
    def identity(self) -> str:
        """Who the server says is bound: `dn:` and a DN (RFC 4532)."""

        def ask(connection: Connection) -> str:
            with border():
                return str(connection.extend.standard.who_am_i() or "")

        return self._lane.ask(ask)

    def create_user(self, new: NewUser) -> tuple[Koppelgebruiker, Owner]:
        """Create a koppelgebruiker without a password, and its owner if there is none.

        The owner comes first: what a crash leaves is an owner, whom the next try finds.

        Returns:
            the user and the owner.

        Raises:
            AlreadyExists: the uid is taken.
            Forbidden: not to this identity, or a value that the directory doesn't take.
        """
        if self._is_taken(new.uid):
            raise AlreadyExists
        owner = self._owner_for(new)
        values = {"administratie": new.administratie, "owner": owner.dn, "uid": new.uid.upper()}
        dn = self._tree.user_dn(new.uid.upper())
        result = self._writer.add_entry(dn, _USER_CLASSES, values, [ask_for_revision()])
        _assert_done(result["result"])
        user = self.find_user(new.uid)
        return replace(user, revision=told_revision(result) or user.revision), owner

    def all_users(self) -> Iterator[Koppelgebruiker]:
        """Read all, in pages, ordered as the directory gives them."""
        connection = self._connect()
        try:
            for page in Search(self._tree.users_dn, LEVEL, USERS, USER_ATTRIBUTES).pages(connection):
                yield from (user for user in map(to_user, page) if user is not None)
        finally:
            hang_up(connection)

    def release(self, user: Koppelgebruiker) -> str | None:
        """Waive the cooldown once: `pwdReset: TRUE` (R24)."""
        return self._change_user(user, {"pwdReset": "TRUE"})

    def block(self, user: Koppelgebruiker) -> str | None:
        """Write `pwdEndTime` in the past; it survives password changes."""
        return self._change_user(user, {"pwdEndTime": LONG_PAST})

    def unblock(self, user: Koppelgebruiker) -> str | None:
        """Delete `pwdEndTime` and `pwdAccountLockedTime`, whichever stand."""
        return self._change_user(user, {"pwdEndTime": None, "pwdAccountLockedTime": None})

    def change_mail(self, owner: Owner, mail: str) -> str | None:
        """Write an owner's mail address. Raises `AlreadyExists` when another owner has it."""
        # Without an assertion: slapd's overlay unique would apply it to its own search, and refuse every address.
        result = self._writer.replace(owner.dn, {"mail": mail}, [ask_for_revision()])
        _assert_done(result["result"])
        return told_revision(result)

    def _connect(self) -> Connection:
        connection, code = self._server.connect(self._operator)
        if code == RESULT_SUCCESS:
            return connection
        hang_up(connection)
        if code == RESULT_INVALID_CREDENTIALS:
            message = "The directory does not accept this identity with this password."
            raise Forbidden(message)
        raise refusal(code)

    def _is_taken(self, uid: str) -> bool:
        try:
            self.find_user(uid)
        except UnknownUser:
            return False
        return True

    def _owner_for(self, new: NewUser) -> Owner:
        try:
            return self.find_owner_by_mail(new.owner_mail)
        except UnknownUser:
            pass
        # A name of no meaning, since every other may change: the address, the person's own name.
        values = {
            "uid": str(uuid.uuid4()),
            "cn": new.owner_name,
            "sn": new.owner_name.split()[-1] if new.owner_name.split() else new.owner_name,
            "mail": new.owner_mail,
            "preferredLanguage": new.language,
            "pwdPolicySubentry": self._tree.people_policy_dn,
        }
        code = self._writer.add_entry(self._tree.owner_dn(values["uid"]), _OWNER_CLASSES, values)["result"]
        if code != RESULT_CONSTRAINT_VIOLATION:  # with it, another invitation was faster
            _assert_done(code)
        return self.find_owner_by_mail(new.owner_mail)

    def _change_user(self, user: Koppelgebruiker, values: dict[str, str | None]) -> str | None:
        controls = [assertion(is_entry(user.entry_uuid)), ask_for_revision()]
        result = self._writer.replace(self._tree.user_dn(user.uid), values, controls)
        _assert_done(result["result"])
        return told_revision(result)


def _assert_done(code: int) -> None:
    if code == RESULT_SUCCESS:
        return
    if code in (RESULT_NO_SUCH_OBJECT, RESULT_ASSERTION_FAILED):
        raise UnknownUser
    if code in (RESULT_ENTRY_ALREADY_EXISTS, RESULT_CONSTRAINT_VIOLATION):  # the latter: of another entry's (overlay unique)
        raise AlreadyExists
    if code == RESULT_INSUFFICIENT_ACCESS_RIGHTS:
        raise Forbidden
    if code == RESULT_INVALID_ATTRIBUTE_SYNTAX:
        message = "The directory does not take a value of this form."
        raise Forbidden(message)
    raise refusal(code)
