"""Logs: one JSON object a line, from structlog and from the standard library alike, and no secret in any of them (S35).

What is written is chosen where it is written. Nets lie below: other people's libraries are not heard below WARNING, an exception
loses its words, a key that is called like a secret loses its value, and so does an address that holds one.
"""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import sys
import threading
from typing import TYPE_CHECKING, TextIO

import structlog

from idp.log_nets import in_words, without_secrets, without_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from structlog.typing import Processor

REQUEST_ID = "request_id"
"""Ties together all lines of one request, one command, or one piece of the worker's work."""

AUDIT_LOGGER = "idp.audit"
"""Is heard at INFO whatever the level: what it says of sealed segments is the evidence against whoever has the database."""

OURS = ("idp", "connectors", "gunicorn")
"""Whose records below WARNING are written, when the level allows. Authlib's, ldap3's and aiosmtpd's hold tokens, passwords and
whole mails there; whichever library comes next is held to the same without being named."""


def begin_request() -> str:
    """Give what this thread does from now on an identifier of its own; all that it logs will bear it."""
    fresh = secrets.token_hex(8)
    structlog.contextvars.bind_contextvars(**{REQUEST_ID: fresh})
    return fresh


@contextlib.contextmanager
def one_request() -> Iterator[None]:
    """Give what is done inside an identifier of its own, and end it with it: for whoever does one thing after the other."""
    with structlog.contextvars.bound_contextvars(**{REQUEST_ID: secrets.token_hex(8)}):
        yield


def request_id() -> str:
    """Give the identifier of what this thread does; empty where nothing was begun."""
    return str(structlog.contextvars.get_contextvars().get(REQUEST_ID, ""))


def configure_logging(level: str, stream: TextIO) -> None:
    """Send everything that is logged in this process to one stream.

    Args:
        level: ``DEBUG``, ``INFO``, ``WARNING`` or ``ERROR``.
        stream: takes the lines.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Handler(stream)
    handler.addFilter(_may_be_heard)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_words,
                without_secrets,
                structlog.processors.JSONRenderer(default=in_words),
            ],
        )
    )
    _take_over(handler, logging.getLevelNamesMapping()[level])


def _take_over(handler: logging.Handler, level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    logging.getLogger(AUDIT_LOGGER).setLevel(min(level, logging.INFO))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda how: _log_uncaught(how.exc_type, how.exc_value, how.exc_traceback)


def _may_be_heard(record: logging.LogRecord) -> bool:
    # Besides the levels, since a library may set its own loggers' to DEBUG.
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] in OURS


def _log_uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger("idp").critical("uncaught", exc_info=(kind, error or kind(), trace))


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines. What can't be written as a line is told by its logger's name alone."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the standard library's name
        """Say that a record was lost; the standard library's way would print its arguments."""
        line = json.dumps({"event": "log_record_lost", "level": record.levelname.lower(), "logger": record.name})
        with contextlib.suppress(OSError, ValueError):  # the stream itself may be what is broken
            self.stream.write(line + self.terminator)
            self.flush()
