"""Mail out, by SMTP.

Nothing about a message is told in the clear: unless the server is on this machine, TLS with a verified certificate comes before
anything else, or the message waits. The words of the server and of the standard library's errors repeat addresses, so none of
them is passed on: an error names the step and the code.
"""

from __future__ import annotations

import ssl
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import structlog

from idp.adapters.smtp_message import compose
from idp.adapters.smtp_session import Patience, Session
from idp.domain.mail_address import is_address
from idp.errors import ConfigurationError, MailRefused, MailUnavailable
from idp.settings import read_secret
from idp.tls import verifying_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from idp.domain.mail import Mail
    from idp.settings import MailSettings

AFTER_END_S = 600.0
"""RFC 5321 section 4.5.3.2.6; with what goes before, it must stay below the outbox's lease."""

_DONE, _REFUSED = 2, 5  # the first digit of a reply (RFC 5321 section 4.2.1)
_AUTHENTICATE_FIRST = 530  # RFC 4954 section 6: said of us, not of this message


def _trusting_nobody() -> ssl.SSLContext:
    # For a server that speaks no TLS: reading the system's authorities takes longer than all the rest of a start.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """The port `Mailer`: a connection for each message, since they are rare.

    Args:
        host: name or address of the mail server.
        port: TCP port.
        tls: ``starttls`` (the clear connection becomes TLS before anything is said), ``tls`` (from the first byte on), or
            ``none``, for a server on this machine only.
        from_name: the sender's name as people see it.
        from_address: the sender's address, in the header and on the envelope.
        timeout_s: seconds to connect, and again for the hand-over as a whole, up to the message's end.
        username: for AUTH; empty for none.
        password: for AUTH; ASCII, as the standard library sends no other.
        after_end_s: seconds to wait for the answer to the message's end.
        tls_context: what a certificate must fulfil.
        monotonic: seconds that never go backwards.
    """

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"]
    from_name: str
    from_address: str
    timeout_s: float
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    after_end_s: float = AFTER_END_S
    tls_context: ssl.SSLContext = field(default_factory=verifying_context, repr=False)
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)

    @classmethod
    def build(cls, settings: MailSettings, from_name: str) -> SmtpMailer:
        """Read the password, and judge what can be judged before the first message.

        Args:
            settings: where mail goes, and from which address.
            from_name: the sender's name as people see it.

        Raises:
            ConfigurationError: no server, half of a log-in, a password that can't be sent, a sender that is no address,
                authorities that can't be read.
        """
        if settings.host is None:
            message = "mail.host is missing: the name of your mail server"
            raise ConfigurationError(message)
        if (settings.username is None) != (settings.password_file is None):
            message = "mail.username and mail.password_file go together; one of them is missing"
            raise ConfigurationError(message)
        if not is_address(settings.from_address) or not settings.from_address.isascii():
            message = "mail.from_address is not a mail address in plain letters"
            raise ConfigurationError(message)
        password = read_secret(settings.password_file) if settings.password_file else ""
        if not password.isascii():
            message = "the password in mail.password_file holds characters beyond ASCII, which can't be sent"
            raise ConfigurationError(message)
        return cls(
            settings.host,
            settings.port,
            settings.tls,
            from_name,
            settings.from_address,
            settings.timeout_s,
            settings.username or "",
            password,
            tls_context=_trusting_nobody() if settings.tls == "none" else verifying_context(settings.ca_file, "mail.ca_file"),
        )

    def send(self, mail: Mail) -> None:
        """Hand over one message; returning means that the server took responsibility.

        Args:
            mail: the message.

        Raises:
            MailUnavailable: not now.
            MailRefused: never.
        """
        try:
            self._try(mail)
        except (MailUnavailable, MailRefused) as exc:
            structlog.get_logger("idp.mail").warning("mail_not_taken", message_id=mail.message_id, reason=str(exc))
            raise

    def ping(self) -> None:
        """Go as far as one can without a message: connection, certificate, log-in. Raises `MailUnavailable`."""
        with _translated(), self._connect() as session:
            self._begin(session)

    def _try(self, mail: Mail) -> None:
        content = compose(mail, self.from_name, self.from_address)
        with _translated(), self._connect() as session:
            self._begin(session)
            self._hand_over(session, mail.to, content)

    def _connect(self) -> Session:
        patience = Patience(self.timeout_s, self.after_end_s, self.monotonic)
        return Session(self.host, self.port, patience, self.tls_context if self.tls == "tls" else None)

    def _begin(self, session: Session) -> None:
        if self.tls == "starttls":
            session.starttls(context=self.tls_context)  # raises when it isn't offered
        session.ehlo_or_helo_if_needed()
        if self.username:
            session.login(self.username, self.password)

    def _hand_over(self, session: Session, to: str, content: bytes) -> None:
        options = [] if to.isascii() else ["SMTPUTF8"]
        if options and not session.has_extn("smtputf8"):
            message = "The mail server takes no addresses beyond ASCII."
            raise MailRefused(message)
        _expect_done("MAIL", session.mail(self.from_address, options))
        _expect_done("RCPT", session.rcpt(to))
        _expect_done("DATA", session.send_content(content))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as exc:  # every smtplib.SMTPException is an OSError
        message = f"The mail server does not take mail for now: {_kind(exc)}."
        raise MailUnavailable(message) from None


def _expect_done(step: str, reply: tuple[int, bytes]) -> None:
    code, _ = reply
    if code // 100 == _DONE:
        return
    if code // 100 == _REFUSED and code != _AUTHENTICATE_FIRST:
        message = f"The mail server refused the message: {step} was answered {code}."
        raise MailRefused(message)
    message = f"The mail server does not take mail for now: {step} was answered {code}."
    raise MailUnavailable(message)


def _kind(error: Exception) -> str:
    # A lost connection says only in its context what lost it.
    kind = type(error.__context__ or error).__name__
    code = getattr(error, "smtp_code", None)
    return f"{kind} {code}" if code else kind
