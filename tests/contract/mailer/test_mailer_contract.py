"""What every mailer does, the real one in each of its ways and the tests' own mailbox alike."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from idp.adapters.smtp import SmtpMailer
from tests.contract.mailer.certificates import make_certificate
from tests.contract.mailer.letter import HTML, LINK, MAIL, TEXT, mail_to, mail_with_subject
from tests.contract.mailer.real_server import RealServer
from tests.web.world import Mailbox, Received

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from idp.ports.outside import Mailer

LOGIN = ("koppel-idp", "wachtwoord van de mailserver")


@dataclass(frozen=True)
class Post:
    """A mailer, and what arrived by it."""

    mailer: Mailer
    received: Callable[[], list[Received]]


def _in_memory(folder: Path) -> Iterator[Post]:
    del folder
    mailbox = Mailbox()
    yield Post(mailbox, lambda: mailbox.received)


def _starttls(folder: Path) -> Iterator[Post]:
    certificate = make_certificate(folder)
    with RealServer(starttls=certificate.server_context()) as server:
        mailer = SmtpMailer(
            "127.0.0.1", server.port, "starttls", "Mijn Support Gemak", "noreply@u4bsw.nl", 10,
            tls_context=certificate.client_context(),
        )  # fmt: skip
        yield Post(mailer, lambda: _read(server))


def _starttls_with_login(folder: Path) -> Iterator[Post]:
    certificate = make_certificate(folder)
    with RealServer(starttls=certificate.server_context(), login=LOGIN) as server:
        mailer = SmtpMailer(
            "127.0.0.1", server.port, "starttls", "Mijn Support Gemak", "noreply@u4bsw.nl", 10, *LOGIN,
            tls_context=certificate.client_context(),
        )  # fmt: skip
        yield Post(mailer, lambda: _read(server))


def _tls(folder: Path) -> Iterator[Post]:
    certificate = make_certificate(folder)
    with RealServer(tls=certificate.server_context()) as server:
        mailer = SmtpMailer(
            "127.0.0.1", server.port, "tls", "Mijn Support Gemak", "noreply@u4bsw.nl", 10,
            tls_context=certificate.client_context(),
        )  # fmt: skip
        yield Post(mailer, lambda: _read(server))


def _in_the_clear(folder: Path) -> Iterator[Post]:
    del folder
    with RealServer() as server:
        mailer = SmtpMailer("127.0.0.1", server.port, "none", "Mijn Support Gemak", "noreply@u4bsw.nl", 10)
        yield Post(mailer, lambda: _read(server))


def _read(server: RealServer) -> list[Received]:
    return [_received(delivered.content) for delivered in server.delivered]


def _received(content: bytes) -> Received:
    message = message_from_bytes(content.replace(b"\r\n", b"\n"), policy=policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return Received(str(message["To"]), str(message["Subject"]), text.get_content(), html.get_content())


@pytest.fixture(params=[_in_memory, _starttls, _starttls_with_login, _tls, _in_the_clear])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    """A mailer of each kind."""
    yield from request.param(tmp_path)


@pytest.mark.row("R17", "R19")
def test_what_is_sent_is_what_arrives(post: Post) -> None:
    """R19: a link that a mail server broke into two works for nobody."""
    post.mailer.send(MAIL)
    (received,) = post.received()
    assert (received.to, received.subject) == ("anna@example.nl", "Wachtwoord wijzigen")
    assert received.text == TEXT
    assert received.html == HTML
    assert received.links == [LINK]


def test_letters_beyond_ascii_arrive(post: Post) -> None:
    """Subjects are sentences in Dutch, and people are called Zoë."""
    subject = "Eén hele lange zin voor Zoë, met € 100, “aanhalingstekens” en verder niets dan woorden tot voorbij de regel"
    post.mailer.send(mail_with_subject(subject))
    post.mailer.send(mail_to("zoë@bücher.example.nl"))
    assert [received.subject for received in post.received()] == [subject, "Wachtwoord wijzigen"]
    assert post.received()[1].to == "zoë@bücher.example.nl"


def test_several_in_a_row_arrive_in_order(post: Post) -> None:
    """The worker sends with the same mailer all day."""
    for number in range(3):
        post.mailer.send(mail_to(f"owner{number}@example.nl"))
    assert [received.to for received in post.received()] == [f"owner{number}@example.nl" for number in range(3)]
