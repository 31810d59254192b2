"""What is a text of one line: a name of a person, a company or an application, whatever the script it is written in."""

from __future__ import annotations

import unicodedata

LONGEST = 256
"""Characters; the schema's bound for `administratie`."""

LONGEST_NAME = 60
"""Characters of a name that an application gives itself: more would push aside what a page says of it."""

_BREAKS_LINES = ("Cc", "Zl", "Zp", "Cs")  # control characters, line and paragraph separators, lone surrogates
_UNSEEN = ("Cf", "Co", "Cn")  # what formats, private use, what there is not
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters, marks and a symbol to Unicode, and nothing to people: of Hangul, Khmer and Braille, and one that joins."""


def is_one_line(text: str) -> bool:
    """Tell whether a text says something, on one line. Blanks around it are part of it."""
    if not text.strip() or len(text) > LONGEST:
        return False
    return not any(unicodedata.category(character) in _BREAKS_LINES for character in text)


def is_plain_name(text: str) -> bool:
    """Tell whether a name that a stranger gives can be shown as it is: one line, short, and nothing in it that isn't seen.

    What turns the direction of writing, or has no width, would make a page say something else than it says (Unicode Technical
    Report 36, section 2).
    """
    if not is_one_line(text) or len(text) > LONGEST_NAME or text != text.strip():
        return False
    # A mark alone is seen on nothing; some, such as the variation selectors, are never seen.
    return has_nothing_hidden(text) and any(unicodedata.category(character)[0] in ("L", "N", "P", "S") for character in text)


def has_nothing_hidden(text: str) -> bool:
    """Tell whether a text has no character that nobody sees, or that turns the direction of what stands beside it."""
    return not any(unicodedata.category(character) in _UNSEEN or character in _FILLERS for character in text)
