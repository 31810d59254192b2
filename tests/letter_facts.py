"""What letters in tests are about."""

from __future__ import annotations

from idp.domain.mail import Letter

LINK = "https://koppel.example.nl/reset/password/Sw0rdf1sh-_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
WITH_LINK = {
    Letter.RESET,
    Letter.PASSWORD_CHANGED,
    Letter.INVITATION,
    Letter.PORTAL_PASSWORD,
    Letter.PORTAL_PASSWORD_CHANGED,
}


def facts_of(letter: Letter, name: str) -> dict[str, str]:
    """Give what a letter names.

    Args:
        letter: which one.
        name: of its reader.
    """
    facts = {
        "name": name,
        "bare": "U4BBGA0008",
        "user": "U4BBGA0008@u4bsw.nl",
        "application": "Basecone",
        "at": "2026-07-01T22:30:00+00:00",
    }
    return facts | ({"link": LINK} if letter in WITH_LINK else {})
