"""`ports.directory.DirectoryOperator` over LDAP: what operators do, bound as themselves."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ldap3 import LEVEL, SUBTREE
from ldap3.core.results import RESULT_INVALID_CREDENTIALS, RESULT_SUCCESS

from idp.adapters.ldap.border import border, refusal
from idp.adapters.ldap.entries import LOCKS, OWNER_ATTRIBUTES, USER_ATTRIBUTES, to_owner, to_user
from idp.adapters.ldap.lane import Lane
from idp.adapters.ldap.newcomers import PERSON_ATTRIBUTES, Newcomers
from idp.adapters.ldap.outcome import assert_done
from idp.adapters.ldap.password_policy import assertion, is_entry
from idp.adapters.ldap.people import OWNERS, USERS, People, Search
from idp.adapters.ldap.post_read import ask_for_revision, told_revision
from idp.adapters.ldap.server import hang_up
from idp.adapters.ldap.spelling import at_least, either, every, present
from idp.adapters.ldap.tree import Tree
from idp.adapters.ldap.writing import Writer
from idp.domain.directory_time import LONG_PAST, format_generalized_time
from idp.errors import AlreadyExists, EntryMalformed, Forbidden, UnknownUser, ValueRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from ldap3 import Connection

    from idp.adapters.ldap.entries import Entry
    from idp.adapters.ldap.server import Identity, LdapServer
    from idp.domain.ldif import Record
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.ports.directory import NewUser


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
        self._writer = Writer(self._connect, keep=True)
        self._newcomers = Newcomers(self._tree, self._writer)

    def close(self) -> None:
        """Let go of kept connections."""
        self._lane.close()
        self._writer.close()

    @cached_property
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
        added = self._newcomers.add(self.record_of(new, owner), USER_ATTRIBUTES)
        try:
            return to_user(added), owner
        except EntryMalformed:  # what it is now was not told, or only in part
            return self.find_user(new.uid), owner

    def add_person(self, person: Record) -> None:
        """Add an owner as they were written down. Errors as `create_user`'s; `ValueRefused` for a place that isn't people's."""
        if not self._tree.is_person(person.dn):
            message = f"its dn is not below {self._tree.people_dn}"
            raise ValueRefused(message)
        try:
            self._newcomers.add(self._newcomers.with_policy(person), ("1.1",))
        except UnknownUser as exc:
            message = "there is no entry above it"
            raise ValueRefused(message) from exc

    def record_of(self, user: NewUser | Koppelgebruiker, owner: Owner) -> Record:
        """Write a koppelgebruiker down."""
        return self._newcomers.user(user.uid, user.administratie, owner.dn)

    def all_users(
        self,
        *,
        changed_since: datetime | None = None,
        with_locks: bool = False,
        odd: Callable[[str], None] | None = None,
    ) -> Iterator[Koppelgebruiker]:
        """Read all, in pages, ordered as the directory gives them."""
        conditions = [USERS]
        if changed_since is not None:
            conditions.append(at_least("pwdChangedTime", format_generalized_time(changed_since)))
        if with_locks:
            conditions.append(either(*map(present, LOCKS)))
        for entry in self._all(Search(self._tree.users_dn, LEVEL, every(*conditions), USER_ATTRIBUTES)):
            try:
                user = to_user(entry)
            except EntryMalformed as exc:
                self._telling.malformed(exc)
                if odd is not None:
                    odd(entry.dn)
            else:
                yield user

    def all_people(self, odd: Callable[[str], None]) -> Iterator[Record]:
        """Write all owners down, as `all_users`."""
        for entry in self._all(Search(self._tree.people_dn, SUBTREE, OWNERS, PERSON_ATTRIBUTES)):
            person = self._newcomers.kept_person(entry)
            if person is not None:
                yield person
            else:
                odd(entry.dn)

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
        assert_done(result["result"])
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
        try:
            return to_owner(self._newcomers.add(self._newcomers.person(new), OWNER_ATTRIBUTES))
        except (AlreadyExists, EntryMalformed):  # another invitation was faster; or what was added was not told
            return self.find_owner_by_mail(new.owner_mail)

    def _all(self, search: Search) -> Iterator[Entry]:
        connection = self._connect()
        try:
            for page in search.pages(connection):
                yield from page
        finally:
            hang_up(connection)

    def _change_user(self, user: Koppelgebruiker, values: dict[str, str | None]) -> str | None:
        controls = [assertion(is_entry(user.entry_uuid)), ask_for_revision()]
        result = self._writer.replace(self._tree.user_dn(user.uid), values, controls)
        assert_done(result["result"])
        return told_revision(result)
