"""The words in each language: Dutch stands in the code, every other language in one gettext catalogue.

`<language>/LC_MESSAGES/messages.po` is read by Babel at start; there is no compiled file to forget. Pages and letters both use
`Words`. A message names its values in braces: ``Bel {phone}.``
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

SOURCE_LANGUAGE = "nl"
LANGUAGES = ("nl", "en")
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Words:
    """One language.

    Args:
        language: ``nl`` or ``en``.
        translations: from Dutch to that language.
        zone: in which moments are told.
    """

    language: str
    translations: NullTranslations
    zone: ZoneInfo

    def plain(self, message: str, **values: object) -> str:
        """Give a message as plain text."""
        return self.translations.gettext(message).format(**values)

    def markup(self, message: str, **values: object) -> Markup:
        """Give a message as HTML: its own tags are kept, its values are escaped."""
        return Markup(self.translations.gettext(message)).format(**values)  # noqa: S704  # messages are ours; format() escapes

    def counted(self, one: str, many: str, count: int, shown: str | None = None) -> str:
        """Give a message with a number in it, as the language wants it for that number.

        Args:
            one: about a single thing; the number is ``{count}``.
            many: about none or several.
            count: how many there are.
            shown: stands for the number, where a browser will put another one.
        """
        return self.translations.ngettext(one, many, count).format(count=count if shown is None else shown)

    def date(self, moment: datetime) -> str:
        """Tell a day: 24 november 2026."""
        return format_date(moment.astimezone(self.zone), "d MMMM y", locale=self.language)

    def time(self, moment: datetime) -> str:
        """Tell a time of day: 15:04. In the hour that a night in autumn has twice, also which of the two."""
        local = moment.astimezone(self.zone)
        time = format_time(local, "HH:mm", locale=self.language)
        if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
            return time
        return self.plain("{time} (zomertijd)", time=time) if local.dst() else self.plain("{time} (wintertijd)", time=time)

    def series(self, names: Sequence[str]) -> str:
        """Join names: a, b en c."""
        if len(names) < 2:  # noqa: PLR2004  # one name needs no joining
            return "".join(names)
        conjunction = self.plain("en")
        return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


def load_words(time_zone: str) -> Mapping[str, Words]:
    """Read every language.

    Args:
        time_zone: IANA name, such as ``Europe/Amsterdam``.
    """
    zone = ZoneInfo(time_zone)
    return {language: Words(language, _translations(language), zone) for language in LANGUAGES}


@cache
def _translations(language: str) -> NullTranslations:
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
