"""Characters of every kind that there is, by Unicode's general categories."""

from __future__ import annotations

import random
import sys
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

METACHARACTERS = '*()\\,+"<>;=#&|!~:/ \0\t\r\n'
"""What means something in a filter (RFC 4515) or in a DN (RFC 4514), or did in an older one."""

PIECES = ("*", "*)(uid=*", ")(|(uid=*", "\\2a", "\\", "\\5c", "\\00", ",dc=nl", "+cn=x", " ", "  ", "#", "\0")


@cache
def by_category() -> dict[str, list[str]]:
    """Give all characters of each category: unassigned ones, noncharacters and lone surrogates as well."""
    found: dict[str, list[str]] = {}
    for code in range(sys.maxunicode + 1):
        found.setdefault(unicodedata.category(chr(code)), []).append(chr(code))
    return found


CATEGORIES = sorted(by_category())
MAJOR = sorted({category[0] for category in CATEGORIES})
"""Letters, marks, numbers, punctuation, symbols, separators, and all else."""

_FEW = settings(max_examples=6, derandomize=True)
"""Of each category. What is tried only reads, or is refused, so that examples can share a directory."""


def feed(look: Callable[[str], None], major: str, *known: str) -> None:
    """Try texts of each category of a major one; `known` is what may be somewhere in them."""
    for category in CATEGORIES:
        if category[0] == major:
            _FEW(given(text=texts(category, *known))(look))()


def some_of(category: str, count: int = 8) -> list[str]:
    """Give the first, the last, and a few in between; the same ones each time."""
    characters = by_category()[category]
    chance = random.Random(category)  # noqa: S311  # no secret
    return sorted({characters[0], characters[-1], *chance.sample(characters, min(count, len(characters)))})


def texts(category: str, *known: str) -> st.SearchStrategy[str]:
    """Make up texts with characters of a category, with pieces of filters and names, and with what is known somewhere in it."""
    character = st.characters(categories=[category])  # type: ignore[list-item]  # a literal each
    piece = st.one_of(character, st.sampled_from(PIECES), st.sampled_from(METACHARACTERS), st.sampled_from(known or ("a",)))
    return st.tuples(st.lists(piece, max_size=3), character, st.lists(piece, max_size=3)).map(
        lambda parts: "".join([*parts[0], parts[1], *parts[2]])
    )
