"""Connections that are cut, closed or slow, between us and a real slapd: no request fails that could be answered."""

from __future__ import annotations

import select
import socket
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap import LdapServer, SimpleBind
from idp.errors import DirectoryUnavailable, InvalidCredentials, UnknownUser
from tests.contract.directory.test_slapd_faults import CLOSE_WAIT, connections
from tests.contract.directory.worlds import MAIL, NAME, OTHER_PASSWORD, PASSWORD, WRONG
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN
from tests.system.processes import waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from idp.adapters.ldap import LdapDirectory
    from tests.contract.directory.worlds import World
    from tests.slapd import RunningSlapd

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER (socket(7)): closing sends RST."""


class Cutter:
    """A way to slapd that is cut when it is told to.

    Args:
        port: slapd's.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._left: int | None = None
        self._in_answer = False
        self.url = f"ldap://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def cut(self, request: int = 1, *, in_answer: bool) -> None:
        """Reset the connection once.

        Args:
            request: which one from now on, 1 for the next.
            in_answer: let the request through, and half of what is answered; otherwise it is lost.
        """
        self._left, self._in_answer = request, in_answer

    def close(self) -> None:
        """Take no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _accept(self) -> None:
        serving: list[threading.Thread] = []
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                break
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            serving.append(threading.Thread(target=self._serve, args=(client,)))
            serving[-1].start()
        for thread in serving:
            thread.join()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._port)) as server:
            cut = False
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    piece = ready.recv(65536)
                    cut = cut or (ready is client and bool(piece) and self._is_due())
                    if not piece or (cut and ready is client and not self._in_answer):
                        _hang_up(client, reset=cut)
                        return
                    if ready is server and cut:
                        client.sendall(piece[: len(piece) // 2])
                        _hang_up(client, reset=True)
                        return
                    (server if ready is client else client).sendall(piece)

    def _is_due(self) -> bool:
        if self._left is not None:
            self._left -= 1
        if self._left != 0:
            return False
        self._left = None
        return True


def _hang_up(client: socket.socket, *, reset: bool) -> None:
    if reset:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    client.close()


@pytest.fixture
def cutter(slapd: RunningSlapd) -> Iterator[Cutter]:
    """The way."""
    way = Cutter(slapd.embedded.port)
    yield way
    way.close()


@pytest.fixture
def far(cutter: Cutter, slapd: RunningSlapd, open_directory: Callable[..., LdapDirectory]) -> Iterator[LdapDirectory]:
    """The directory at the end of it."""
    directory = open_directory(slapd, url=cutter.url)
    yield directory
    directory.close()


@pytest.mark.parametrize("in_answer", [False, True], ids=["request lost", "answer cut"])
def test_a_reset_is_not_noticed(real: World, far: LdapDirectory, cutter: Cutter, in_answer: bool) -> None:  # noqa: FBT001  # a parameter
    """A firewall that forgets a connection, a load balancer that restarts: a visitor sees nothing of it."""
    user, owner = real.user_with_password(), real.owner_with_password()
    calls: list[Callable[[], object]] = [
        lambda: far.find_user(NAME),
        lambda: far.find_user_by_uuid(user.entry_uuid),
        lambda: far.find_owner_by_mail(MAIL),
        lambda: far.users_of(owner),
        lambda: far.bind_user(user, PASSWORD),
        lambda: far.bind_owner(owner, PASSWORD),
        far.ping,
    ]
    for call in calls:
        call()  # so that there is a kept connection to cut
        cutter.cut(in_answer=in_answer)
        call()
    cutter.cut(in_answer=in_answer)
    with pytest.raises(InvalidCredentials):
        far.bind_user(user, WRONG)


@pytest.mark.parametrize("in_answer", [False, True], ids=["request lost", "answer cut"])
def test_a_write_is_never_sent_twice(real: World, far: LdapDirectory, cutter: Cutter, in_answer: bool) -> None:  # noqa: FBT001  # likewise
    """Whether it was done is to be looked at, not guessed: a second try would meet the 24 hours of the first."""
    user = real.user_with_password()
    cutter.cut(2, in_answer=in_answer)  # the first binds
    with pytest.raises(DirectoryUnavailable):
        far.set_user_password(user, user.seen, OTHER_PASSWORD)
    works, fails = (OTHER_PASSWORD, PASSWORD) if in_answer else (PASSWORD, OTHER_PASSWORD)
    far.bind_user(real.user, works)
    with pytest.raises(InvalidCredentials):
        far.bind_user(real.user, fails)


def test_connections_that_slapd_tired_of_are_replaced(slapd: RunningSlapd, real: World) -> None:
    """After a quiet night (`olcIdleTimeout`) the first visitor of the morning is served like any other."""
    user = real.user_with_password()
    before = connections(slapd, CLOSE_WAIT)
    real.directory.bind_user(user, PASSWORD)
    real.directory.ping()
    with idle_timeout(slapd):
        assert any(len(connections(slapd, CLOSE_WAIT) - before) == 2 for _ in waiting(20))
        real.directory.bind_user(user, PASSWORD)
        assert real.user == user
    assert connections(slapd, CLOSE_WAIT) == before


@contextmanager
def idle_timeout(slapd: RunningSlapd) -> Iterator[None]:
    """Have slapd close what was quiet for a second."""
    change = "dn: cn=config\nchangetype: modify\nreplace: olcIdleTimeout\nolcIdleTimeout: {}\n"
    slapd.modify(change.format(1))
    try:
        yield
    finally:
        slapd.modify(change.format(0))


def test_who_takes_no_connections_is_given_up_in_time() -> None:
    """A machine that is there and too busy to take a connection must not hold a thread for the kernel's two minutes."""
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        waiting_ones = [socket.socket() for _ in range(4)]
        for one in waiting_ones:
            one.settimeout(0)
            one.connect_ex(busy.getsockname())
        with pytest.raises(DirectoryUnavailable, match="in time"):
            LdapServer(f"ldap://127.0.0.1:{busy.getsockname()[1]}", timeout_s=0.3).connect()
        for one in waiting_ones:
            one.close()


