"""A real slapd that freezes, restarts, refuses or isn't one."""

from __future__ import annotations

import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap import LdapServer, SimpleBind
from idp.adapters.ldap.lane import Lane
from idp.adapters.ldap.server import bind, hang_up
from idp.adapters.ldap.writing import Writer
from idp.errors import DirectoryRefuses, DirectoryUnavailable, InvalidCredentials
from tests.contract.directory.conftest import TIMEOUT_S
from tests.contract.directory.test_away import every_call
from tests.contract.directory.worlds import NAME, PASSWORD, WRONG, World
from tests.free_ports import free_port
from tests.slapd import USERS_DN
from tests.system.processes import waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ldap3 import Connection

    from idp.adapters.ldap import LdapDirectory
    from tests.slapd import RunningSlapd

ESTABLISHED, CLOSE_WAIT = "01", "08"
"""States in /proc/net/tcp."""

ANSWERS = {
    "nothing": b"",
    "HTTP": b"HTTP/1.1 400 Bad Request\r\nServer: something else\r\n\r\n" * 4,
    "SMTP": b"220 mail.example.nl ESMTP\r\n" * 9,
    "half a message": b"\x30\x84\x00\x00\x00\x40\x02",
    "an impossible length": b"\x30\x84\xff\xff\xff\xff" + b"x" * 64,
    "zeros": bytes(64),
    "a result without a code": bytes.fromhex("30050201016100"),
    "a text that is a list": bytes.fromhex("300c02010161070a01000a440400"),
    "a name that is a number": bytes.fromhex("301e020101641904057569643d783010220e4d032d6964310704055534424230"),
    "a code that is empty": bytes.fromhex("300c0201017807ea010004999f00"),
    "an unknown code": bytes.fromhex("300c02010161070a01720004000400"),
}


def test_a_frozen_server_is_given_up_in_time(
    slapd: RunningSlapd, open_directory: Callable[..., LdapDirectory], real: World
) -> None:
    """Each worker thread that waits for ever is one that serves nobody; visitors get a page that says so instead."""
    user, owner = real.user_with_password(), real.owner_with_password()
    calls: list[Callable[[], object]] = []
    directory = open_directory(slapd, timeout_s=0.2)
    for number in range(len(every_call(real, user, owner))):  # each over one of its own, which has not given up yet
        directory = open_directory(slapd, timeout_s=0.2)
        directory.bind_user(user, PASSWORD)  # so that there are kept connections
        directory.ping()
        calls.append(every_call(replace(real, directory=directory), user, owner)[number])
    slapd.pause()
    took: list[float] = []
    for call in calls:
        began = time.monotonic()
        with pytest.raises(DirectoryUnavailable):
            call()
        took.append(time.monotonic() - began)
    assert median(took) < 0.2 * 1.5  # not twice; what else this machine does may delay one of them
    with pytest.raises(DirectoryUnavailable, match="gave no answer in time; it is asked again in"):
        directory.ping()
    slapd.resume()
    assert any(answers(directory) for _ in waiting(5))


def answers(directory: LdapDirectory) -> bool:
    """Tell whether it answers."""
    try:
        directory.ping()
    except DirectoryUnavailable:
        return False
    return True


def test_kept_connections_are_few_and_used_again(slapd: RunningSlapd, real: World) -> None:
    """Opening one for each request would cost more than the request."""
    user = real.user_with_password()
    real.directory.bind_user(user, PASSWORD)
    before = connections(slapd)
    for _ in range(20):
        real.directory.bind_user(user, PASSWORD)
        with pytest.raises(InvalidCredentials):
            real.directory.bind_user(user, WRONG)
        real.directory.find_user(NAME)
    assert connections(slapd) == before


def test_a_service_that_is_not_let_in_blames_nobody(
    slapd: RunningSlapd, open_directory: Callable[..., LdapDirectory], real: World
) -> None:
    """The service's own wrong password must not look like a user's wrong password, or like a user who isn't there."""
    real.user_with_password()
    directory = open_directory(slapd, service=SimpleBind(slapd.embedded.service_dn, WRONG))
    for call in (lambda: directory.find_user(NAME), directory.ping):
        with pytest.raises(DirectoryUnavailable, match="invalidCredentials"):
            call()


def test_a_wrong_base_is_noticed(slapd: RunningSlapd, open_directory: Callable[..., LdapDirectory], real: World) -> None:
    """A service that sees no users at all says so, rather than to each user that they don't exist."""
    del real
    stranger = SimpleBind("uid=x,ou=people,dc=u4bsw,dc=nl", WRONG)
    slapd.tool(
        "ldapadd",
        ldif=f"dn: {stranger.dn}\nobjectClass: inetOrgPerson\ncn: x\nsn: x\nuserPassword: {stranger.password}\n",
    )
    directory = open_directory(slapd, service=stranger)
    for call in (lambda: directory.find_user(NAME), directory.ping):
        with pytest.raises(DirectoryRefuses, match="shows the service no koppelgebruikers"):
            call()


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_what_speaks_no_ldap_is_no_directory(answer: bytes) -> None:
    """A wrong port in the configuration gives a sentence, not a traceback."""
    with _listener(answer) as url, pytest.raises(DirectoryUnavailable):
        hang_up(LdapServer(url, timeout_s=TIMEOUT_S).connect(SimpleBind("cn=x", WRONG))[0])


@pytest.mark.parametrize("url", ["ldap://127.0.0.1:1", "ldapi://%2Fnowhere%2Fldapi", "ldap://[::1]:1", "ldap://127.0.0.1:x"])
def test_nobody_there_is_no_directory(url: str) -> None:
    """Each way of being away is the same to a visitor."""
    with pytest.raises(DirectoryUnavailable):
        LdapServer(url, timeout_s=TIMEOUT_S).connect()


