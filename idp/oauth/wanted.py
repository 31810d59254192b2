"""What a request asks for, the same at each endpoint that gives something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidScopeError, UnauthorizedClientError

from connectors.base import OPENID
from idp.oauth.errors import TargetRefused

if TYPE_CHECKING:
    from connectors.base import Connector
    from idp.oauth.parts import OAuthParts
    from idp.oauth.request import FormRequest

_NOT_THIS_GRANT = "This client may not use this grant type."
_NOT_THIS_SCOPE = "The scope is unknown, or not for this client."


def see_that_it_may(connector: Connector, grant_type: str, parts: OAuthParts) -> None:
    """Refuse a grant that clients of a kind don't have, or not any more (RFC 6749 section 5.2, S28).

    Raises:
        UnauthorizedClientError: its connector does not list it, or its time is over.
    """
    if not connector.grant_allowed_on(grant_type, parts.clock.now().date()):
        raise UnauthorizedClientError(_NOT_THIS_GRANT)


def scope(request: FormRequest, connector: Connector, *, with_openid: bool = False) -> str | None:
    """Give the scopes asked for (RFC 6749 section 3.3), each once, or None when none was.

    Args:
        request: of a client of this kind.
        connector: what it is.
        with_openid: whether an ID token may come of it. It tells how an owner has logged in, so it needs one who has.

    Raises:
        InvalidScopeError: one that this client may not have, or that there is not (S33).
    """
    asked = dict.fromkeys(request.form.get("scope", "").split(" "))
    scopes = [scope for scope in asked if scope]
    if not set(scopes) <= set(connector.scopes) or (OPENID in scopes and not with_openid):
        raise InvalidScopeError(_NOT_THIS_SCOPE)
    return " ".join(scopes) or None


def scope_or_default(request: FormRequest, connector: Connector, *, with_openid: bool = False) -> str:
    """Give the scopes asked for, or the usual ones of the connector when none was; see `scope`."""
    usual = [scope for scope in connector.default_scopes if with_openid or scope != OPENID]
    found = scope(request, connector, with_openid=with_openid) or " ".join(usual)
    if not found:
        raise InvalidScopeError(_NOT_THIS_SCOPE)
    return found


def audience(request: FormRequest, parts: OAuthParts) -> str | None:
    """Give the resource asked for (RFC 8707 section 2), or None when none was.

    Raises:
        TargetRefused: not one of ours, or more than one.
    """
    asked = set(request.many("resource"))
    if not asked:
        return None
    if len(asked) > 1 or not asked <= set(audiences(parts)):
        raise TargetRefused
    return asked.pop()


def audiences(parts: OAuthParts) -> tuple[str, ...]:
    """Give all resources that there are."""
    return parts.default_audience, *parts.audiences


def audience_or_default(request: FormRequest, parts: OAuthParts) -> str:
    """Give the resource asked for, or the usual one when none was; see `audience`."""
    return audience(request, parts) or parts.default_audience
