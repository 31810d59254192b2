"""The headers that every answer carries (S45)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request

if TYPE_CHECKING:
    from flask import Flask, Response

# Everything comes from here; the captcha's worker is a file of ours (its default bundle would need blob: and inline style).
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def policy(form_target: str = "") -> str:
    """Give the content security policy.

    Args:
        form_target: where a form may lead to besides here. Browsers hold the redirect in answer to a form against it, too.
    """
    directives = {**_POLICY, "form-action": f"{_POLICY['form-action']} {form_target}".rstrip()}
    return "; ".join(f"{directive} {sources}" for directive, sources in directives.items())


CONTENT_SECURITY_POLICY = policy()

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
_TWO_YEARS_S = 63072000


def install(app: Flask, *, https: bool) -> None:
    """Add the headers to every answer that has not chosen its own.

    Args:
        app: the application.
        https: the origin is https, so browsers may be told to stay there.
    """
    headers = dict(_HEADERS)
    if https:
        headers["Strict-Transport-Security"] = f"max-age={_TWO_YEARS_S}"

    @app.after_request
    def add(response: Response) -> Response:
        if request.routing_exception is not None and response.location:
            # The router's own redirects name whatever host the request named (S49).
            response.location = urlsplit(response.location).path
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response
