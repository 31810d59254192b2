"""The code that somebody reads on one screen and types on another (RFC 8628 section 6.1)."""

from __future__ import annotations

import secrets

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that no word comes out of it; no digits, so that none is taken for a letter. The RFC's own."""

CHARACTERS = 8
"""34 bits: with the limit on wrong ones, and ten minutes to live, enough (section 5.1)."""

_GROUP = 4


def new_user_code() -> str:
    """Make one, as it is shown: in two groups."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CHARACTERS))
    return f"{code[:_GROUP]}-{code[_GROUP:]}"


def read_user_code(typed: str) -> str:
    """Give a code as it is kept: small letters, spaces and strokes make no difference to whoever types.

    Args:
        typed: anything.
    """
    return "".join(letter for letter in typed.upper() if letter in ALPHABET)
