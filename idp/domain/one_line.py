"""What is a text of one line: a name of a person, a company or an application, whatever the script it is written in."""

from __future__ import annotations

import unicodedata

LONGEST = 256
"""Characters; the schema's bound for `administratie`."""

_BREAKS_LINES = ("Cc", "Zl", "Zp", "Cs")  # control characters, line and paragraph separators, lone surrogates


def is_one_line(text: str) -> bool:
    """Tell whether a text says something, on one line. Blanks around it are part of it."""
    if not text.strip() or len(text) > LONGEST:
        return False
    return not any(unicodedata.category(character) in _BREAKS_LINES for character in text)
