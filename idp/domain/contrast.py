"""How well two colours can be told apart (WCAG 2.2, contrast ratio and relative luminance)."""

from __future__ import annotations

TEXT = 4.5
"""What text needs against its ground (WCAG 2.2, 1.4.3, level AA)."""

SHAPE = 3.0
"""What the edge of a field, and what shows the focus, needs against what is beside it (WCAG 2.2, 1.4.11)."""

_GLARE = 0.05
_LINEAR_BELOW = 0.04045


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours, from 1 to 21, in whichever order.

    Args:
        one: as ``#rrggbb``.
        other: likewise.
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + _GLARE) / (darker + _GLARE)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    if channel <= _LINEAR_BELOW:  # pragma: no mutate  # no channel of 256 steps is just as much
        return channel / 12.92
    return float(((channel + 0.055) / 1.055) ** 2.4)
