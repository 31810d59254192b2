"""Of what the model speaks: tokens, requests and links, as those have them who asked for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, auto

NONE = ""
"""The password of who has none."""


class Forbidden(AssertionError):
    """An answer that the model does not allow."""


class Life(StrEnum):
    """Whether a token must work."""

    LIVE = auto()
    DOUBTED = auto()
    DEAD = auto()


@dataclass
class Held:
    """What an application was given.

    Args:
        access: the access token.
        refresh: the refresh token; empty where there is none.
        password: that it was given for; no two are alike.
        saw_block: a block has come since, or may have: it ends what was given for good, when the worker has read of it.
        must_end: that block is certain.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    password: str
    saw_block: bool = False
    must_end: bool = False


@dataclass
class Asked:
    """A request for a new password, whose letter must come.

    Args:
        at: when it was answered that one goes out, on the monotonic clock.
        before: how many letters had come before.
    """

    at: float
    before: int


@dataclass
class Link:
    """A mailed link to a new password.

    Args:
        path: of the page.
        password: that the user had when the letter was made; the link ends with it.
        used: a password was set with it.
        tried: it may be in use, or have been used.
        by_wrong_clock: it was made, or may have been, when the clock was wrong: it does not live by the right one.
    """

    path: str
    password: str
    used: bool = False
    tried: bool = False
    by_wrong_clock: bool = False
