"""Anti-forgery: every form that a cookie authorises carries a token bound to this browser (S45).

Flask-WTF makes and checks the tokens. Forms whose address holds a mailed secret carry none: no cookie authorises them, and who
can write their address holds the secret already, so there is nothing to forge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from idp.errors import CookiesOff, StaleForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from idp.web.cookies import Cookies

FIELD = "csrf_token"


def configure(app: Flask) -> None:
    """Let a token live as long as its cookie: a form that stood open over lunch still works."""
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_FIELD_NAME=FIELD)


def fresh_token() -> str:
    """Give the token for a form on the page being made."""
    return str(generate_csrf())


def assert_fresh(fields: Mapping[str, str], cookies: Cookies) -> None:
    """Check the token of the form that came in.

    Args:
        fields: of the form.
        cookies: know the one that the token is bound to.

    Raises:
        StaleForm: no token, or another browser's. The caller shows the form again, nothing lost.
        CookiesOff: there is no cookie to hold the token against. Sending it again helps only who lets us keep one.
    """
    try:
        validate_csrf(fields[FIELD])
    except ValidationError as exc:
        if not cookies.has_form_cookie(request):
            raise CookiesOff from exc
        raise StaleForm from exc