def test_a_child_process_takes_no_connection_along(slapd: RunningSlapd, real: World) -> None:
    """Two processes on one connection read each other's answers: one user's bind would be taken for another's."""
    user = real.user_with_password()
    real.directory.bind_user(user, PASSWORD)
    before = connections(slapd)
    child = os.fork()
    if child == 0:
        os._exit(_works(real, lambda: connections(slapd).isdisjoint(before)))  # without pytest's end of a run
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    real.directory.bind_user(user, PASSWORD)
    assert real.directory.find_user(NAME) == user
    assert connections(slapd) == before  # the parent's own were not hung up


def test_a_child_process_takes_no_writers_connection_along(slapd: RunningSlapd, real: World) -> None:
    """An operator's change would be answered to somebody else's."""
    real.user_with_password()
    admin = SimpleBind(slapd.embedded.admin_dn, slapd.embedded.admin_password_file.read_text())
    writer = Writer(lambda: LdapServer(slapd.embedded.ldap_url, timeout_s=TIMEOUT_S).connect(admin)[0], keep=True)
    dn = f"uid={NAME},{USERS_DN}"
    before = connections(slapd)
    writer.replace(dn, {"administratie": "A"})
    (kept,) = connections(slapd) - before
    child = os.fork()
    if child == 0:
        writer.replace(dn, {"administratie": "B"})
        os._exit(kept in connections(slapd))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert writer.replace(dn, {"administratie": "C"})["result"] == 0
    assert connections(slapd) - before == {kept}
    writer.close()
    assert connections(slapd) == before


def test_a_writer_whose_connection_has_died_says_so_once(slapd: RunningSlapd, real: World) -> None:
    """Whether the change was made can't be known: it is not made again by itself; the next one finds a connection."""
    real.user_with_password()
    admin = SimpleBind(slapd.embedded.admin_dn, slapd.embedded.admin_password_file.read_text())
    writer = Writer(lambda: LdapServer(slapd.embedded.ldap_url, timeout_s=TIMEOUT_S).connect(admin)[0], keep=True)
    dn = f"uid={NAME},{USERS_DN}"
    writer.replace(dn, {"administratie": "A"})
    slapd.stop()
    slapd.start()
    with pytest.raises(DirectoryUnavailable):
        writer.replace(dn, {"administratie": "B"})
    assert slapd.read(dn, "administratie") == ["A"]
    assert writer.replace(dn, {"administratie": "B"})["result"] == 0
    writer.close()


def test_as_many_threads_as_come_are_served(slapd: RunningSlapd) -> None:
    """More threads than kept connections must neither wait for each other nor leave connections behind."""
    server = LdapServer(slapd.embedded.ldap_url, timeout_s=TIMEOUT_S)
    lane = Lane(lambda: server.connect()[0])
    before = connections(slapd)
    _ask_together(lane, 20)
    assert len(connections(slapd) - before) == 8
    lane.close()


def test_a_restart_leaves_no_deadconnections(slapd: RunningSlapd) -> None:
    """Each would cost another visitor a failed try, and holds a file descriptor meanwhile."""
    server = LdapServer(slapd.embedded.ldap_url, timeout_s=TIMEOUT_S)
    lane = Lane(lambda: server.connect()[0])
    _ask_together(lane, 4)
    slapd.stop()
    slapd.start()
    assert len(connections(slapd, CLOSE_WAIT)) == 4
    assert lane.ask(bind) == 0
    assert not connections(slapd, CLOSE_WAIT)
    lane.close()


def test_no_password_stays_in_memory_longer_than_needed(slapd: RunningSlapd) -> None:
    """A kept connection is there for hours; what it once carried must not be in it (nor in a traceback's variables)."""
    server = LdapServer(slapd.embedded.ldap_url, timeout_s=TIMEOUT_S)
    identity = SimpleBind(slapd.embedded.service_dn, slapd.embedded.service_password_file.read_text())
    connection, _ = server.connect(identity)
    held = {name: repr(value) for name, value in vars(connection).items()}
    hang_up(connection)
    assert [name for name, value in held.items() if identity.password in value] == []
    assert identity.password not in repr(identity)


def _works(world: World, and_this: Callable[[], bool]) -> int:
    try:
        world.directory.bind_user(world.user, PASSWORD)
        return 0 if and_this() else 2
    except BaseException:  # noqa: BLE001  # whatever it is, it is the exit status
        return 1


def connections(slapd: RunningSlapd, state: str = ESTABLISHED) -> set[str]:
    """Give this process's connections to the server that are in one state, by the numbers of their sockets."""
    port = f":{slapd.embedded.port:04X}"
    rows = [line.split() for line in Path("/proc/self/net/tcp").read_text(encoding="ascii").splitlines()]
    ours = {str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()}
    sockets = {f"socket:[{row[9]}]" for row in rows if row[2].endswith(port) and row[3] == state}
    return sockets & ours


def _ask_together(lane: Lane, number: int) -> None:
    """Have a number of threads use connections at the same moment."""
    together = threading.Barrier(number)

    def question(connection: Connection) -> None:
        bind(connection)  # as nobody, so that the server has taken the connection on
        together.wait(timeout=10)

    with ThreadPoolExecutor(number) as pool:
        list(pool.map(lambda _: lane.ask(question), range(number)))


@contextmanager
def _listener(answer: bytes) -> Iterator[str]:
    """Somebody who takes what is sent, answers the same to everything, and hangs up."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as server:

        def serve() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(answer)
                peer.shutdown(socket.SHUT_WR)
                peer.recv(4096)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"ldap://127.0.0.1:{port}"
        thread.join()