def test_an_answer_in_drips_is_given_up_in_time() -> None:
    """The time-out is for an answer, not for each byte of it: else one bad server holds every thread, for as long as it likes."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(4096)
                for byte in b"\x30\x82\x01\x00" + bytes(256):
                    if ended.wait(0.02):
                        return
                    peer.sendall(bytes([byte]))

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(DirectoryUnavailable, match="in time"):
            LdapServer(f"ldap://127.0.0.1:{server.getsockname()[1]}", timeout_s=0.3).connect(SimpleBind("cn=x", WRONG))
        ended.set()
        thread.join()


# -- referrals -----------------------------------------------------------------------------------------------------------------


def test_referrals_are_not_followed(slapd: RunningSlapd, real: World) -> None:
    """Whoever may write a referral would else have everybody's password sent to a server of theirs."""
    user, owner = real.user_with_password(), real.owner_with_password()
    with socket.create_server(("127.0.0.1", 0)) as theirs:
        theirs.settimeout(0)
        url = f"ldap://127.0.0.1:{theirs.getsockname()[1]}"
        for name in (f"ou=elders,{PEOPLE_DN}", f"uid=U4BBGA0009,{USERS_DN}"):
            attribute, _, value = name.partition(",")[0].partition("=")
            classes = "objectClass: referral\nobjectClass: extensibleObject\n"
            slapd.tool("ldapadd", "-M", ldif=f"dn: {name}\n{classes}{attribute}: {value}\nref: {url}/{BASE_DN}\n")
        try:
            real.directory.ping()
            assert (real.user, real.directory.find_owner_by_mail(MAIL)) == (user, owner)
            for look in (
                lambda: real.directory.find_user("U4BBGA0009"),
                lambda: real.directory.find_owner(f"uid=x,ou=elders,{PEOPLE_DN}"),
                lambda: real.directory.find_owner(f"ou=elders,{PEOPLE_DN}"),
                lambda: real.directory.find_owner_by_mail("elders@example.nl"),
            ):
                with pytest.raises(UnknownUser):
                    look()
            with pytest.raises(BlockingIOError):
                theirs.accept()
        finally:
            slapd.tool("ldapdelete", "-M", f"ou=elders,{PEOPLE_DN}", f"uid=U4BBGA0009,{USERS_DN}")
