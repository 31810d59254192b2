"""What a signed JWT says before anybody has verified it: read strictly, and no proof of anything (RFC 7515 section 3.1)."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from idp.oauth.strict_json import loads

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_CHARACTERS = 8192

_THREE_PARTS = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+", re.ASCII)


def read_unproved(text: str) -> tuple[Mapping[str, object], Mapping[str, object]]:
    """Give header and claims of a JWT.

    Args:
        text: anything.

    Raises:
        ValueError: it is no signed JWT.
    """
    parts = _THREE_PARTS.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if parts is None:
        message = "not three parts"
        raise ValueError(message)
    return _object(parts[1]), _object(parts[2])


def _object(part: str) -> Mapping[str, object]:
    read = loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(read, dict):
        message = "not an object"
        raise ValueError(message)  # noqa: TRY004  # what came in is wrong, not who called
    return read
