"""Hands a request to the OAuth floor as it came."""

from __future__ import annotations

import re

from flask import abort, request
from werkzeug.exceptions import HTTPException

from idp.oauth.http import MAX_BODY_BYTES, RawRequest
from idp.web.limits import network_of
from idp.web.proxy import CERTIFICATE, VERIFIED

VENDOR_FOLDERS = ("/V<release>/OAuth", "/v<release>/OAuth")
"""Before the vendor's present addresses; with a small letter too, as published clients of its API write them."""

VENDORS_ADDRESS = re.compile(r"/[Vv][0-9]+/", re.ASCII)
"""How one of them begins, or would if there were more."""

_RELEASE = re.compile(r"[0-9]+", re.ASCII)
"""Not Werkzeug's int converter: Python refuses to read a number of thousands of digits, which would be a 500."""


def assert_release(release: str) -> None:
    """See that what stands behind the V of the vendor's addresses is a number; otherwise there is no such page."""
    if not _RELEASE.fullmatch(release):
        abort(404)


def raw_request() -> RawRequest:
    """Give the request under way."""
    address = request.remote_addr or ""
    return RawRequest(
        method=request.method,
        query=request.query_string.decode("latin-1"),
        content_type=request.content_type or "",
        body=_body(),
        authorization=request.headers.get("Authorization"),
        address=address,
        network=network_of(address),
        dpop=tuple(request.headers.getlist("DPoP")),
        # A proxy that was shown none says so with an empty header, or with none.
        certificate=request.environ.get(CERTIFICATE) or None,
        certificate_verified=request.environ.get(VERIFIED) == "SUCCESS",
    )


def _body() -> bytes | None:
    request.max_content_length = MAX_BODY_BYTES
    try:
        body = request.get_data(cache=False)
    except HTTPException:  # too long, or the client went away in the middle
        return None
    # One that comes in chunks says no length, and Werkzeug cuts it off at the limit without a word.
    return body if len(body) < MAX_BODY_BYTES else None
