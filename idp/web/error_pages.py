"""Every error ends in a page in the reader's language with a way on, or, for programs, in JSON; never in a traceback (S47)."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from flask import Response, jsonify, request
from limits.errors import StorageError
from werkzeug.exceptions import HTTPException

from idp.errors import CountersUnavailable, IdpError
from idp.oauth.authorization import AUTHORIZATION_PATH
from idp.oauth.end_session import END_SESSION_PATH
from idp.web.raw_request import VENDORS_ADDRESS
from idp.web.sentences import message

if TYPE_CHECKING:
    from flask import Flask
    from markupsafe import Markup

    from idp.web.pages import Pages

_PROGRAMS_START_WITH = (
    "/oauth/",
    "/fapi/",
    "/.well-known/",
    "/captcha/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/demo/mail.json",
)
_PEOPLE_OPEN = (AUTHORIZATION_PATH, END_SESSION_PATH)
"""Of those addresses, what is behind these is opened by people, whatever goes wrong."""

_BROKEN = message("Er ging iets mis. Het ligt niet aan jou. Probeer het over een paar minuten opnieuw.")
_MESSAGES = {
    400: message("Dit verzoek klopt niet. Ga terug en probeer het opnieuw."),
    403: message("Dat mag hier niet."),
    404: message("Deze pagina bestaat niet."),
    405: message("Zo kun je deze pagina niet openen."),
    413: message("Dat is te veel tekst. Vul minder in en probeer het opnieuw."),
    415: message("Dit verzoek klopt niet. Ga terug en probeer het opnieuw."),
    429: message("Je hebt dit te vaak geprobeerd. Probeer het later opnieuw."),
    500: _BROKEN,
}


@dataclass(frozen=True, slots=True)
class ErrorPages:
    """Answers whatever no view has answered."""

    pages: Pages

    def install(self, app: Flask) -> None:
        """Take over an application's errors; a blueprint's own handlers come first."""
        app.register_error_handler(HTTPException, self.http)
        app.register_error_handler(IdpError, self.ours)
        app.register_error_handler(StorageError, self.counters)
        app.register_error_handler(Exception, self.unexpected)

    def http(self, error: HTTPException) -> Response:
        """Answer what the framework refused."""
        status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        if status < HTTPStatus.BAD_REQUEST:
            # A redirect of the router's own would be built from Host (S49); our own redirects are no errors.
            status = HTTPStatus.NOT_FOUND
        text = _MESSAGES.get(status, _MESSAGES[400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500])
        response = self._answer(status, text)
        allow = error.get_response().headers.get("Allow")
        if allow:
            response.headers["Allow"] = allow
        return response

    def ours(self, error: IdpError) -> Response:
        """Answer an error from the tree that a view let through: a part that is down, a limit, a stale form."""
        problem = self.pages.problem(error)
        if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            return self.unexpected(error)
        response = _as_json(problem.status) if _is_for_a_program() else self._page(problem.status, problem.text)
        if problem.retry_after_s is not None:
            response.headers["Retry-After"] = str(problem.retry_after_s)
        return response

    def counters(self, error: StorageError) -> Response:
        """Answer as `CountersUnavailable` what the limiter met before any view ran."""
        del error
        return self.ours(CountersUnavailable())

    def unexpected(self, error: Exception) -> Response:
        """Answer a fault of ours. The log gets where it happened; not the message, which could hold what someone typed."""
        where = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-5:]]
        structlog.get_logger("idp.web").error("unexpected_error", kind=type(error).__name__, where=where)
        return self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, _BROKEN)

    def _answer(self, status: int, text: str) -> Response:
        if _is_for_a_program():
            return _as_json(status)
        return self._page(status, self.pages.words_here().markup(text))

    def _page(self, status: int, text: Markup) -> Response:
        # The language switch leads back here, if this address can be read at all.
        readable = request.method in ("GET", "HEAD")
        return self.pages.show("error.html", status, text=text, readable=readable)


def _is_for_a_program() -> bool:
    people = any(opened in request.path.lower() for opened in _PEOPLE_OPEN)
    return (request.path.startswith(_PROGRAMS_START_WITH) or bool(VENDORS_ADDRESS.match(request.path))) and not people


def _as_json(status: int) -> Response:
    # RFC 6749 section 5.2 has no word for most of these; temporarily_unavailable and server_error are of section 4.1.2.1.
    names = {HTTPStatus.TOO_MANY_REQUESTS: "temporarily_unavailable", HTTPStatus.SERVICE_UNAVAILABLE: "temporarily_unavailable"}
    name = names.get(HTTPStatus(status), "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request")
    response = jsonify({"error": name, "error_description": HTTPStatus(status).phrase})
    response.status_code = status
    return response
