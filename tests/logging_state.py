"""Logging is the one thing that a program sets for its whole process; a test that runs a program in its own puts it back."""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from idp.logs import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def logging_put_back() -> Iterator[None]:
    """Leave handlers, levels, hooks and structlog as they were found."""
    loggers = [logging.getLogger(name) for name in (None, *OURS)]
    before = [(logger, logger.handlers[:], logger.level) for logger in loggers]
    hooks, configuration = (sys.excepthook, threading.excepthook), structlog.get_config()
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        sys.excepthook, threading.excepthook = hooks
        structlog.configure(**configuration)
        for logger, handlers, level in before:
            logger.handlers[:] = handlers
            logger.setLevel(level)
