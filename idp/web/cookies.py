"""The cookies: their names, and what browsers must keep to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from flask import session

from idp.web.csrf import FIELD

if TYPE_CHECKING:
    from datetime import timedelta

    from flask import Flask, Request, Response


class CookieName(StrEnum):
    """What we keep in a browser.

    Each but the language is a secret of 256 bits, of which we keep a digest; of that which says that an owner has logged in here
    before, we keep nothing.
    """

    SESSION = "portal"
    TICKET = "ticket"
    STEP = "step"
    DEVICE = "device"
    BROWSER = "browser"
    LANGUAGE = "language"


_FORGERY = "form"  # Flask's own signed cookie: the anti-forgery token, and what was just done

_BETWEEN = "."  # in no secret, which are base64url (RFC 4648 section 5)
_MOST_AT_ONCE = 3  # ways that one browser is on in several tabs, or owners who share it; a cookie must stay small

# The steps of a reset, and of a device, are only ever walked from our own pages. The session must survive a click in a web mail.
_STRICT = (CookieName.TICKET, CookieName.STEP, CookieName.DEVICE, CookieName.BROWSER)


@dataclass(frozen=True, slots=True)
class Cookies:
    """Sets, reads and clears.

    Args:
        secure: the origin is https: the names get ``__Host-``, which binds them to this host, to TLS and to ``/``.
    """

    secure: bool

    def read(self, request: Request, name: CookieName) -> str | None:
        """Give a cookie's value, if the browser has one."""
        return request.cookies.get(self._full(name))

    def read_all(self, request: Request, name: CookieName) -> tuple[str, ...]:
        """Give the secrets of a cookie that holds one for each tab, the newest first."""
        return tuple(secret for secret in (self.read(request, name) or "").split(_BETWEEN) if secret)[:_MOST_AT_ONCE]

    def add(self, request: Request, response: Response, name: CookieName, secret: str, max_age: timedelta) -> None:
        """Set one secret more in a cookie that holds one for each tab; one that it holds comes to the front."""
        others = (other for other in self.read_all(request, name) if other != secret)
        secrets = (secret, *others)[:_MOST_AT_ONCE]
        self.put(response, name, _BETWEEN.join(secrets), max_age)

    def drop(self, request: Request, response: Response, name: CookieName, secret: str | None, max_age: timedelta) -> None:
        """Take one secret out of a cookie that holds one for each tab."""
        others = [other for other in self.read_all(request, name) if other != secret]
        if others:
            self.put(response, name, _BETWEEN.join(others), max_age)
        else:
            self.clear(response, name)

    def has_form_cookie(self, request: Request) -> bool:
        """Tell whether a browser sent the cookie that came with every form of ours."""
        return self._full(_FORGERY) in request.cookies

    def put(self, response: Response, name: CookieName, value: str, max_age: timedelta | None = None) -> None:
        """Set a cookie.

        Args:
            response: that carries it.
            name: which one.
            value: its secret.
            max_age: how long the browser keeps it; without, until it is closed.
        """
        response.set_cookie(
            self._full(name),
            value,
            max_age=max_age,
            secure=self.secure,
            httponly=True,
            samesite=self._same_site(name),
            path="/",
        )

    def clear(self, response: Response, name: CookieName) -> None:
        """Take a cookie away."""
        response.delete_cookie(self._full(name), secure=self.secure, httponly=True, samesite=self._same_site(name), path="/")

    def clear_visit(self, response: Response) -> None:
        """Take away what an owner who logs out has left in the browser: others may sit down at it.

        What stays is the language, that an owner has logged in here (not who), and the anti-forgery token, so that a form that is
        open in another tab still works.
        """
        for name in CookieName:
            if name not in (CookieName.LANGUAGE, CookieName.BROWSER):
                self.clear(response, name)
        for slot in set(session) - {FIELD}:
            del session[slot]

    def configure(self, app: Flask) -> None:
        """Hold Flask's own cookie to the same."""
        app.config.update(
            SESSION_COOKIE_NAME=self._full(_FORGERY),
            SESSION_COOKIE_SECURE=self.secure,
            SESSION_COOKIE_HTTPONLY=True,
            SESSION_COOKIE_SAMESITE="Lax",
            SESSION_COOKIE_PATH="/",
        )

    def _full(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name

    @staticmethod
    def _same_site(name: CookieName) -> str:
        return "Strict" if name in _STRICT else "Lax"
