"""The demo's mail server, as a process, with our own mailer as its client."""

from __future__ import annotations

import resource
import signal
import socket
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from idp.adapters.mailbox_server import run_mailbox_server
from idp.adapters.smtp import SmtpMailer
from idp.domain.mail import Content, Mail
from idp.errors import ConfigurationError, MailRefused, MailUnavailable
from idp.web.demo_mail import Message, read_mailbox
from tests.adapters.mailbox_process import mailbox_process
from tests.free_ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINK = "http://127.0.0.1:8000/reset/password/" + "Sw0rdf1sh-_" * 8
TEXT = f"Hallo Zoë,\n\n.\n{LINK}\n"
MAIL = Mail(
    to="anna@example.nl",
    content=Content("Wachtwoord wijzigen", TEXT, "<p>Hallo Zoë</p>\n"),
    message_id="<5b0c7a52d9f04d5c@127.0.0.1>",
    date=datetime(2026, 3, 4, 10, 0, tzinfo=UTC),
    language="nl",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that does not exist yet."""
    return tmp_path / "state" / "mail"


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    """A server that runs."""
    free = free_port()
    with mailbox_process(folder, free):
        yield free


def _mailer(port: int) -> SmtpMailer:
    return SmtpMailer("127.0.0.1", port, "none", "Mijn Support Gemak", "noreply@u4bsw.nl", 10)


@pytest.mark.row("R17", "R19")
def test_what_the_service_sends_is_read_in_the_demo(port: int, folder: Path) -> None:
    """Who tries the demo finds the link here, or nowhere."""
    _mailer(port).send(MAIL)
    (message,) = read_mailbox(folder)
    assert message == Message(
        name=next(folder.glob("*.eml")).stem,
        to="anna@example.nl",
        sender="Mijn Support Gemak <noreply@u4bsw.nl>",
        subject="Wachtwoord wijzigen",
        date="2026-03-04T10:00:00+00:00",
        text=TEXT,
        html="<p>Hallo Zoë</p>\n",
        links=(LINK,),
    )


def test_the_newest_is_read_first(port: int, folder: Path) -> None:
    """The link that was just asked for is the one that is wanted."""
    for number in range(3):
        _mailer(port).send(replace(MAIL, to=f"owner{number}@example.nl"))
    assert [message.to for message in read_mailbox(folder)] == [f"owner{number}@example.nl" for number in (2, 1, 0)]
    assert [path.name for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)] == sorted(
        path.name for path in folder.iterdir()
    )


def test_nobody_else_reads_it(port: int, folder: Path) -> None:
    """Other users of the machine would take the links in it."""
    _mailer(port).send(MAIL)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]


@pytest.mark.usefixtures("folder")
def test_it_listens_on_one_address_of_this_machine(port: int) -> None:
    """A mail server that the network can reach would take anybody's mail."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), 10)


def test_a_message_that_can_not_be_kept_waits(folder: Path) -> None:
    """A full disk must not lose a mail, nor show half of it: its sender keeps it and comes back."""
    port = free_port()
    with mailbox_process(folder, port) as process:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
        with pytest.raises(MailUnavailable, match="452"):
            _mailer(port).send(MAIL)
        assert list(folder.iterdir()) == []
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        _mailer(port).send(MAIL)
    assert [message.text for message in read_mailbox(folder)] == [TEXT]


def test_no_mail_fills_the_disk(port: int, folder: Path) -> None:
    """Whatever runs on this machine may talk to it."""
    with pytest.raises(MailRefused, match="552"):
        _mailer(port).send(replace(MAIL, content=Content("Groot", "x" * 2_000_000, "")))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_and_without_a_word(folder: Path, number: signal.Signals) -> None:
    """Even while somebody is connected: the demo ends when it is told to, with no process left."""
    port = free_port()
    with mailbox_process(folder, port) as process, socket.create_connection(("127.0.0.1", port), 10) as connection:
        assert connection.recv(3) == b"220"
        process.send_signal(number)
        _, said = process.communicate(timeout=10)
        assert (process.returncode, said) == (0, "")


def test_a_second_start_has_the_mail_of_the_first(folder: Path) -> None:
    """The demo's state outlives it."""
    port = free_port()
    for _ in range(2):
        with mailbox_process(folder, port):
            _mailer(port).send(MAIL)
    assert len(read_mailbox(folder)) == 2


def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    """A sentence and not a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigurationError, match=str(taken.getsockname()[1])):
        run_mailbox_server(folder, taken.getsockname()[1])


def test_a_folder_that_can_not_be_made_is_named(folder: Path) -> None:
    """As above."""
    folder.parent.touch()
    with pytest.raises(ConfigurationError, match=str(folder)):
        run_mailbox_server(folder, free_port())
