"""An answer to an application goes back by the browser, in the mode that its client has (S43)."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        pages: renders the form, in which every value is text.
        answer: to an application that has registered the address.
    """
    if answer.mode != FORM_POST:
        # RFC 9700 section 4.12: 303, so that nothing that was posted here is posted there.
        return Response(status=303, headers={"Location": answer.location})
    target = answer.redirect_uri
    response = pages.show("form_post.html", target=target, host=host_of(target), fields=answer.parameters)
    response.headers["Content-Security-Policy"] = policy(form_target_of(target))
    return response
