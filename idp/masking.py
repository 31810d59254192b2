"""What of an address may stand in a log: the secrets of mailed links, and queries, never do.

Our own lines name a route, never the address that was asked for; this is the net for what other people's libraries write.
"""

from __future__ import annotations

import re

# The only addresses that hold a secret; a new one belongs here, and into the sample proxies' log formats.
SECRET_PATHS = ("/reset/password/", "/not-me/", "/login/password/")
MASK = "***"

# An address that a hand has spoilt holds its secret all the same: in capitals, behind two slashes, behind something else.
_STARTS = "|".join(re.escape(start).replace("/", "/+") for start in SECRET_PATHS)
_SECRET_PATH = re.compile(rf"({_STARTS})[^\s?#'\"<>]+", re.IGNORECASE)
_QUERY = re.compile(r"(/[^\s?]*)\?[^\s'\"<>]+")


def mask_text(text: str) -> str:
    """Give a sentence without the secrets of the addresses in it.

    Args:
        text: anything.
    """
    return _QUERY.sub(r"\1", _SECRET_PATH.sub(rf"\1{MASK}", text))
