"""An application is told something at the address that is registered, and nowhere else."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from idp.adapters.back_channel import HttpBackChannel
from idp.domain.reachable import Reachable
from idp.errors import ApplicationOutOfReach, ApplicationUnavailable
from tests.contract.back_channel.application import DRIP, HERE, running_application
from tests.contract.mailer.certificates import make_certificate
from tests.free_ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from idp.ports.outside import BackChannel

FORM = {"logout_token": "a.b.c&d=é"}


@pytest.fixture
def back_channel() -> BackChannel:
    """One that waits for half a second."""
    return HttpBackChannel(HERE, timeout_s=0.5)


@pytest.mark.parametrize("status", [200, 204, 302, 307, 400, 500])
def test_the_form_goes_to_the_address_and_its_status_comes_back(back_channel: BackChannel, status: int) -> None:
    """A redirect would have us send a token to whoever the application, or somebody in its place, names."""
    with running_application() as application:
        application.answers = [status]
        assert back_channel.post(application.uri, FORM) == status
        assert application.sent == [("/out?of=here", FORM)]


def test_who_answers_a_byte_at_a_time_holds_nobody_up(back_channel: BackChannel) -> None:
    """One application would keep all others, and every mail, waiting."""
    with running_application() as application:
        application.answers = [DRIP]
        with pytest.raises(ApplicationUnavailable):
            back_channel.post(application.uri, FORM)


def test_whoever_is_not_there_is_told_later(back_channel: BackChannel) -> None:
    """The worker would end by it."""
    for uri in (f"http://127.0.0.1:{free_port()}/out", "https://no-such-host.invalid/out"):
        with pytest.raises(ApplicationUnavailable):
            back_channel.post(uri, FORM)


@pytest.mark.parametrize("uri", ["https://app.example:65536/out", "https://app..example/out", "https://[::::]/out"])
def test_an_address_that_there_can_not_be_is_nobodys(back_channel: BackChannel, uri: str) -> None:
    """The worker would end by it at each start, and nobody would get a mail any more."""
    with pytest.raises(ApplicationUnavailable):
        back_channel.post(uri, FORM)


class Resolver:
    """Gives what a test says, each time the next; counts."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> tuple[str, ...]:
        """Give the next."""
        self.asked.append((host, port))
        return self.answers.pop(0)


@pytest.mark.parametrize(
    "found",
    [
        ("127.0.0.1",),
        ("::1",),
        ("::ffff:127.0.0.1",),
        ("64:ff9b::7f00:1",),
        ("169.254.169.254",),
        ("93.184.215.14", "127.0.0.1"),
        (),
    ],
)
def test_a_name_that_leads_into_our_own_network_is_nobodys(found: tuple[str, ...]) -> None:
    """A bank's name server would have us send to the directory, or to whatever hands out our machine's own credentials."""
    with running_application() as application:
        channel = HttpBackChannel(Reachable(), resolve=Resolver(found))
        with pytest.raises(ApplicationOutOfReach):
            channel.post(f"http://bank.example:{application.server_port}/out", FORM)
        assert application.sent == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_neither_is_an_address_that_is_written_out(host: str) -> None:
    """Whoever registers an address would need no name server for it."""
    with running_application() as application:
        with pytest.raises(ApplicationOutOfReach):
            HttpBackChannel(Reachable()).post(f"http://{host}:{application.server_port}/out", FORM)
        assert application.sent == []


def test_what_was_judged_is_what_is_connected_to(tmp_path: Path) -> None:
    """A name server may give a good answer first, and a moment later another; and the certificate is still that of the name."""
    certificate = make_certificate(tmp_path / "tls")
    with running_application(certificate.server_context()) as application:
        resolver = Resolver(("127.0.0.1",))  # and no second answer
        channel = HttpBackChannel(HERE, certificate.client_context(), resolve=resolver)
        with pytest.raises(ApplicationUnavailable):
            channel.post(f"https://bank.example:{application.server_port}/out", FORM)
        assert application.sent == []
        assert resolver.asked == [("bank.example", application.server_port)]
    with running_application() as application:
        resolver = Resolver(("127.0.0.1",))
        uri = f"http://no-such-host.invalid:{application.server_port}/out?of=here"
        assert HttpBackChannel(HERE, resolve=resolver).post(uri, FORM) == 200
        assert application.sent == [("/out?of=here", FORM)]


def test_a_name_server_that_says_nothing_holds_nobody_up() -> None:
    """The system waits half a minute for one, and all others, and every mail, would wait with it."""
    over = Event()

    def hang(_host: str, _port: int) -> tuple[str, ...]:
        over.wait()
        return ()

    try:
        with pytest.raises(ApplicationUnavailable):
            HttpBackChannel(HERE, timeout_s=0.1, resolve=hang).post("https://bank.example/out", FORM)
    finally:
        over.set()


def test_who_drips_in_the_middle_of_tls_holds_nobody_up() -> None:
    """Likewise: each byte comes in time, and there is no end of them."""
    over = Event()

    def drip(listening: socket.socket) -> None:
        peer, _ = listening.accept()
        with peer, suppress(OSError):
            peer.sendall(b"\x16\x03\x03\x40\x00")  # the head of a record of TLS, of 16 kB
            while not over.wait(0.02):
                peer.sendall(b"\x02")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=drip, args=[listening])
        thread.start()
        try:
            with pytest.raises(ApplicationUnavailable):
                HttpBackChannel(HERE, timeout_s=0.3).post(f"https://127.0.0.1:{listening.getsockname()[1]}/", FORM)
        finally:
            over.set()
            thread.join()


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """One would look the name up again by itself, and read what is sent."""
    with running_application() as proxy, running_application() as application:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.uri)
        assert HttpBackChannel(HERE).post(application.uri, FORM) == 200
        assert (len(proxy.sent), len(application.sent)) == (0, 1)


def test_only_a_server_whose_certificate_is_trusted_is_told(tmp_path: Path) -> None:
    """Whoever stands in the way would learn who has logged out of what."""
    certificate = make_certificate(tmp_path / "tls")
    with running_application(certificate.server_context()) as application:
        with pytest.raises(ApplicationUnavailable):
            HttpBackChannel(HERE).post(application.uri, FORM)
        assert application.sent == []
        assert HttpBackChannel(HERE, certificate.client_context()).post(application.uri, FORM) == 200
        another_name = application.uri.replace("127.0.0.1", "localhost")
        with pytest.raises(ApplicationUnavailable):
            HttpBackChannel(HERE, certificate.client_context()).post(another_name, FORM)
    assert len(application.sent) == 1
