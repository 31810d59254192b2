"""The mail of these tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from idp.domain.mail import Content, Mail

LINK = "https://koppel.example.nl/reset/password/" + "Sw0rdf1sh-_" * 8
TEXT = f"Hallo Zoë,\n\nvan een regel met maar een punt mag niets verdwijnen:\n.\n.. en van twee ook niet\n\n{LINK}\n"
HTML = f'<p>Hallo Zoë</p>\n<p><a href="{LINK}">Kies een wachtwoord</a></p>\n'
MAIL = Mail(
    to="anna@example.nl",
    content=Content("Wachtwoord wijzigen", TEXT, HTML),
    message_id="<5b0c7a52d9f04d5c@koppel.example.nl>",
    date=datetime(2026, 3, 4, 10, 0, tzinfo=UTC),
    language="nl",
)


def mail_to(address: str) -> Mail:
    """Give the same mail for somebody else."""
    return replace(MAIL, to=address)


def mail_with_subject(subject: str) -> Mail:
    """Give the same mail with another subject."""
    return replace(MAIL, content=replace(MAIL.content, subject=subject))
