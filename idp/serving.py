"""The web server: gunicorn with threads, one process, under our own settings alone."""

from __future__ import annotations

import logging
import socket
import struct
from typing import TYPE_CHECKING

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from flask import Flask
    from gunicorn.config import Config

    from idp.settings import ServiceSettings

PATIENCE_S = 10.0
"""Who drips a byte every nine seconds still holds a thread: a proxy in front takes requests in as a whole first."""

_BACKLOG = 512
_GRACEFUL_S = 10
_TIMEOUT_S = 60


def bind(address: str, port: int, patience_s: float = PATIENCE_S) -> socket.socket:
    """Take the address, before anything else is begun.

    Args:
        address: to listen on, IPv4 or IPv6.
        port: 0 for any.
        patience_s: how long a visitor may say nothing in the middle of a request, or take nothing of an answer, in seconds.

    Raises:
        ConfigurationError: taken, or not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Every connection inherits these. gunicorn itself would wait for the rest of a request for ever, with a thread.
    for direction in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        listener.setsockopt(socket.SOL_SOCKET, direction, _timeval(patience_s))
    try:
        listener.bind((address, port))
        listener.listen(_BACKLOG)
    except OSError as exc:
        listener.close()
        message = f"port {port} on {address} can't be used ({exc.strerror}); set service.port, or --port, to another one"
        raise ConfigurationError(message) from exc
    return listener


def serve(app: Flask, settings: ServiceSettings, listener: socket.socket) -> None:
    """Answer requests until SIGTERM or SIGINT; what is under way is finished first.

    Args:
        app: loaded once, before the worker is forked.
        settings: threads.
        listener: from `bind`; it is handed on to the server.
    """
    _Server(app, settings.threads, listener.detach()).run()


def _timeval(seconds: float) -> bytes:
    # struct timeval, as socket(7) wants it.
    return struct.pack("@ll", int(seconds), int(seconds % 1 * 1_000_000))


class _Logger(Logger):
    """Sends what gunicorn says to our own log; requests are logged by the application, masked."""

    def setup(self, cfg: Config) -> None:
        """Let all go through the root logger."""
        self.error_log.handlers.clear()
        self.error_log.setLevel(logging.INFO)
        self.error_log.propagate = True
        self.error_log.addFilter(_may_be_told)
        self.access_log.handlers.clear()
        self.access_log.setLevel(logging.CRITICAL)
        self.cfg = cfg


def _may_be_told(record: logging.LogRecord) -> bool:
    if str(record.msg).startswith("Invalid request"):
        # It would repeat what is no request line, and that may be the end of a form whose length was miscounted.
        record.msg, record.args = "a request was no HTTP", ()
    too_slow = record.exc_info is not None and isinstance(record.exc_info[1], BlockingIOError)
    return not too_slow


class _Server(BaseApplication):
    def __init__(self, app: Flask, threads: int, descriptor: int) -> None:
        self._app = app
        self._threads = threads
        self._descriptor = descriptor
        super().__init__()

    def load_config(self) -> None:
        """Set what we want; no file and no variable of gunicorn's own is read."""
        wanted = {
            "bind": f"fd://{self._descriptor}",
            "workers": 1,  # the counters in memory are this process's own
            "worker_class": "gthread",
            "threads": self._threads,
            "preload_app": True,
            "timeout": _TIMEOUT_S,
            "graceful_timeout": _GRACEFUL_S,
            "keepalive": 5,
            "limit_request_line": 8190,
            "logger_class": _Logger,
            "control_socket_disable": True,
            # Who a request is from, and by which scheme, is judged by `idp.web.proxy` alone.
            "forwarded_allow_ips": "",
            "proxy_allow_ips": "",
            "secure_scheme_headers": {},
            "forwarder_headers": "",
        }
        for name, value in wanted.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:  # type: ignore[override]  # the stubs' WSGI type lacks what PEP 3333 and Flask agree on
        """Give the application."""
        return self._app
