"""What a new password must be: long, and not easy to guess (NIST SP 800-63B section 3.1.1.2: no composition rules)."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from zxcvbn import zxcvbn

from idp.errors import (
    PasswordGuessable,
    PasswordHasControlCharacters,
    PasswordMissing,
    PasswordsDiffer,
    PasswordTooLong,
    PasswordTooShort,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

MIN_CHARACTERS = 15
MAX_CHARACTERS = 128
MAX_CHECKED_CHARACTERS = 1024
"""Of a password that is only checked; tooling may have set a longer one than can be chosen here."""

MIN_SCORE = 3
"""zxcvbn's score from 0 to 4; 3 is about 10^8 guesses or more."""

_ZXCVBN_CHARACTERS = 72  # zxcvbn refuses longer input; its cost grows with the square of the length


def check_new_password(password: str, again: str, known_words: Iterable[str]) -> None:
    """Check a new password before the directory sees it.

    Args:
        password: as typed; nothing is trimmed or normalised, since applications will send it as typed.
        again: the second field.
        known_words: what a guesser would try first: the user name, the products.

    Raises:
        PasswordRejected: the subclass says which rule.
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
    if _guessable(password, [word for word in known_words if word]):
        raise PasswordGuessable


def _guessable(password: str, known_words: list[str]) -> bool:
    remainder = password.casefold()
    for word in known_words:
        remainder = remainder.replace(word.casefold(), "")
    if len(remainder) < MIN_CHARACTERS // 2:
        return True
    verdict = zxcvbn(password[:_ZXCVBN_CHARACTERS], user_inputs=known_words)
    return int(verdict["score"]) < MIN_SCORE
