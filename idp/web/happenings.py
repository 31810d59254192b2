"""What happened, in a person's words: who did it, and what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.happening import Who
from idp.web.sentences import message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from markupsafe import Markup

    from idp.services.own_history import History
    from idp.translations import Words

_WHO = {
    Who.OWNER: message("Jij"),
    Who.SUPPORT: message("Support"),
    Who.ADMINISTRATOR: message("Een beheerder"),
    Who.SERVICE: message("De dienst"),
}
_GONE = message("Een toepassing die er niet meer is")

_ADDED = message("{who} maakte deze gebruiker aan.")
_ALLOWED = message("{who} gaf {application} toegang.")
WHAT = {
    "user.invited": _ADDED,
    "user.added": _ADDED,
    "user.renamed": message("{who} gaf deze gebruiker een andere naam."),
    "user.changed": message("{who} wijzigde de gegevens van deze gebruiker."),
    "user.handed-over": message("{who} maakte deze gebruiker van jou. Wat er daarvoor gebeurde, zie je hier niet."),
    "user.password-changed": message("{who} wijzigde het wachtwoord. Alle koppelingen stopten."),
    "user.blocked": message("{who} blokkeerde deze gebruiker. Alle koppelingen stopten."),
    # By a mailed link: whoever reads the owner's mail has it, so that these are said of nobody.
    "user.blocked:not-me": message("Met de link uit je e-mail werd deze gebruiker geblokkeerd. Alle koppelingen stopten."),
    "reset.completed": message("Met de link uit je e-mail werd een nieuw wachtwoord gekozen. Alle koppelingen stopten."),
    "user.unblocked": message("{who} hief de blokkade op."),
    "user.released": message("{who} zorgde dat je eerder een nieuw wachtwoord kunt aanvragen."),
    "grant.revoked": message("{who} beëindigde de koppeling met {application}."),
    "authorization.allowed": _ALLOWED,
    "device.allowed": _ALLOWED,
    "authorization.remembered": message("{who} gaf {application} opnieuw toegang, omdat je dat eerder goedvond."),
    "code.used-again": message("{who} gebruikte een code twee keer. De toegang die daarbij hoorde, stopte."),
    "login.failed": message("{who} probeerde in te loggen met een verkeerd wachtwoord."),
    "letter.sent:reset": message("{who} mailde je een link om een wachtwoord te kiezen."),
    "letter.sent:password-changed": message("{who} mailde je dat het wachtwoord is gewijzigd."),
    "letter.sent:user-blocked": message("{who} mailde je dat deze gebruiker is geblokkeerd."),
    "letter.sent:stale-password": message("{who} mailde je dat een koppeling een wachtwoord gebruikt dat niet klopt."),
    "letter.dropped:reset": message("{who} kreeg een aanvraag voor een wachtwoord, maar kon er geen e-mail over sturen."),
    "letter.dropped:reset:cooldown": message(
        "{who} kreeg een aanvraag voor een wachtwoord. Het wachtwoord was net gewijzigd, dus er ging geen e-mail uit."
    ),
}
"""By `Happening.what`. What has no sentence is told to operators alone: what others are mailed, or what applications are."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line.

    Args:
        at: when, the latest time.
        text: who did what.
        times: how often.
        first: when, the first time.
    """

    at: datetime
    text: Markup
    times: int
    first: datetime


def told(history: History, words: Words) -> Iterator[Told]:
    """Say what there are words for, the newest first."""
    for each in history.happenings:
        if each.what in WHAT:
            application = application_of(history, each.client_id, words)
            who = application if each.who is Who.APPLICATION else words.plain(_WHO[each.who])
            yield Told(each.at, words.markup(WHAT[each.what], who=who, application=application), each.times, each.first)


def application_of(history: History, client_id: str, words: Words) -> str:
    """Name an application; one that is gone has no name any more."""
    return history.names.get(client_id) or words.plain(_GONE)
