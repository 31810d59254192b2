"""One line in the log for each answer, and the identifier that ties all lines of a request together."""

from __future__ import annotations

from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING

import structlog
from flask import g, request

from idp.logs import begin_request
from idp.web.limits import visitor_network

if TYPE_CHECKING:
    from flask import Flask, Response

HEADER = "X-Request-ID"
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
NO_ROUTE = "none"


def install(app: Flask) -> None:
    """Log every answer of an application; call it before anything else is installed, so that it sees the first and the last.

    The identifier is ours, made anew each time: one that a visitor sends could be somebody else's, or a forged line.
    """
    app.before_request(_begin)
    app.after_request(_log)
    app.teardown_request(_end)


def note_refusal(reason: str) -> None:
    """Have the line of the request under way tell why it is refused, if it is.

    Args:
        reason: an error's name, or a code of OAuth's; nothing that a visitor sent.
    """
    g.refused = reason


def refusal_of(response: Response) -> str | None:
    """Give what was noted of the request under way, if this answer refuses it."""
    return g.get("refused") if response.status_code >= HTTPStatus.BAD_REQUEST else None


def _begin() -> None:
    g.arrived = perf_counter()
    g.request_id = begin_request()


def _log(response: Response) -> Response:
    response.headers[HEADER] = g.request_id
    structlog.get_logger("idp.access").info(
        "request",
        method=request.method if request.method in _METHODS else "other",
        route=_route(),
        status=response.status_code,
        ms=round((perf_counter() - g.arrived) * 1000, 1),
        network=visitor_network(),
        **_refusal(response),
    )
    return response


def _refusal(response: Response) -> dict[str, str]:
    reason = refusal_of(response)
    return {"refused": reason} if reason else {}


def _route() -> str:
    # Never the path: some hold a secret, and one that a mail program has spoilt holds it where nobody looks for it.
    return request.url_rule.rule if request.url_rule else NO_ROUTE


def _end(error: BaseException | None) -> None:
    del error
    # The thread serves another visitor next.
    structlog.contextvars.clear_contextvars()
