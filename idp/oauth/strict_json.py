"""JSON that two readers can't take for two different things (RFC 8259 section 4, RFC 7519 section 4)."""

from __future__ import annotations

import json


def loads(text: bytes | str) -> object:
    """Read a text.

    Args:
        text: anything; bytes are UTF-8.

    Raises:
        ValueError: no JSON, a name that comes twice in an object, a number that is none, or too deeply nested.
    """
    try:
        # Bytes are decoded here: json itself would guess at UTF-16 and UTF-32.
        read = text if isinstance(text, str) else text.decode()
        return json.loads(read, object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        message = "nested too deeply"
        raise ValueError(message) from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "a name comes twice"
        raise ValueError(message)
    return found


def _no_number(name: str) -> float:
    # Python's JSON knows NaN and Infinity, the standard doesn't.
    message = f"{name} is no number"
    raise ValueError(message)
