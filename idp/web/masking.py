"""What of an address may stand in a log: secrets in paths and queries never do."""

from __future__ import annotations

import re

# The only addresses that hold a secret; a new one belongs here, and into the sample proxies' log formats.
SECRET_PATHS = ("/reset/password/", "/not-me/", "/login/password/")
_START = "(" + "|".join(re.escape(start) for start in SECRET_PATHS) + ")"
_SECRET_PATH = re.compile(_START + "[^/?#]+")
_SECRET_PATH_IN_TEXT = re.compile(_START + r"[^\s/?#'\"<>]+")
_QUERY = re.compile(r"(/[^\s?]*)\?[^\s'\"<>]+")
MASK = "***"


def mask_path(path: str) -> str:
    """Give a path as logs may keep it: without its secret, and without its query.

    Args:
        path: as requested, with or without a query.
    """
    return _SECRET_PATH.sub(rf"\1{MASK}", path.partition("?")[0])


def mask_text(text: str) -> str:
    """Give a sentence without the secrets of the addresses in it, for what other people's libraries write into logs.

    Args:
        text: anything.
    """
    return _QUERY.sub(r"\1", _SECRET_PATH_IN_TEXT.sub(rf"\1{MASK}", text))
