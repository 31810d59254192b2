"""`ports.directory.DirectoryOperator` over LDAP: what operators do, bound as themselves."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ldap3 import LEVEL, SUBTREE
from ldap3.core.results import (
    RESULT_AUTH_METHOD_NOT_SUPPORTED,
    RESULT_INAPPROPRIATE_AUTHENTICATION,
    RESULT_INVALID_CREDENTIALS,
    RESULT_SUCCESS,
)

from idp.adapters.ldap.border import border, refusal
from idp.adapters.ldap.creating import Creating
from idp.adapters.ldap.entries import LOCKS, USER_ATTRIBUTES, to_user
from idp.adapters.ldap.lane import Lane
from idp.adapters.ldap.newcomers import PERSON_ATTRIBUTES
from idp.adapters.ldap.outcome import assert_done
from idp.adapters.ldap.password_policy import assertion, is_entry
from idp.adapters.ldap.people import OWNERS, USERS, Search
from idp.adapters.ldap.post_read import ask_for_revision, told_revision
from idp.adapters.ldap.server import SocketIdentity, be_patient, hang_up
from idp.adapters.ldap.spelling import at_least, either, every, present
from idp.adapters.ldap.tree import Tree
from idp.adapters.ldap.writing import Writer
from idp.domain.directory_time import LONG_PAST, format_generalized_time
from idp.errors import EntryMalformed, Forbidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from ldap3 import Connection

    from idp.adapters.ldap.entries import Entry
    from idp.adapters.ldap.server import Identity, LdapServer
    from idp.domain.ldif import Record
    from idp.domain.people import Koppelgebruiker, Owner

_NO_EXTERNAL = (RESULT_AUTH_METHOD_NOT_SUPPORTED, RESULT_INAPPROPRIATE_AUTHENTICATION)


class LdapOperator(Creating):
    """The directory as an operator sees it: they may what the access rules let them.

    Args:
        server: how to reach it.
        base_dn: its root.
        operator: their own identity.
    """

    def __init__(self, *, server: LdapServer, base_dn: str, operator: Identity) -> None:
        self._writer = Writer(self._connect, keep=True)
        super().__init__(Lane(self._connect), Tree(base_dn), self._writer)
        self._server = server
        self._operator = operator

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
        """Delete all that can shut a user out, whichever stand."""
        return self._change_user(user, dict.fromkeys(LOCKS))

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
        if code in _NO_EXTERNAL and isinstance(self._operator, SocketIdentity):
            message = "The directory's socket does not tell who somebody is (SASL EXTERNAL); say who you are with --as DN."
            raise Forbidden(message)
        raise refusal(code)

    def _all(self, search: Search) -> Iterator[Entry]:
        connection = be_patient(self._connect())
        try:
            for page in search.pages(connection):
                yield from page
        finally:
            hang_up(connection)

    def _change_user(self, user: Koppelgebruiker, values: Mapping[str, str | None]) -> str | None:
        controls = [assertion(is_entry(user.entry_uuid)), ask_for_revision()]
        result = self._writer.replace(self._tree.user_dn(user.uid), values, controls)
        assert_done(result["result"])
        return told_revision(result)
