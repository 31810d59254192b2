"""Texts that were right, cut, doubled and mixed with what hurts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fuzz.sent import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

_ODD = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n\n",
    b": ",
    b":: ",
    b"::=",
    b"- ",
    *(bytes([sign]) for sign in b"\"',:=[]{}\\#"),
)


def spliced(right: bytes, random: Random) -> bytes:
    """Give a text with some faults in it.

    Args:
        right: a text that is right.
        random: decides.
    """
    text = right
    for _ in range(random.randrange(5)):
        start, end = sorted(random.randrange(len(text) + 1) for _ in range(2))
        new = random.choice((b"", text[start:end] * 2, _odd(random), random.randbytes(8)))
        text = random.choice((text[:start] + new + text[start:], text[:start] + new + text[end:], text[:start]))[:20_000]
    return text


def values(right: Sequence[str], random: Random) -> list[str]:
    """Give an attribute's values: as it should be, broken, none, or many."""
    if random.randrange(8):
        return [random.choice(right)]
    chosen = [random.choice((*right, *HOSTILE)) for _ in range(random.choice((0, 1, 1, 2, 5)))]
    return [_broken(value, random) if random.randrange(2) else value for value in chosen]


def _broken(value: str, random: Random) -> str:
    return spliced(value.encode("utf-8", "replace"), random).decode(errors="replace")


def _odd(random: Random) -> bytes:
    return random.choice(_ODD) if random.randrange(2) else random.choice(HOSTILE).encode("utf-8", "replace")
