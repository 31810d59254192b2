"""What is made of words that people here put into passwords, and of little else.

The estimator beside it knows English, and takes three words of any kind for enough. The lists are our own writing.
"""

from __future__ import annotations

import re
import unicodedata
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENOUGH = 8
"""Digits of the number of guesses that a password has to withstand: 10^8, the estimator's score of 3."""

_OTHER_WORD = 3  # letters: as many are a word that is not in the lists
_SHORTEST_PART = 4  # what is shorter, such as a bank's ING, is the end of too many words
_NOT_A_LETTER_OR_DIGIT = re.compile(r"[\W_]+")
_TAKEN = "\0"
_LEFT = re.compile(rf"[^\W\d_](?:{_TAKEN}*[^\W\d_])*|\d+|[^\w\s{_TAKEN}]|_")
_YEAR = re.compile(r"(?:19|20)\d\d")
_COUNTED = "01234567890123456789"
_LETTER_MEANT = re.compile(r"[013457@$](?=[\d@$]*[^\W\d_])")
_MEANT = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}


def _listed(name: str) -> tuple[str, ...]:
    text = files("idp.domain").joinpath(name).read_text("utf-8")  # pragma: no mutate  # read once, before any change
    return tuple(word for line in text.splitlines() if line[:1] != "#" for word in line.split())  # pragma: no mutate


EVERYDAY = _listed("everyday_words.txt")
"""In the order of the list, which is about the order in which they come to mind."""

_EVERYDAY = frozenset(EVERYDAY)
_LITTLE = frozenset(_listed("little_words.txt"))
_LONGEST = max(map(len, EVERYDAY))


def plain(text: str) -> str:
    """Give a text in lower case and without accents, as the lists are written."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def words_of(facts: Iterable[str]) -> frozenset[str]:
    """Give what a guesser makes of what they know of somebody: each in one piece, and its parts, if they are long.

    Args:
        facts: names, addresses; an empty one says nothing.
    """
    found = set()
    for fact in map(plain, facts):
        parts = _NOT_A_LETTER_OR_DIGIT.split(fact)
        found |= {"".join(parts), *(part for part in parts if not part.isdigit())}
    return frozenset(part for part in found if len(part) >= _SHORTEST_PART)


def too_few_words(password: str, known: frozenset[str]) -> frozenset[str]:
    """Give the words that a password is made of, where a guesser who tries such words together soon has it.

    Args:
        password: as typed.
        known: more words, as `words_of` gives them.

    Returns:
        none where there is enough beside them, or nothing of them.
    """
    text = plain(password)
    meant = _LETTER_MEANT.sub(lambda sign: _MEANT[sign[0]], text)
    for reading in dict.fromkeys((text, meant)):
        parts = frozenset(_taken_apart(reading, known))  # one that comes again is worth nothing
        weak = parts & (_EVERYDAY | known)
        if 2 * len(weak) + _digits_of_guesses(parts - weak) < ENOUGH:  # a guesser begins with a hundred of them: two digits
            return weak
    return frozenset()


def _taken_apart(text: str, known: frozenset[str]) -> Iterator[str]:
    """Give the words, at each place the longest one, and then the runs of what is left.

    Letters on both sides of a word are one run: what is in the middle of another word is no word.
    """
    words = _EVERYDAY | _LITTLE | known
    longest = max(_LONGEST, *map(len, known)) if known else _LONGEST
    left, behind = "", 0
    for at in range(len(text)):
        if at < behind:
            continue
        ends = range(min(len(text), at + longest), at, -1)
        word = next((text[at:end] for end in ends if text[at:end] in words), "")
        if word:
            yield word
        left += _TAKEN if word else text[at]
        behind = at + len(word)
    yield from (run.replace(_TAKEN, "") for run in _LEFT.findall(left))


def _digits_of_guesses(parts: frozenset[str]) -> int:
    """Add up what is between the words: little words, letters, numbers, signs."""
    little = parts & _LITTLE
    letters = {part for part in parts - little if part.isalpha()}
    # Letters that are no word are the rest of one in which a little word was seen, and other words are not tried first.
    if letters and len("".join(letters | little)) >= _OTHER_WORD:
        return ENOUGH
    return len(little) + len("".join(letters)) + sum(_digits_of_number(part) for part in parts - little - letters)


def _digits_of_number(number: str) -> int:
    """Give how many digits count: one, of a sign, a year, a series, or of the two that people put behind a word."""
    usual = _YEAR.fullmatch(number) or number in _COUNTED or number in _COUNTED[::-1] or number == number[0] * len(number)
    return 1 if usual or len(number) == len("01") else len(number)
