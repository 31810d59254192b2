"""From the settings to a mailer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.adapters.smtp import SmtpMailer
from idp.errors import ConfigurationError
from idp.settings import MailSettings

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "wachtwoord van de mailserver"


@pytest.mark.row("R17")
def test_the_settings_arrive(tmp_path: Path) -> None:
    """R17: the sender that people look for is the configured one."""
    file = tmp_path / "mail-password"
    file.write_text(PASSWORD + "\n")
    settings = MailSettings(host="mail.example.nl", port=465, tls="tls", username="koppel-idp", password_file=file, timeout_s=7)
    mailer = SmtpMailer.build(settings, "Mijn Support Gemak")
    assert (mailer.host, mailer.port, mailer.tls, mailer.timeout_s) == ("mail.example.nl", 465, "tls", 7)
    assert (mailer.from_name, mailer.from_address) == ("Mijn Support Gemak", "noreply@u4bsw.nl")
    assert (mailer.username, mailer.password) == ("koppel-idp", PASSWORD)
    assert PASSWORD not in repr(mailer)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"host": None}, "mail.host"),
        ({"username": "koppel-idp"}, "mail.password_file"),
        ({"password_file": "/nowhere"}, "mail.username"),
        ({"username": "koppel-idp", "password_file": "/nowhere"}, "/nowhere"),
        ({"ca_file": "/nowhere"}, "mail.ca_file"),
        ({"ca_file": __file__}, "mail.ca_file"),
        ({"from_address": "noreply"}, "mail.from_address"),
        ({"from_address": "noreply@u4bsw.nl\nBcc: eve@example.org"}, "mail.from_address"),
        ({"from_address": "noreply@bücher.example.nl"}, "mail.from_address"),
    ],
)
def test_what_can_not_work_is_said_at_the_start(changes: dict[str, str | None], named: str) -> None:
    """Otherwise the first to notice is an owner who waits for a mail."""
    settings = MailSettings.model_validate({"host": "mail.example.nl", **changes})
    with pytest.raises(ConfigurationError, match=named):
        SmtpMailer.build(settings, "Mijn Support Gemak")


def test_a_password_that_can_not_be_sent_is_said_at_the_start(tmp_path: Path) -> None:
    """And is not printed."""
    file = tmp_path / "mail-password"
    file.write_text("wachtwoord met een é")
    with pytest.raises(ConfigurationError, match="ASCII") as error:
        SmtpMailer.build(MailSettings(host="mail.example.nl", username="koppel-idp", password_file=file), "Somebody")
    assert "wachtwoord met" not in str(error.value)
