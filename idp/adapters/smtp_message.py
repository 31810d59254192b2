"""A letter as a message on the wire (RFC 5322)."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

from idp.domain.mail_address import is_address
from idp.errors import MailRefused

if TYPE_CHECKING:
    from idp.domain.mail import Mail

# Both parts are quoted-printable, so that every server may pass them on unchanged; hence no 8-bit content.
_POLICY = SMTP.clone(cte_type="7bit")


def compose(mail: Mail, from_name: str, from_address: str) -> bytes:
    """Write the message, its lines ended by CRLF.

    Args:
        mail: what to write; an address beyond ASCII makes headers in UTF-8 (RFC 6532), which only an SMTPUTF8 server takes.
        from_name: the sender's name as people see it.
        from_address: the sender's address.

    Raises:
        MailRefused: the address is none, or a header would hold more than one line: nothing that a later try could change.
    """
    if not is_address(mail.to):
        message = "The recipient's address is not a mail address."
        raise MailRefused(message)
    try:
        return _write(mail, from_name, from_address)
    except ValueError:  # its words would repeat the header
        message = "A header of the message can't be written."
        raise MailRefused(message) from None


def _write(mail: Mail, from_name: str, from_address: str) -> bytes:
    message = EmailMessage(_POLICY.clone(utf8=not mail.to.isascii()))
    message["From"] = _address(from_name, from_address)
    message["To"] = _address("", mail.to)
    message["Subject"] = mail.content.subject
    message["Date"] = mail.date
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 section 5: no out-of-office answers, please
    message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange, which does not know RFC 3834
    message.set_content(mail.content.text, cte="quoted-printable")
    message.add_alternative(mail.content.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = mail.language  # now, since the parts took every Content- header along that stood before
    return message.as_bytes()


def _address(name: str, address: str) -> Address:
    local_part, _, domain = address.rpartition("@")
    return Address(name, local_part, domain)
