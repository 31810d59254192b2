"""What a person is told of each error: a sentence, the field it is about, and the status it goes out with.

Words are Dutch message identifiers; `idp.translations` has the rest. The order matters where a class has subclasses.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from idp import errors
from idp.domain.password_rules import MAX_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

    from idp.translations import Words


@dataclass(frozen=True, slots=True)
class Sentence:
    """One row of the table.

    Args:
        error: the class that it is about.
        message: Dutch; may name ``{phone}``, ``{realm}``, ``{when}``, ``{max}``.
        status: of the answer.
        field: the form field that it is about, or empty.
    """

    error: type[errors.IdpError]
    message: str
    status: HTTPStatus = HTTPStatus.BAD_REQUEST
    field: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence as a page shows it.

    Args:
        text: in the page's language.
        status: of the answer.
        field: the form field to mark, or empty.
        retry_after_s: seconds until another try makes sense, or None.
        refused: why no reset is possible, for whoever may know.
    """

    text: Markup
    status: int
    field: str
    retry_after_s: int | None = None
    refused: errors.ResetRefused | None = None


def message(text: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


LATER = message("Het lukt nu even niet. Er is niets gewijzigd. Probeer het over een paar minuten opnieuw.")

_TABLE = (
    Sentence(errors.UsernameMissing, message("Vul je gebruikersnaam in."), field="username"),
    Sentence(
        errors.UsernameIncomplete,
        message("Deze gebruikersnaam is niet compleet. Zet er @{realm} achter."),
        field="username",
    ),
    Sentence(
        errors.NamesDiffer,
        message("Dit is een andere gebruikersnaam dan in de eerste stap. Vul hem nog een keer in."),
        field="username",
    ),
    Sentence(errors.NotYourName, message("Dit is niet de naam uit je portaal."), field="username"),
    Sentence(
        errors.CaptchaMissing,
        message("Vink ‘Ik ben geen robot’ aan. Je gebruikersnaam is bewaard."),  # noqa: RUF001  # Dutch quotes
        field="altcha",
    ),
    Sentence(
        errors.CaptchaRefused,
        message("De controle is niet gelukt. Probeer het opnieuw. Je gebruikersnaam is bewaard."),
        field="altcha",
    ),
    Sentence(
        errors.LoginWantsCaptcha,
        message("Er is vaak een verkeerd wachtwoord ingevuld. Vul het jouwe opnieuw in, en vink ‘Ik ben geen robot’ aan."),  # noqa: RUF001  # Dutch quotes
        field="altcha",
    ),
    Sentence(errors.FlowExpired, message("Het duurde te lang. Begin opnieuw.")),
    Sentence(errors.ResetRefused, message("Je kunt nu geen nieuw wachtwoord aanvragen."), HTTPStatus.CONFLICT),
    Sentence(errors.InvalidCredentials, message("Het mailadres of het wachtwoord klopt niet."), field="mail"),
    Sentence(errors.PasswordMissing, message("Vul een wachtwoord in."), field="password"),
    Sentence(errors.PasswordsDiffer, message("De wachtwoorden zijn niet gelijk."), field="password_again"),
    Sentence(
        errors.PasswordBelowPolicy,
        message("Dit wachtwoord is te kort. Kies een langer wachtwoord."),
        field="password",
    ),
    Sentence(errors.PasswordTooShort, message("Dit wachtwoord is te kort."), field="password"),
    Sentence(
        errors.PasswordAbovePolicy,
        message("Dit wachtwoord is te lang. Kies een korter wachtwoord."),
        field="password",
    ),
    Sentence(
        errors.PasswordTooLong,
        message("Dit wachtwoord is te lang. Gebruik hoogstens {max} tekens."),
        field="password",
    ),
    Sentence(
        errors.PasswordHasControlCharacters,
        message("In dit wachtwoord staat een teken dat je niet overal kunt typen. Kies een ander."),
        field="password",
    ),
    Sentence(
        errors.PasswordLikeName,
        message(
            "Dit wachtwoord is makkelijk te raden: er staat vooral in wat anderen van je weten, zoals je naam of je bank. "
            "Kies een ander."
        ),
        field="password",
    ),
    Sentence(
        errors.PasswordLeaked,
        message("Dit wachtwoord is makkelijk te raden: het lijkt op een wachtwoord dat ooit gelekt is. Kies een ander."),
        field="password",
    ),
    Sentence(
        errors.PasswordKeyboardRow,
        message("Dit wachtwoord is makkelijk te raden: er staat een rijtje toetsen in. Kies een ander."),
        field="password",
    ),
    Sentence(
        errors.PasswordRepeats,
        message("Dit wachtwoord is makkelijk te raden: er staat steeds hetzelfde in. Kies een ander."),
        field="password",
    ),
    Sentence(
        errors.PasswordSeries,
        message("Dit wachtwoord is makkelijk te raden: er staat een vaste reeks in, zoals abc of 123. Kies een ander."),
        field="password",
    ),
    Sentence(
        errors.PasswordOfDates,
        message("Dit wachtwoord is makkelijk te raden: er staat een datum of een jaartal in. Kies een ander."),
        field="password",
    ),
    Sentence(
        errors.PasswordOfNames,
        message("Dit wachtwoord is makkelijk te raden: er staat een bekende naam in. Kies een ander."),
        field="password",
    ),
    Sentence(
        errors.PasswordOfWords,
        message("Dit wachtwoord is makkelijk te raden: het bestaat uit bekende woorden. Zet er nog een paar woorden bij."),
        field="password",
    ),
    Sentence(
        errors.PasswordOfEverydayWords,
        message(
            "Dit wachtwoord is makkelijk te raden: het bestaat uit woorden die veel mensen kiezen. "
            "Zet er een paar andere woorden bij."
        ),
        field="password",
    ),
    Sentence(
        errors.PasswordGuessable,
        message("Dit wachtwoord is makkelijk te raden. Kies een ander."),
        field="password",
    ),
    Sentence(errors.PasswordUsedBefore, message("Dit wachtwoord heb je eerder gebruikt."), field="password"),
    Sentence(
        errors.PasswordTooWeak,
        message("Dit wachtwoord is niet sterk genoeg. Kies een ander."),
        field="password",
    ),
    Sentence(errors.PasswordRejected, message("Dit wachtwoord is niet toegestaan. Kies een ander."), field="password"),
    Sentence(
        errors.PasswordTooYoung,
        message("Je hebt dit wachtwoord net gewijzigd. Het kan later weer. Eerder nodig? Bel {phone}."),
        HTTPStatus.CONFLICT,
    ),
    Sentence(
        errors.PasswordNotWritable,
        message("Je wachtwoord kan nu niet worden gewijzigd. Er is niets veranderd, en deze link werkt nog. Bel {phone}."),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    Sentence(errors.LinkDead, message("Deze link werkt niet meer. Vraag een nieuwe aan."), HTTPStatus.GONE),
    Sentence(
        errors.LinkBusy,
        message("Deze link wordt op dit moment gebruikt. Probeer het over een halve minuut opnieuw."),
        HTTPStatus.CONFLICT,
    ),
    Sentence(
        errors.Throttled,
        message("Je hebt dit te vaak geprobeerd. Het kan weer {when}."),
        HTTPStatus.TOO_MANY_REQUESTS,
    ),
    Sentence(
        errors.CookiesOff,
        message(
            "Deze pagina werkt alleen als cookies aanstaan. Zet ze aan in je browser en verstuur de pagina nog een keer. "
            "Lukt dat niet? Bel {phone}."
        ),
    ),
    Sentence(errors.StaleForm, message("Deze pagina was verouderd. Verstuur hem nog een keer.")),
    Sentence(errors.SessionEnded, message("Je was uitgelogd. Er is niets gewijzigd. Log opnieuw in.")),
    Sentence(errors.MalformedRequest, message("Dit verzoek klopt niet. Ga terug en probeer het opnieuw.")),
    Sentence(errors.UnknownCoupling, message("Deze koppeling is er niet meer."), HTTPStatus.NOT_FOUND),
    Sentence(
        errors.RequestUntrusted,
        message(
            "We kennen de toepassing niet die je hierheen stuurde, of ze wil je terugsturen naar een adres dat niet van haar is. "
            "Daarom stopt het hier. Meld het bij die toepassing."
        ),
    ),
    Sentence(
        errors.RequestEnded,
        message(
            "Dit verzoek is verlopen, of er is al over beslist. Ga terug naar de toepassing die je hierheen stuurde. "
            "Begin daar opnieuw."
        ),
    ),
    Sentence(
        errors.UserCodeUnknown,
        message("Deze code kennen we niet, of hij is te oud. Kijk op je apparaat of je hem goed hebt overgenomen."),
        field="user_code",
    ),
    Sentence(errors.UserNotChosen, message("Kies een koppelgebruiker."), field="user"),
    Sentence(
        errors.NotUsable,
        message("Deze koppelgebruiker is geblokkeerd of net gewijzigd. Kies een andere, of bel {phone}."),
        HTTPStatus.CONFLICT,
    ),
    Sentence(errors.UnknownUser, message("Deze gebruiker hoort niet bij jouw portaal."), HTTPStatus.NOT_FOUND),
    Sentence(errors.Unavailable, LATER, HTTPStatus.SERVICE_UNAVAILABLE),
    Sentence(errors.IdpError, LATER, HTTPStatus.INTERNAL_SERVER_ERROR),
)


def problem_of(error: errors.IdpError, words: Words, facts: Mapping[str, object]) -> Problem:
    """Say an error in a person's words.

    Args:
        error: from the tree.
        words: of the page's language.
        facts: ``phone``, ``realm`` and ``when`` (the end of the wait, in words).
    """
    row = next(row for row in _TABLE if isinstance(error, row.error))
    return Problem(
        text=words.markup(row.message, max=MAX_CHARACTERS, **facts),
        status=row.status,
        field=row.field,
        retry_after_s=getattr(error, "retry_after_s", None),
        refused=error if isinstance(error, errors.ResetRefused) else None,
    )
