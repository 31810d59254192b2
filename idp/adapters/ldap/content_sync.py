"""`ports.changes.Content` over content synchronisation (RFC 4533), as OpenLDAP's syncprov overlay serves it.

Facts of slapd 2.5:

- A search with the control and a cookie gives the entries that were changed since, and either names all that are gone (it has a
  session log, `olcSpSessionlog`, that reaches back to the cookie), or names all that are there. Of several changes of an entry
  nothing shows but the last state and who made the last one. When nothing was changed, the answer is empty.
- Who may not see an entry isn't told of it: it is then not among those that are there, and when it is changed, it is among those
  that are gone. Both look like a deletion (`shows`).
- The service's size limit holds for the entries that were changed, and the control goes with no pages. So all entries are read by
  an ordinary search, in pages, with a cookie taken before that; what changes meanwhile is told again.
- A cookie of the future (the directory was restored from a backup) is refused; one that isn't understood is taken for none.
- The cookie is the `contextCSN` of the whole database, whatever part of it is searched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ldap3 import BASE, DEREF_NEVER, SUBTREE
from ldap3.core.results import (
    RESULT_ADMIN_LIMIT_EXCEEDED,
    RESULT_E_SYNC_REFRESH_REQUIRED,
    RESULT_SIZE_LIMIT_EXCEEDED,
    RESULT_SUCCESS,
    RESULT_TIME_LIMIT_EXCEEDED,
    RESULT_UNAVAILABLE_CRITICAL_EXTENSION,
    RESULT_UNWILLING_TO_PERFORM,
)

from idp.adapters.ldap.border import border, refusal
from idp.adapters.ldap.entries import Entry
from idp.adapters.ldap.people import OWNERS, USERS, Search
from idp.adapters.ldap.server import hang_up
from idp.adapters.ldap.spelling import ANYTHING, either, equals
from idp.adapters.ldap.sync_controls import State, ask_for_changes, read_done, read_named, read_state
from idp.adapters.ldap.tree import first_value, is_at_or_below, is_same_dn
from idp.domain.directory_change import KNOWN, Kind
from idp.domain.directory_entry import KnownEntry, SeenEntry
from idp.domain.directory_time import parse_generalized_time
from idp.errors import ChangesNotSynchronised, DirectoryUnavailable, PositionLost
from idp.ports.changes import Refresh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ldap3 import Connection

    from idp.adapters.ldap.lane import Lane
    from idp.adapters.ldap.tree import Tree

_LOST = (
    RESULT_TIME_LIMIT_EXCEEDED,
    RESULT_SIZE_LIMIT_EXCEEDED,
    RESULT_ADMIN_LIMIT_EXCEEDED,
    RESULT_UNWILLING_TO_PERFORM,
    RESULT_E_SYNC_REFRESH_REQUIRED,
)

_FOLLOWED = either(USERS, OWNERS, equals("objectClass", "pwdPolicy"))
_ATTRIBUTES = (*(name for name in KNOWN if name != "uid"), "entryUUID", "entryCSN", "modifiersName")


@dataclass(frozen=True, slots=True)
class LdapContent:
    """The entries of one server.

    Args:
        lane: connections that are bound as the service.
        connect: opens a further one, for what takes long.
        tree: where entries are.
        service_dn: the service's own identity.
    """

    lane: Lane
    connect: Callable[[], Connection]
    tree: Tree
    service_dn: str

    def now(self) -> str:
        """Give the position of this moment.

        Raises:
            ChangesNotSynchronised: the server doesn't know of synchronisation, or this database takes no part in it.
            DirectoryUnavailable: no answer, or none that makes sense.
        """
        _, result = self.lane.ask(lambda connection: self._ask(connection, None, BASE, ANYTHING, ("1.1",)))
        done = read_done(result)
        if done is None or not done.cookie:
            raise ChangesNotSynchronised
        return _position(done.cookie)

    def since(self, position: str) -> Refresh:
        """Say what is otherwise than it was.

        Raises:
            PositionLost: unknown to the server, or more has changed than it may give at a time.
            ChangesNotSynchronised: as `now`.
            DirectoryUnavailable: likewise; also for an answer that was broken off.
        """
        cookie = position.encode("latin-1")
        responses, result = self.lane.ask(lambda connection: self._ask(connection, cookie, SUBTREE, _FOLLOWED, _ATTRIBUTES))
        done = read_done(result)
        if done is None:
            raise ChangesNotSynchronised
        if done.cookie == b"":
            raise PositionLost
        new = position if done.cookie is None else _position(done.cookie)
        return self._refresh(new, responses, names_gone=done.names_gone)

    def everything(self) -> Iterator[list[SeenEntry]]:
        """Read all entries, page by page. Raises `DirectoryUnavailable`."""
        connection = self.connect()
        try:
            for page in Search(self.tree.base_dn, SUBTREE, _FOLLOWED, _ATTRIBUTES).pages(connection):
                yield [seen for seen in map(self._seen, page) if seen is not None]
        finally:
            hang_up(connection)

    def shows(self, kind: Kind, others: Sequence[str]) -> bool:
        """Tell whether entries of a kind can be seen at all: one of others that should be there, or a container that has none."""
        container = self._containers()[kind]
        if others:
            condition = either(*(equals("entryUUID", entry_uuid) for entry_uuid in others))
            return len(self.lane.ask(Search(container, SUBTREE, condition, ("1.1",)).all)) > 0
        found = self.lane.ask(Search(container, BASE, ANYTHING, ("hasSubordinates",)).all)
        return [entry.one("hasSubordinates") for entry in found] == ["FALSE"]

    def _containers(self) -> dict[Kind, str]:
        return {Kind.USER: self.tree.users_dn, Kind.OWNER: self.tree.people_dn, Kind.OTHER: self.tree.policies_dn}

    def _ask(
        self,
        connection: Connection,
        cookie: bytes | None,
        scope: Literal["BASE", "LEVEL", "SUBTREE"],
        condition: str,
        attributes: tuple[str, ...],
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        with border():
            connection.search(
                self.tree.base_dn,
                condition,
                search_scope=scope,
                dereference_aliases=DEREF_NEVER,
                attributes=list(attributes),
                controls=[ask_for_changes(cookie)],
            )
            code = int(connection.result["result"])
            responses, result = list(connection.response or []), dict(connection.result)
        if code in _LOST:
            raise PositionLost
        if code == RESULT_UNAVAILABLE_CRITICAL_EXTENSION:
            raise ChangesNotSynchronised
        if code != RESULT_SUCCESS:
            raise refusal(code)
        return responses, result

    def _refresh(self, position: str, responses: list[dict[str, Any]], *, names_gone: bool) -> Refresh:
        entries: list[SeenEntry] = []
        named: dict[bool, set[str]] = {True: set(), False: set()}  # gone, there
        for response in responses:
            if response["type"] == "intermediateResponse":
                found = read_named(response)
                if found is not None:
                    named[found.gone] |= found.uuids
            elif response["type"] == "searchResEntry":
                state, entry_uuid = read_state(response)
                with border():
                    entry = Entry.read(response)
                is_gone = state is State.DELETE or (state is not State.PRESENT and not self._is_ours(entry.dn))
                named[is_gone].add(entry_uuid)
                seen = None if is_gone or state is State.PRESENT else self._seen(entry)
                entries += [seen] if seen is not None else []
        return Refresh(position, entries, frozenset(named[True]), None if names_gone else frozenset(named[False] - named[True]))

    def _is_ours(self, dn: str) -> bool:
        return self.tree.kind_of(dn) is not Kind.OTHER or is_at_or_below(dn, self.tree.policies_dn)

    def _seen(self, entry: Entry) -> SeenEntry | None:
        """Read an entry; None for one that is elsewhere. Raises `DirectoryUnavailable` when its revision is hidden."""
        if not self._is_ours(entry.dn):
            return None
        entry_uuid, revision = entry.one("entryUUID"), entry.one("entryCSN")
        at = parse_generalized_time((revision or "").partition("#")[0])
        if entry_uuid is None or revision is None or at is None:
            message = "The directory hides from the service when entries were changed."
            raise DirectoryUnavailable(message)
        values = {name: tuple(found) for name in KNOWN if (found := entry.values.get(name.lower())) and name != "uid"}
        uid = first_value(entry.dn, "uid")
        known = KnownEntry(entry_uuid, self.tree.kind_of(entry.dn), entry.dn, revision, ({"uid": (uid,)} if uid else {}) | values)
        who = entry.one("modifiersName") or ""
        return SeenEntry(known, at, who, is_same_dn(who, self.service_dn))


def _position(cookie: bytes) -> str:
    return cookie.decode("latin-1")  # any bytes; OpenLDAP's are text
