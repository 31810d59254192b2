"""What of an address may stand in a log: secrets in paths and queries never do."""

from __future__ import annotations

import re

# The only addresses that hold a secret; a new one belongs here, and into the sample proxies' log formats.
SECRET_PATHS = ("/reset/password/", "/not-me/", "/login/password/")
_SECRET_PATH = re.compile("(" + "|".join(re.escape(start) for start in SECRET_PATHS) + ")[^/?#]+")
MASK = "***"


def mask_path(path: str) -> str:
    """Give a path as logs may keep it: without its secret, and without its query.

    Args:
        path: as requested, with or without a query.
    """
    return _SECRET_PATH.sub(rf"\1{MASK}", path.partition("?")[0])
