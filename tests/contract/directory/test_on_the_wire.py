"""What is sent to slapd: the same for whoever exists and whoever doesn't, and never an empty password."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap.tree import Tree
from idp.errors import InvalidCredentials, UnknownUser
from tests.contract.directory.identities import SUPPORTER_DN
from tests.contract.directory.worlds import MAIL, NAME, PASSWORD, WRONG
from tests.slapd import BASE_DN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from idp.adapters.ldap import LdapDirectory
    from tests.contract.directory.worlds import World
    from tests.slapd import RunningSlapd

SEARCH, BIND = 0x63, 0x60
"""Tags of requests: RFC 4511 section 4."""


@dataclass
class Wire:
    """A way to slapd that notes what passes.

    Args:
        directory: goes this way.
        sent: its requests, in order.
    """

    directory: LdapDirectory
    sent: list[bytes] = field(default_factory=list)

    def took(self) -> list[tuple[int, bytes]]:
        """Give the tag and the rest of each request since the last time."""
        requests, self.sent[:] = [_request(message) for message in self.sent], []
        return requests


@pytest.fixture
def wire(slapd: RunningSlapd, open_directory: Callable[..., LdapDirectory]) -> Iterator[Wire]:
    """The adapter, on a wire."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        way = Wire(open_directory(slapd, url=f"ldap://127.0.0.1:{server.getsockname()[1]}"))
        relay = threading.Thread(target=_relay, args=(server, slapd.embedded.port, way.sent))
        relay.start()
        way.directory.ping()
        way.took()
        yield way
        way.directory.close()
        server.shutdown(socket.SHUT_RDWR)
        relay.join()


@pytest.mark.row("S50")
def test_an_empty_password_never_reaches_the_directory(real: World, wire: Wire) -> None:
    """S50: slapd would answer that all is well."""
    user, owner = real.user_with_password(), real.owner_with_password()
    for some_user in (user, None):
        with pytest.raises(InvalidCredentials):
            wire.directory.bind_user(some_user, "")
    for some_owner in (owner, None):
        with pytest.raises(InvalidCredentials):
            wire.directory.bind_owner(some_owner, "")
    assert wire.took() == []


@pytest.mark.row("S29")
def test_a_refusal_costs_one_bind_whoever_it_is(real: World, slapd: RunningSlapd, wire: Wire) -> None:
    """S29: one hash is checked, at the decoy where there is none to check; else the time would tell who exists."""
    decoy = slapd.embedded.decoy_dn.encode()
    with pytest.raises(InvalidCredentials):
        wire.directory.bind_user(real.user_with_password(), WRONG)
    user_dn = Tree(BASE_DN).user_dn(NAME).encode()
    assert [(tag, user_dn in rest) for tag, rest in wire.took()] == [(BIND, True)]
    real.admin.write(real.user, "pwdEndTime", "19700101000000Z")
    for user in (None, real.user, real.admin.add_user("U4BBGA0009")):
        with pytest.raises(InvalidCredentials):
            wire.directory.bind_user(user, WRONG)
        assert [(tag, decoy in rest) for tag, rest in wire.took()] == [(BIND, True)]
    real.admin.write(real.user, "pwdEndTime", None)
    for attribute, value in (("pwdAccountLockedTime", "000001010000Z"), ("pwdStartTime", "20990101000000Z")):
        real.admin.write(real.user, attribute, value)
        with pytest.raises(InvalidCredentials):
            wire.directory.bind_user(real.user, WRONG)
        assert [(tag, decoy in rest) for tag, rest in wire.took()] == [(BIND, True)], attribute
        real.admin.write(real.user, attribute, None)
    for owner in (None, real.admin.add_owner("Anna de Vries", MAIL)):
        with pytest.raises(InvalidCredentials):
            wire.directory.bind_owner(owner, WRONG)
        assert [(tag, decoy in rest) for tag, rest in wire.took()] == [(BIND, True)]


@pytest.mark.row("S29")
def test_a_look_up_costs_one_search_whoever_it_is(real: World, wire: Wire) -> None:
    """S29: also for a name that can't exist."""
    real.user_with_password()
    wire.directory.find_user(NAME)
    assert [tag for tag, _ in wire.took()] == [SEARCH]
    for bare in (None, "*", "U4BBGA9999"):
        with pytest.raises(UnknownUser):
            wire.directory.find_user(bare)
        assert [tag for tag, _ in wire.took()] == [SEARCH]
    for mail in (MAIL, "\0", "x" * 1000):
        with pytest.raises(UnknownUser):
            wire.directory.find_owner_by_mail(mail)
        assert [tag for tag, _ in wire.took()] == [SEARCH]


def test_the_decoys_own_password_opens_nothing(
    slapd: RunningSlapd, open_directory: Callable[..., LdapDirectory], real: World
) -> None:
    """Whoever set one, by mistake or on purpose, has no way in."""
    classes = "objectClass: applicationProcess\nobjectClass: simpleSecurityObject\n"
    slapd.tool("ldapadd", ldif=f"dn: {SUPPORTER_DN}\n{classes}cn: els\nuserPassword: {PASSWORD}\n")
    directory = open_directory(slapd, decoy_dn=SUPPORTER_DN)
    for user in (None, real.admin.add_user(NAME)):
        with pytest.raises(InvalidCredentials):
            directory.bind_user(user, PASSWORD)


def _request(message: bytes) -> tuple[int, bytes]:
    """Take an LDAPMessage apart: a sequence of a number and the request."""
    length = message[1]
    body = message[2 + (length & 0x7F if length & 0x80 else 0) :]
    rest = body[2 + body[1] :]
    return rest[0], rest


def _relay(server: socket.socket, port: int, sent: list[bytes]) -> None:
    with ThreadPoolExecutor() as pool, suppress(OSError):  # the listener is gone: the test is over
        while True:
            client, _ = server.accept()
            upstream = socket.create_connection(("127.0.0.1", port))
            pool.submit(_pass_on, client, upstream, sent)
            pool.submit(_pass_on, upstream, client, [])


def _pass_on(source: socket.socket, target: socket.socket, note: list[bytes]) -> None:
    with source, suppress(OSError):
        while data := source.recv(65536):  # one request at a time: its sender waits for the answer
            note.append(data)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
