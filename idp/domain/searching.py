"""What people type to find one among many, and what it is found in."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Give a text without case and accents: who looks for *cafe* finds *Café*. `static/search.js` folds what is typed alike.

    Small letters, and then capitals: each way alone leaves letters apart that are one, such as *ß*, *ẞ* and *ss*. Browsers know
    these two of Unicode's mappings, and not `str.casefold`.
    """
    apart = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in apart if not unicodedata.category(sign).startswith("M")).lower().upper()


def is_found(wanted: str, text: str) -> bool:
    """Tell whether every word of what was typed is somewhere in a text, in any order.

    Only a word with an *@* finds something in the realm, which stands behind all names alike: *nl* would find everybody.

    Args:
        wanted: as it was typed; nothing finds everything.
        text: `folded`; what stands behind its last *@* is a realm.
    """
    named = text.rsplit("@", 1)[0]
    return all(word in (text if "@" in word else named) for word in folded(wanted).split())
