"""What people type to find one among many, and what it is found in."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Give a text without case and accents: who looks for *cafe* finds *Café*. `static/search.js` folds what is typed alike."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).casefold()


def is_found(wanted: str, text: str) -> bool:
    """Tell whether every word of what was typed is somewhere in a text, in any order.

    Args:
        wanted: as it was typed; nothing finds everything.
        text: `folded`.
    """
    return all(word in text for word in folded(wanted).split())
