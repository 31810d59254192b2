"""The last nets below the logs: processors that take out what may not be there, whoever wrote it."""

from __future__ import annotations

import re
import sys
import traceback
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING

from idp.masking import MASK, mask_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from structlog.typing import EventDict, WrappedLogger

_SECRET_KEY = re.compile(
    r"passw|passphrase|wachtwoord|secret|token|authoriz|cookie|credential|assertion|verifier|private_?key", re.IGNORECASE
)
_HARMLESS = (int, float, type(None))
"""How many tokens were deleted is no secret."""

_LAST_FRAMES = 8


def without_words(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace an exception by what kind it is and where it happened.

    Its message could hold what somebody typed, its frames' variables and source lines likewise.
    """
    del logger, method
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = [{"kind": type(one).__name__, "where": _frames(one)} for one in _chain(error)]
    return event


def without_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Mask the values of keys that are called like secrets, and the secrets in addresses, at any depth."""
    del logger, method
    return {key: _masked(key, value) for key, value in event.items()}


def in_words(value: object) -> str:
    """Give what JSON has no form for: a moment and a path as they are, anything else by its type alone."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, PurePath) else type(value).__name__


def _masked(key: object, value: object) -> object:
    if isinstance(key, str) and _SECRET_KEY.search(key) and not isinstance(value, _HARMLESS):
        return MASK
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {inner: _masked(inner, content) for inner, content in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(None, content) for content in value]
    return value


def _frames(error: BaseException) -> list[str]:
    return [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-_LAST_FRAMES:]]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an exception and those that led to it, as a traceback would show them."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
