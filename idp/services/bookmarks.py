"""Where reading goes on: a position in the directory's log, or, where there is none, in its content.

The store keeps one bookmark. Whoever finds the other's begins anew: it means that the directory was followed otherwise until now.
"""

from __future__ import annotations

_CONTENT = "content:"


def is_of_content(bookmark: str) -> bool:
    """Tell whether a bookmark is a position in the content."""
    return bookmark.startswith(_CONTENT)


def of_content(position: str) -> str:
    """Make a bookmark of a position in the content."""
    return _CONTENT + position


def in_content(bookmark: str) -> str:
    """Give the position that such a bookmark is."""
    return bookmark.removeprefix(_CONTENT)
