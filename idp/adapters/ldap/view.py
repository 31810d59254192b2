"""The directory as one identity sees it, whatever it is allowed to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldap3 import BASE
from ldap3.core.results import RESULT_SUCCESS

from idp.adapters.ldap.border import border, refusal
from idp.adapters.ldap.lane import Lane
from idp.adapters.ldap.people import Search
from idp.adapters.ldap.server import SimpleBind, be_patient, hang_up
from idp.adapters.ldap.spelling import ANYTHING
from idp.adapters.ldap.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Generator

    from ldap3 import Connection

    from idp.adapters.ldap.entries import Entry
    from idp.adapters.ldap.server import Identity, LdapServer


class View:
    """What one identity sees, and what it is told when it writes.

    Args:
        server: how to reach it.
        identity: who looks; None: nobody, as strangers do.
    """

    def __init__(self, server: LdapServer, identity: Identity | None) -> None:
        self._server = server
        self._identity = identity
        self._lane = Lane(self.connect)
        self.writer = Writer(self.connect)

    @classmethod
    def sees(cls, server: LdapServer, identity: Identity, dn: str) -> bool:
        """Tell whether an identity sees an entry. Raises `DirectoryUnavailable`, also when the identity is refused."""
        view = cls(server, identity)
        try:
            return view.read(dn, "1.1") is not None
        finally:
            view.close()

    @property
    def name(self) -> str:
        """Who looks, for people."""
        if self._identity is None:
            return "nobody (anonymous)"
        return self._identity.dn if isinstance(self._identity, SimpleBind) else "whoever runs this, on the socket"

    def connect(self) -> Connection:
        """Open a connection of one's own. Raises `DirectoryUnavailable`, also when the identity is refused."""
        connection, code = self._server.connect(self._identity)
        if code != RESULT_SUCCESS:
            hang_up(connection)
            raise refusal(code)
        return connection

    def close(self) -> None:
        """Let go of kept connections."""
        self._lane.close()

    def read(self, dn: str, *attributes: str, condition: str = ANYTHING) -> Entry | None:
        """Read one entry; None when it is not there, or hidden (which slapd doesn't tell apart)."""
        found = self._lane.ask(Search(dn, BASE, condition, attributes or ("*",)).all)
        return found[0] if found else None

    def some(self, search: Search) -> list[Entry]:
        """Read the first page of what is found."""
        # On a connection of its own, with which the server forgets the rest.
        connection = be_patient(self.connect())
        try:
            return next(search.pages(connection), [])
        finally:
            hang_up(connection)

    def all(self, search: Search) -> Generator[Entry]:
        """Read all that is found, page by page."""
        connection = be_patient(self.connect())
        try:
            for page in search.pages(connection):
                yield from page
        finally:
            hang_up(connection)

    def who_am_i(self) -> str:
        """Give the DN that the server takes this identity for (RFC 4532)."""

        def ask(connection: Connection) -> str:
            with border():
                return str(connection.extend.standard.who_am_i() or "").removeprefix("dn:")

        return self._lane.ask(ask)
