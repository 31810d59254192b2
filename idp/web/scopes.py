"""What an application may do with a scope, as its owner is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.web.sentences import message

if TYPE_CHECKING:
    from idp.translations import Words

_SENTENCES = {
    "openid": message("zien om welke koppelgebruiker het gaat"),
    "administratie:read": message("je administratie bekijken"),
    "administratie:write": message("boeken in je administratie"),
    "http://UNIT4.Multivers.API/Web/WebApi/*": message("je administratie bekijken en erin boeken"),
}


def sentence_of(scope: str, words: Words) -> str:
    """Say it; of a scope that another package has brought we know no more than its name."""
    return words.plain(_SENTENCES[scope]) if scope in _SENTENCES else scope
