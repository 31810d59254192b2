"""Anti-forgery: every form that a cookie authorises carries a token bound to this browser (S45).

Flask-WTF makes and checks the tokens. Forms whose address holds a mailed secret carry none: no cookie authorises them, and who
can write their address holds the secret already, so there is nothing to forge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from idp.errors import StaleForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

FIELD = "csrf_token"


def configure(app: Flask) -> None:
    """Let a token live as long as its cookie: a form that stood open over lunch still works."""
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_FIELD_NAME=FIELD)


def fresh_token() -> str:
    """Give the token for a form on the page being made."""
    return str(generate_csrf())


def assert_fresh(fields: Mapping[str, str]) -> None:
    """Check the token of a form that came in.

    Raises:
        StaleForm: no token, another browser's, or a cookie that is gone. The caller shows the form again, nothing lost.
    """
    try:
        validate_csrf(fields[FIELD])
    except ValidationError as exc:
        raise StaleForm from exc
