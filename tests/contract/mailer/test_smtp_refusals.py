"""What a server's no means: later, or never."""

from __future__ import annotations

import traceback

import pytest

from idp.adapters.smtp import SmtpMailer
from idp.errors import MailRefused, MailUnavailable
from tests.contract.mailer.letter import LINK, MAIL
from tests.contract.mailer.scripted_server import END, GREETING, Act, Drop, Flood, ScriptedServer

PASSWORD = "wachtwoord van de mailserver"
LOGIN = ("koppel-idp", PASSWORD)
OFFERS_LOGIN = b"250-mail.test\r\n250 AUTH PLAIN"


def _mailer(server: ScriptedServer, username: str = "", password: str = "") -> SmtpMailer:
    return SmtpMailer("127.0.0.1", server.port, "none", "Mijn Support Gemak", "noreply@u4bsw.nl", 5, username, password)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", END])
@pytest.mark.parametrize("answer", [b"550 no anna@example.nl here", b"552-too\r\n552 much"])
def test_a_no_for_good_is_not_tried_again(step: str, answer: bytes) -> None:
    """Ever new tries would get our address onto a list of spammers."""
    with ScriptedServer({step: answer}) as server, pytest.raises(MailRefused):
        _mailer(server).send(MAIL)


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        (GREETING, b"421 too busy"),
        (GREETING, b"554 no service here"),
        (GREETING, b"SSH-2.0-something else"),
        ("MAIL", b"451 later"),
        ("MAIL", b"530 authenticate first"),
        ("RCPT", b"450 greylisted, anna@example.nl"),
        ("RCPT", b"354 not what RCPT is answered with"),
        ("DATA", b"451 later"),
        ("DATA", b"250 not what DATA is answered with"),
        (END, b"452 no room"),
        (END, b"354 not what an end is answered with"),
        (END, b"nonsense"),
        *((step, Drop()) for step in (GREETING, "EHLO", "MAIL", "RCPT", "DATA", END)),
        ("EHLO", Flood(b"x" * 100_000)),
    ],
)
def test_whatever_may_pass_is_tried_again(step: str, answer: Act) -> None:
    """A letter that was dropped for a busy server leaves its owner without a password."""
    with ScriptedServer({step: answer}) as server, pytest.raises(MailUnavailable):
        _mailer(server).send(MAIL)


@pytest.mark.parametrize("step", [GREETING, "EHLO", "MAIL"])
def test_a_server_that_never_stops_talking_is_left(step: str) -> None:
    """It would fill the worker's memory in the time that it has."""
    with ScriptedServer({step: Flood()}) as server, pytest.raises(MailUnavailable, match="TalksTooMuch"):
        _mailer(server).send(MAIL)


def test_a_name_that_can_not_be_looked_up_is_tried_again() -> None:
    """A typing error in the configuration is mended by an operator, and the mail goes out then."""
    mailer = SmtpMailer("mail..example.nl", 25, "none", "Mijn Support Gemak", "noreply@u4bsw.nl", 5)
    with pytest.raises(MailUnavailable, match="UnicodeError"):
        mailer.send(MAIL)


def test_no_server_at_all_is_tried_again() -> None:
    """A mail server that is restarted is back in a minute."""
    with ScriptedServer() as server:
        mailer = _mailer(server)
    with pytest.raises(MailUnavailable):
        mailer.send(MAIL)


@pytest.mark.parametrize("end", [Drop(), b"500 what?", b"x"])
def test_what_comes_after_the_250_changes_nothing(end: Act) -> None:
    """The server has the message: sending it again would be a double."""
    with ScriptedServer({"QUIT": end}) as server:
        _mailer(server).send(MAIL)
    assert server.verbs[-1] == "QUIT"


@pytest.mark.parametrize("auth", [b"535 wrong", b"454 later", b"334 ???", Drop()])
def test_a_log_in_that_fails_is_tried_again(auth: Act) -> None:
    """The mail server's password may have been changed before ours."""
    with ScriptedServer({"EHLO": OFFERS_LOGIN, "AUTH": auth}) as server, pytest.raises(MailUnavailable):
        _mailer(server, *LOGIN).send(MAIL)
    assert "MAIL" not in server.verbs


def test_a_server_without_a_log_in_gets_no_mail() -> None:
    """Who configured one expects that it is used."""
    with ScriptedServer() as server, pytest.raises(MailUnavailable):
        _mailer(server, *LOGIN).send(MAIL)
    assert "MAIL" not in server.verbs


def test_a_look_at_the_server_sends_nothing() -> None:
    """Who checks an installation has no mail to spare, and must hear of a wrong password."""
    with ScriptedServer({"EHLO": OFFERS_LOGIN, "AUTH": b"235 ok"}) as server:
        _mailer(server, *LOGIN).ping()
    assert server.verbs == ["EHLO", "AUTH", "QUIT"]
    with ScriptedServer({"EHLO": OFFERS_LOGIN, "AUTH": b"535 wrong"}) as server, pytest.raises(MailUnavailable, match="535"):
        _mailer(server, *LOGIN).ping()


@pytest.mark.row("S35")
@pytest.mark.parametrize("step", ["AUTH", "MAIL", "RCPT", END])
@pytest.mark.parametrize("code", [b"550", b"450"])
def test_no_error_repeats_an_address_or_a_secret(step: str, code: bytes) -> None:
    """S35: servers quote what they refuse, and an error ends up in a log."""
    echo = code + b" <anna@example.nl> " + PASSWORD.encode() + b" " + LINK.encode()
    with ScriptedServer({"EHLO": OFFERS_LOGIN, "AUTH": b"235 ok", step: echo}) as server:
        mailer = _mailer(server, *LOGIN)
        with pytest.raises((MailUnavailable, MailRefused)) as error:
            mailer.send(MAIL)
    printed = "".join(traceback.format_exception(error.value)) + repr(mailer)
    assert [secret for secret in ("anna@", PASSWORD, LINK, "koppel-idp") if secret in printed] == []
    assert code.decode() in str(error.value)
