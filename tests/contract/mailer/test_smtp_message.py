"""The message as it leaves us (RFC 5322)."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from idp.adapters.smtp import SmtpMailer
from idp.adapters.smtp_message import compose
from idp.errors import MailRefused
from tests.contract.mailer.letter import MAIL, mail_to, mail_with_subject
from tests.contract.mailer.real_server import RealServer
from tests.contract.mailer.scripted_server import ScriptedServer

if TYPE_CHECKING:
    from email.message import EmailMessage

FROM = ("Mijn Support Gemak", "noreply@u4bsw.nl")


def _parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


@pytest.mark.row("R17")
def test_who_it_is_from_and_what_it_is_about() -> None:
    """R17: people are told to look for this sender and this subject."""
    message = _parsed(compose(MAIL, *FROM))
    assert message["From"] == "Mijn Support Gemak <noreply@u4bsw.nl>"
    assert message["Subject"] == "Wachtwoord wijzigen"


def test_the_headers_say_what_kind_of_mail_it_is() -> None:
    """Otherwise out-of-office answers come back for every letter, and a screen reader reads Dutch as English."""
    message = _parsed(compose(MAIL, *FROM))
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Content-Language"] == "nl"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_a_relay_has_nothing_to_mend() -> None:
    """A signature (DKIM) is made over bytes: whatever a later server adds, folds or encodes anew breaks it, and mail is spam."""
    content = compose(mail_with_subject("Zoë wijzigt een wachtwoord dat " + "heel " * 20 + "lang is"), *FROM)
    message = _parsed(content)
    assert content.isascii()
    for once in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"):  # RFC 5322 section 3.6, RFC 2045 section 4
        assert len(message.get_all(once, [])) == 1, once
    assert {part["Content-Transfer-Encoding"] for part in message.iter_parts()} == {"quoted-printable"}
    assert {part.get_content_charset() for part in message.iter_parts()} == {"utf-8"}
    header, _, body = content.partition(b"\r\n\r\n")
    assert max(len(line) for line in header.split(b"\r\n")) <= 78  # RFC 5322 section 2.1.1
    assert max(len(line) for line in body.split(b"\r\n")) <= 78  # likewise
    assert message.defects == [defect for part in message.walk() for defect in part.defects] == []


def test_a_second_try_is_the_same_message() -> None:
    """The same identifier and the same date, so that a reader's mailbox shows a double once."""
    for _ in range(2):
        message = _parsed(compose(MAIL, *FROM))
        assert message["Message-ID"] == MAIL.message_id
        assert message["Date"].datetime == MAIL.date


def test_a_long_identifier_is_not_folded() -> None:
    """Servers read a folded one as two."""
    mail = replace(MAIL, message_id=f"<{'a' * 64}@{'b' * 60}.example.nl>")
    assert f"Message-ID: {mail.message_id}\r\n".encode() in compose(mail, *FROM)


def test_a_senders_name_beyond_ascii_is_encoded() -> None:
    """RFC 2047; a bare one is refused by half of all servers."""
    content = compose(MAIL, "Mijn Süpport, “Gemak” B.V.", "noreply@u4bsw.nl")
    assert content.isascii()
    assert _parsed(content)["From"].addresses[0].display_name == "Mijn Süpport, “Gemak” B.V."


def test_every_line_ends_as_on_the_wire() -> None:
    """A bare line feed lets some servers see two messages in one."""
    content = compose(mail_with_subject("Zoë " * 40), *FROM)
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert max(len(line) for line in content.split(b"\r\n")) <= 998  # RFC 5322 section 2.1.1


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.nl\nBcc: eve@example.org",
        "anna@example.nl\r\nBcc: eve@example.org",
        "anna@example.nl\r",
        "anna@example.nl\x00",
        "anna@example.nl\u2028",
        "anna@example.nl> SIZE=1",
        "anna@example.nl, eve@example.org",
        "Eve <eve@example.org>",
        "<anna@example.nl>",
        '"anna@example.nl eve"@example.org',
        "anna(eve)@example.nl",
        " anna@example.nl",
        "anna",
        "@example.nl",
        "anna@",
        "",
        f"{'a' * 250}@example.nl",
    ],
)
def test_an_address_is_one_address_or_nothing_is_sent(address: str) -> None:
    """Whoever may write `mail` in the directory must not get a stranger's link by writing two addresses there."""
    with ScriptedServer() as server:
        mailer = SmtpMailer("127.0.0.1", server.port, "none", *FROM, 5)
        with pytest.raises(MailRefused) as refusal:
            mailer.send(mail_to(address))
        assert server.heard == []
    assert not address or address not in str(refusal.value)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x00\n"])
def test_no_header_can_begin_another_one(end: str) -> None:
    """The subject is configured, the name in it is not."""
    with pytest.raises(MailRefused):
        compose(mail_with_subject(f"Wachtwoord wijzigen{end}Bcc: eve@example.org"), *FROM)
    with pytest.raises(MailRefused):
        compose(replace(MAIL, message_id=f"<1@example.nl>{end}Bcc: eve@example.org"), *FROM)


@pytest.mark.parametrize("address", ["zoë@example.nl", "anna@bücher.example.nl"])
def test_an_address_beyond_ascii_needs_a_server_that_takes_it(address: str) -> None:
    """Said to a server that has no SMTPUTF8, it would be another address, or none."""
    with RealServer(smtputf8=False) as server:
        mailer = SmtpMailer("127.0.0.1", server.port, "none", *FROM, 5)
        with pytest.raises(MailRefused):
            mailer.send(mail_to(address))
    assert server.delivered == []


def test_an_address_beyond_ascii_is_written_as_it_is() -> None:
    """RFC 6532 section 3.2; encoded as other words in headers are, nobody can answer to it."""
    content = compose(mail_to("zoë@bücher.example.nl"), *FROM)
    assert "To: zoë@bücher.example.nl\r\n".encode() in content


def test_the_envelope_names_the_same_two() -> None:
    """Bounces come back to the configured address, and nobody else gets a copy."""
    with RealServer() as server:
        SmtpMailer("127.0.0.1", server.port, "none", *FROM, 5).send(MAIL)
    (delivered,) = server.delivered
    assert (delivered.mail_from, delivered.rcpt_tos) == ("noreply@u4bsw.nl", ["anna@example.nl"])
