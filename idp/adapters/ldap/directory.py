"""`ports.directory.Directory` over LDAP: what the service's own identity does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldap3.core.results import (
    RESULT_ASSERTION_FAILED,
    RESULT_ATTRIBUTE_OR_VALUE_EXISTS,
    RESULT_CONSTRAINT_VIOLATION,
    RESULT_INAPPROPRIATE_AUTHENTICATION,
    RESULT_INVALID_CREDENTIALS,
    RESULT_NO_SUCH_OBJECT,
    RESULT_SUCCESS,
)

from idp.adapters.ldap.border import refusal, result_name
from idp.adapters.ldap.breaker import Breaker
from idp.adapters.ldap.change_log import LdapChangeLog
from idp.adapters.ldap.change_record import RecordReader
from idp.adapters.ldap.content_sync import LdapContent
from idp.adapters.ldap.indexes import assert_quick
from idp.adapters.ldap.lane import Lane
from idp.adapters.ldap.password_policy import POLICY_CONTROL, assertion, is_as_seen, is_entry, refused_password
from idp.adapters.ldap.people import People, container_of_users, look_ups
from idp.adapters.ldap.server import become, bind, hang_up
from idp.adapters.ldap.tree import Tree
from idp.adapters.ldap.writing import Writer
from idp.domain.directory_time import LOCKED_FOR_EVER, LONG_PAST
from idp.errors import (
    DirectoryRefuses,
    DirectoryUnavailable,
    EntryChanged,
    InvalidCredentials,
    PasswordRejected,
    UnknownUser,
)

if TYPE_CHECKING:
    from ldap3 import Connection

    from idp.adapters.ldap.server import LdapServer, SimpleBind
    from idp.domain.people import Koppelgebruiker, Locks, Owner, Seen
    from idp.ports.outside import Clock

_LONGEST_PASSWORD = 4096
"""Bytes. slapd ends the connection of a stranger who sends 256 KiB; no password of ours is longer than this."""

_WRONG = (RESULT_INVALID_CREDENTIALS, RESULT_INAPPROPRIATE_AUTHENTICATION)
_STANDS = (RESULT_SUCCESS, RESULT_ATTRIBUTE_OR_VALUE_EXISTS, RESULT_CONSTRAINT_VIOLATION)
_GONE = (RESULT_NO_SUCH_OBJECT, RESULT_ASSERTION_FAILED)


class LdapDirectory(People):
    """The directory as the service sees it. Threads share it.

    Reads go over kept connections that are bound as the service; checks of passwords over others, each bound anew as the user
    to check. A dead one is replaced in silence. Nothing is connected before it is needed.

    Args:
        server: how to reach it.
        base_dn: its root.
        service: the service's identity; an ordinary writer, so that the password policy holds for it.
        decoy_dn: entry that unknown names bind to, of the same hash cost, whose password nobody knows.
        clock: the time.
        in_flight: at most so many operations are on their way at a time; further ones wait a moment, and are refused.
    """

    def __init__(
        self, *, server: LdapServer, base_dn: str, service: SimpleBind, decoy_dn: str, clock: Clock, in_flight: int = 6
    ) -> None:
        passing = Breaker(in_flight, min(1.0, server.timeout_s / 2), tell=self._tell_outage).passing
        super().__init__(Lane(self._connect_to_read, passing), Tree(base_dn))
        self._server = server
        self._service = service
        self._decoy_dn = decoy_dn
        self._clock = clock
        self._binds = Lane(lambda: server.connect()[0], passing)
        self._writer = Writer(self._connect, passing)

    def close(self) -> None:
        """Let go of kept connections."""
        self._lane.close()
        self._binds.close()

    @property
    def changes(self) -> LdapChangeLog:
        """What others change here, read over the same connections."""
        return LdapChangeLog(self._lane, RecordReader(self._tree, self._service.dn), self._clock)

    @property
    def content(self) -> LdapContent:
        """What is to be seen here, for where there is no log of changes; over the same connections, but for what takes long."""
        return LdapContent(self._lane, self._connect, self._tree, self._service.dn)

    def bind_user(self, user: Koppelgebruiker | None, password: str) -> None:
        """Check a koppelgebruiker's password by simple bind as itself.

        Args:
            user: as read just before; None, a user who is shut out, or one without a password costs the same, a bind to the
                decoy.
            password: an empty one never leaves this process (S50; RFC 4513 section 5.1.2: it would be an anonymous bind).

        Raises:
            InvalidCredentials: wrong, unknown, locked, or no password.
            DirectoryUnavailable: no answer.
        """
        dn = self._open_dn(self._tree.user_dn(user.uid), user.password_changed, user.locks) if user else None
        self._check(dn, password)

    def bind_owner(self, owner: Owner | None, password: str) -> None:
        """Check an owner's portal password; as `bind_user`."""
        self._check(self._open_dn(owner.dn, owner.password_changed, owner.locks) if owner else None, password)

    def set_user_password(self, user: Koppelgebruiker, seen: Seen, password: str) -> None:
        """Write a koppelgebruiker's password as an ordinary writer: the password policy applies.

        An assertion (RFC 4528) makes it one step: nothing is written unless `seen` still holds and no lock stands. slapd looks
        at the policy first: who is locked as well as too young is too young.

        Raises:
            EntryChanged: `seen` does not hold, or a lock stands.
            PasswordTooYoung: `pwdMinAge` has not passed.
            PasswordUsedBefore: in the history.
            PasswordRejected: another rule of the policy; the subclass says which, where the server does.
            PasswordNotWritable: the service may not, whichever password it is.
            DirectoryRefuses: it was not written: read-only, full.
            DirectoryUnavailable: no answer; it may or may not have been written.
        """
        self._set_password(self._tree.user_dn(user.uid), seen, password)

    def set_owner_password(self, owner: Owner, seen: Seen, password: str) -> None:
        """Write an owner's portal password; as `set_user_password`."""
        self._set_password(owner.dn, seen, password)

    def block_user(self, user: Koppelgebruiker) -> None:
        """Add a block, from now; where a future `pwdEndTime` stands, add the lock. A block that stands is no error.

        Raises:
            UnknownUser: this entry is gone.
            DirectoryUnavailable: no answer; asking again does no harm.
        """
        self._add_lock(user, "pwdEndTime", LONG_PAST)
        if not self.find_user_by_uuid(user.entry_uuid).locks.shut_at(self._clock.now()):
            self._add_lock(user, "pwdAccountLockedTime", LOCKED_FOR_EVER)

    def ping(self) -> None:
        """Ask for one answer of each kind, as the service.

        Raises:
            LookUpsNotIndexed: the server would read everybody for one look-up, and refuses to.
            DirectoryRefuses: the service can't see where users are, or the server does not know what they are.
            DirectoryUnavailable: no answer.
        """

        def look(connection: Connection) -> None:
            for search in look_ups(self._tree):
                search.all(connection)
            self._assert_fit(connection)

        self._lane.ask(look)

    def assert_look_ups_quick(self) -> None:
        """Find out, once, that no look-up has everybody read. Raises as `ping`."""
        self._lane.ask(lambda connection: assert_quick(connection, self._tree))

    def _connect(self) -> Connection:
        connection, code = self._server.connect(self._service)
        if code != RESULT_SUCCESS:
            hang_up(connection)
            raise refusal(code)
        return connection

    def _connect_to_read(self) -> Connection:
        # Once for each connection; what goes missing while the server runs shows at `ping`, which asks anew.
        connection = self._connect()
        try:
            self._assert_fit(connection)
        except BaseException:
            hang_up(connection)
            raise
        return connection

    def _assert_fit(self, connection: Connection) -> None:
        if not container_of_users(self._tree).all(connection):
            message = "The directory shows the service no koppelgebruikers, or does not know their schema."
            raise DirectoryRefuses(message)

    def _open_dn(self, dn: str, password_changed: str | None, locks: Locks) -> str | None:
        if password_changed is None or locks.shut_at(self._clock.now()):
            return None
        return dn

    def _check(self, dn: str | None, password: str) -> None:
        if not password:
            raise InvalidCredentials
        secret = password.encode(errors="replace")[:_LONGEST_PASSWORD]
        if secret != password.encode(errors="surrogatepass"):  # nobody's
            dn = None

        def check(connection: Connection) -> int:
            become(connection, dn or self._decoy_dn, secret)
            return bind(connection)

        code = self._binds.ask(check)
        if code in _WRONG or (code == RESULT_SUCCESS and dn is None):
            raise InvalidCredentials
        if code != RESULT_SUCCESS:
            raise refusal(code)

    def _set_password(self, dn: str, seen: Seen, password: str) -> None:
        try:
            password.encode()
        except UnicodeEncodeError as exc:
            raise PasswordRejected from exc.with_traceback(None)
        controls = [assertion(is_as_seen(seen, self._clock.now())), POLICY_CONTROL]
        result = self._writer.replace(dn, {"userPassword": password}, controls)
        if result["result"] in _GONE:
            raise EntryChanged
        if result["result"] != RESULT_SUCCESS:
            raise refused_password(result, seen.entry_uuid)

    def _add_lock(self, user: Koppelgebruiker, attribute: str, value: str) -> None:
        condition = [assertion(is_entry(user.entry_uuid))]
        code = self._writer.add_value(self._tree.user_dn(user.uid), attribute, value, condition)["result"]
        if code in _GONE:
            raise UnknownUser
        if code not in _STANDS:  # a value that stands already is left alone
            self._telling.warn("block_refused", entry_uuid=user.entry_uuid, result=result_name(code))
            raise refusal(code)

    def _tell_outage(self, error: DirectoryUnavailable) -> None:
        self._telling.warn("directory_unavailable", reason=str(error))
