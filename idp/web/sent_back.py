"""An answer to an application goes back by the browser, in the mode that its client has (S43)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from idp.domain.redirect_uri import form_target_of, host_of
from idp.oauth.authorization_response import FORM_POST
from idp.web.security_headers import policy

if TYPE_CHECKING:
    from idp.oauth.authorization_response import SentBack
    from idp.web.pages import Pages


def sent_back(pages: Pages, answer: SentBack) -> Response:
    """Send the browser back, or have it post the answer (OAuth 2.0 Form Post Response Mode section 2).

    Args:
        pages: renders the form, in which every value is text; and the page for who is to see first where they are led.
        answer: to an application that has registered the address.
    """
    posted, target = answer.mode == FORM_POST, answer.redirect_uri
    if not posted and not answer.shown_first:
        # RFC 9700 section 4.12: 303, so that nothing that was posted here is posted there.
        return Response(status=303, headers={"Location": answer.location})
    facts: dict[str, Any] = {"target": target, "host": host_of(target), "fields": answer.parameters}
    if answer.shown_first:
        response = pages.show("leaving.html", **facts, location=None if posted else answer.location)
    else:
        response = pages.show("form_post.html", **facts)
    response.headers["Content-Security-Policy"] = policy(form_target_of(target))
    return response
