"""`ports.changes.ChangeLog` over OpenLDAP's accesslog overlay, read as the service by named attributes.

Facts of slapd 2.5:

- A record's `entryCSN` is the one that the entry got by the change (a deletion has one of its own), and records are written in
  its order, since the overlay lets one write through at a time. `reqStart` is given when a request comes in: a slow one (the
  hash of a password takes its time) is written behind a later, quick one, so that who reads on by `reqStart` loses it.
- Values of passwords are hidden from the service; a changed password shows by the `pwdChangedTime` in the same record.
- While it runs, slapd never gives an earlier `entryCSN`, whatever the clock does. Started again under a clock that was set back,
  it does: what is changed until the clock has caught up is not found here. (What it means holds all the same, since every request
  reads the entry itself.) With several servers that write, a log may lack the order; this reads one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from ldap3 import SUBTREE

from idp.adapters.ldap.change_record import RECORD_ATTRIBUTES, RecordReader
from idp.adapters.ldap.people import Search
from idp.adapters.ldap.spelling import at_least, either, equals, every, negated
from idp.errors import ChangesNotLogged

if TYPE_CHECKING:
    from ldap3 import Connection

    from idp.adapters.ldap.entries import Entry
    from idp.adapters.ldap.lane import Lane
    from idp.domain.directory_change import DirectoryChange
    from idp.ports.outside import Clock

LOG_DN = "cn=accesslog"


@dataclass(frozen=True, slots=True)
class LdapChangeLog:
    """The log of one server.

    Args:
        lane: connections that are bound as the service.
        reader: knows what a record means.
        clock: the time, near enough to the directory's.
        log_dn: the log's suffix.
    """

    lane: Lane
    reader: RecordReader
    clock: Clock
    log_dn: str = LOG_DN

    def end(self) -> str:
        """Give the position behind everything that was logged until now: a CSN of this moment."""
        return f"{self.clock.now().astimezone(UTC):%Y%m%d%H%M%S.%f}Z#000000#000#000000"

    def read(self, after: str, limit: int) -> list[DirectoryChange]:
        """Read on from a position, oldest first.

        Args:
            after: a position; that one is not read again.
            limit: how many at most.

        Raises:
            ChangesNotLogged: there is no log, or not for the service's eyes.
            DirectoryUnavailable: no answer, or none that makes sense.
        """
        # The log's root is always found where there is a log; that it is none, slapd says of a forbidden one too.
        behind = every(at_least("entryCSN", after), negated(equals("entryCSN", after)))
        condition = either(equals("objectClass", "auditContainer"), behind)
        search = Search(self.log_dn, SUBTREE, condition, RECORD_ATTRIBUTES)
        records = self.lane.ask(lambda connection: _first(search, connection, limit + 1))
        if not records:
            raise ChangesNotLogged
        changes = [change for change in map(self.reader.read, records) if change is not None]
        return changes[:limit]


def _first(search: Search, connection: Connection, count: int) -> list[Entry]:
    found: list[Entry] = []
    for page in search.pages(connection):
        found += page
        if len(found) >= count:
            break
    return found
