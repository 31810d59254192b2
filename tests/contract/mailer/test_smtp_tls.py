"""Nothing is said in the clear, and not to anybody who can't show who they are."""

from __future__ import annotations

import ssl
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import pytest

from idp.adapters.smtp import SmtpMailer
from idp.errors import MailUnavailable
from idp.settings import MailSettings
from tests.contract.mailer.certificates import Certificate, make_certificate
from tests.contract.mailer.letter import MAIL
from tests.contract.mailer.real_server import RealServer
from tests.contract.mailer.scripted_server import Act, Drop, Hang, ScriptedServer

if TYPE_CHECKING:
    from pathlib import Path

Tls = Literal["starttls", "tls"]

PASSWORD = "wachtwoord van de mailserver"
OFFERS_STARTTLS = b"250-mail.test\r\n250 STARTTLS"


def _mailer(port: int, tls: Tls, context: ssl.SSLContext, timeout_s: float = 5) -> SmtpMailer:
    return SmtpMailer(
        "127.0.0.1", port, tls, "Mijn Support Gemak", "noreply@u4bsw.nl", timeout_s,
        username="koppel-idp", password=PASSWORD, tls_context=context,
    )  # fmt: skip


def _server(tls: Tls, certificate: Certificate) -> RealServer:
    context = certificate.server_context()
    login = ("koppel-idp", PASSWORD)
    return RealServer(starttls=context, login=login) if tls == "starttls" else RealServer(tls=context, login=login)


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """One that fits."""
    return make_certificate(tmp_path)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_message_goes_encrypted(certificate: Certificate, tls: Tls) -> None:
    """A reset link in the clear is anybody's on the way."""
    with _server(tls, certificate) as server:
        _mailer(server.port, tls, certificate.client_context()).send(MAIL)
    assert [delivered.was_encrypted for delivered in server.delivered] == [True]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_relay_of_ones_own_authority_is_believed(certificate: Certificate, tmp_path: Path, tls: Tls) -> None:
    """A mail server inside the house seldom has a certificate that the whole world knows."""
    file = tmp_path / "mail-password"
    file.write_text(PASSWORD)
    with _server(tls, certificate) as server:
        where = {"host": "127.0.0.1", "port": server.port, "tls": tls, "username": "koppel-idp", "password_file": file}
        SmtpMailer.build(MailSettings.model_validate({**where, "ca_file": certificate.chain}), "Somebody").send(MAIL)
        with pytest.raises(MailUnavailable, match="SSLCertVerificationError"):
            SmtpMailer.build(MailSettings.model_validate(where), "Somebody").send(MAIL)
    assert [delivered.was_encrypted for delivered in server.delivered] == [True]


@pytest.mark.parametrize("answer", [b"250 mail.test", b"250-mail.test\r\n250 AUTH PLAIN"])
def test_without_starttls_nothing_is_said(certificate: Certificate, answer: bytes) -> None:
    """Somebody in between takes the offer out, and would have password and link."""
    with ScriptedServer({"EHLO": answer}) as server, pytest.raises(MailUnavailable):
        _mailer(server.port, "starttls", certificate.client_context()).send(MAIL)
    assert set(server.verbs) <= {"EHLO", "QUIT"}


@pytest.mark.parametrize("answer", [b"454 not now", b"500 what?", b"250 ok", b"220 go", Drop(), Hang()])
def test_when_starttls_fails_nothing_is_said(certificate: Certificate, answer: Act) -> None:
    """As little as when it isn't offered."""
    with ScriptedServer({"EHLO": OFFERS_STARTTLS, "STARTTLS": answer}) as server, pytest.raises(MailUnavailable):
        _mailer(server.port, "starttls", certificate.client_context(), timeout_s=0.5).send(MAIL)
    assert not {"AUTH", "MAIL"} & set(server.verbs)


def test_what_was_said_before_tls_is_forgotten(certificate: Certificate) -> None:
    """RFC 3207 section 4.2: somebody in between could say it, and have the password sent in a way of their choice."""
    acts = {"EHLO": OFFERS_STARTTLS, "STARTTLS": b"220 go\r\n250-mail.test\r\n250 AUTH PLAIN"}
    with ScriptedServer(acts, starttls=certificate.server_context()) as server, pytest.raises(MailUnavailable):
        _mailer(server.port, "starttls", certificate.client_context()).send(MAIL)
    assert server.verbs.count("EHLO") == 2
    assert "AUTH" not in server.verbs


@pytest.mark.row("S48")
@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["nobody vouches for it", "it has expired", "it is another server's"])
def test_a_certificate_that_does_not_fit_gets_no_mail(tmp_path: Path, tls: Tls, fault: str) -> None:
    """S48, for mail: whoever answers in our mail server's place reads every link."""
    if fault == "it has expired":
        certificate = make_certificate(tmp_path, ends=timedelta(days=-1))
    elif fault == "it is another server's":
        certificate = make_certificate(tmp_path, address="127.0.0.2")
    else:
        certificate = make_certificate(tmp_path)
    trusting = ssl.create_default_context() if fault == "nobody vouches for it" else certificate.client_context()
    with _server(tls, certificate) as server, pytest.raises(MailUnavailable) as error:
        _mailer(server.port, tls, trusting).send(MAIL)
    assert server.delivered == []
    assert "SSLCertVerificationError" in str(error.value)


def test_verification_is_the_default() -> None:
    """Nobody has to remember to ask for it."""
    mailer = SmtpMailer("mail.example.nl", 587, "starttls", "Mijn Support Gemak", "noreply@u4bsw.nl", 5)
    assert mailer.tls_context.verify_mode is ssl.CERT_REQUIRED
    assert mailer.tls_context.check_hostname
    assert mailer.tls_context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_server_that_hangs_in_the_handshake_is_left(certificate: Certificate) -> None:
    """It would hold the worker as well as any other."""
    with ScriptedServer({"greeting": Hang()}) as server, pytest.raises(MailUnavailable):
        _mailer(server.port, "tls", certificate.client_context(), timeout_s=0.5).send(MAIL)
