"""The words of our mail: plain text and HTML, one button, and its link bare below it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from idp.domain.mail import Content, Letter
from idp.translations import SOURCE_LANGUAGE, load_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.settings import Settings
    from idp.translations import Words


def message(text: str) -> str:
    """Mark a text for the catalogue; it is translated where it is written."""
    return text


_SUBJECTS = {
    Letter.PASSWORD_CHANGED: message("Je wachtwoord is gewijzigd"),
    Letter.MAIL_CHANGED: message("Je mailadres is gewijzigd"),
    Letter.OWNER_CHANGED: message("Je koppelgebruiker hoort nu bij iemand anders"),
    Letter.USER_BLOCKED: message("Je koppelgebruiker is geblokkeerd"),
    Letter.INVITATION: message("Welkom: kies een wachtwoord voor je portaal"),
    Letter.PORTAL_PASSWORD: message("Kies een nieuw wachtwoord voor je portaal"),
    Letter.PORTAL_PASSWORD_CHANGED: message("Het wachtwoord van je portaal is gewijzigd"),
    Letter.STALE_PASSWORD: message("Een koppeling gebruikt een wachtwoord dat niet klopt"),
}


def _in_one_line(text: str) -> Markup:
    return Markup('<span style="white-space:nowrap">{}</span>').format(text)


@cache  # nothing in it is of one configuration
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("idp", "letters"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True, slots=True)
class TemplateLetters:
    """The port `Letters`, from templates in `idp/letters`.

    Args:
        environment: the templates; `.html` ones escape what they are given.
        words: by language.
        settings: phone, products, sender, and the subject of the reset mail (R17).
    """

    environment: Environment
    words: Mapping[str, Words]
    settings: Settings

    @classmethod
    def build(cls, settings: Settings) -> TemplateLetters:
        """Read templates and catalogues, once."""
        return cls(_templates(), load_words(settings.service.time_zone), settings)

    def write(self, letter: Letter, language: str, facts: Mapping[str, str]) -> Content:
        """Render a letter.

        Args:
            letter: which one.
            language: the owner's; one that we don't have is written in Dutch.
            facts: what it names; ``at`` is ISO 8601 and is told in the service's time zone.
        """
        words = self.words.get(language, self.words[SOURCE_LANGUAGE])
        subject = self._subject(letter, words)
        shared = self._shared(words, facts) | {"subject": subject}
        return Content(
            subject=subject,
            text=self._render(f"{letter}.txt", words.plain, shared),
            html=self._render(f"{letter}.html", words.markup, shared | {"phone": _in_one_line(self.settings.brand.phone)}),
        )

    def _subject(self, letter: Letter, words: Words) -> str:
        if letter is Letter.RESET:
            return self.settings.mail.subject
        return words.plain(_SUBJECTS[letter])

    def _render(self, name: str, translate: Callable[..., str | Markup], facts: Mapping[str, object]) -> str:
        return self.environment.get_template(name).render(_=translate, **facts)

    def _shared(self, words: Words, facts: Mapping[str, str]) -> dict[str, object]:
        shared: dict[str, object] = {
            **facts,
            "language": words.language,
            "phone": self.settings.brand.phone,
            "products": words.series(self.settings.brand.products),
            "sender": self.settings.brand.name,
            "light": self.settings.brand.light,
            "dark": self.settings.brand.dark,
        }
        if "at" in facts:
            at = datetime.fromisoformat(facts["at"])
            shared |= {"date": words.date(at), "time": words.time(at)}
        return shared
