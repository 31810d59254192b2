"""Where the parameters of an authorization request come from: as they are, signed (RFC 9101), or pushed before (RFC 9126)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.errors import RequestUntrusted
from idp.oauth.request import read_query
from idp.oauth.request_object import RequestObjectInvalid, read_request_object
from idp.services.pushed_requests import REQUEST_URI

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import Connector
    from idp.domain.client import Client
    from idp.domain.grant import Confirmation
    from idp.oauth.http import RawRequest
    from idp.oauth.parts import OAuthParts
    from idp.services.pushed_requests import PushedRequest

    Parameters = Mapping[str, tuple[str, ...]]

_TWO_KEYS = "The dpop_jkt is that of another key than the DPoP proof shows."
_NOT_PUSHED = "The request must be pushed first."


@dataclass(frozen=True, slots=True)
class Said:
    """What an application asks.

    Args:
        parameters: all of it, by name.
        pushed: the request that the application has pushed, or None.
        signed: whether it has signed them.
    """

    parameters: Parameters
    pushed: PushedRequest | None = None
    signed: bool = False


def said_by(raw: RawRequest, found: Parameters, client: Client, connector: Connector, parts: OAuthParts) -> Said:
    """Give what counts of a request that a browser brings.

    Where it refers to one that was pushed, nothing else of it does (RFC 9126 section 4); nor beside one that is signed, but for
    the client_id, without which nobody would know whose keys have signed it (RFC 9101 sections 5 and 6.3).

    Args:
        raw: the request.
        found: the parameters in its address.
        client: known, not proved: a browser brings it.
        connector: what it is.
        parts: the issuer, and what was pushed.

    Raises:
        RequestEnded: what it refers to is not there for this client, or not any more.
        RequestUntrusted: it is signed, and wrongly: where it leads back to is then nobody's word.
    """
    references = found.get("request_uri", ())
    if len(references) != 1 or not references[0].startswith(REQUEST_URI):
        return _as_brought(found, client, connector, parts)
    pushed = parts.authorization.pushed.find(client, references[0])
    return Said(read_query(replace(raw, query=pushed.query)), pushed)


def signed_by(client: Client, found: Parameters, parts: OAuthParts) -> Parameters | None:
    """Give what a request object says, of a client that has keys to sign one; None where there is none.

    Args:
        client: whose request it is.
        found: the parameters around it; those of a client that has no keys are refused by name later.
        parts: the issuer.

    Raises:
        RequestObjectInvalid: it is not as it must be.
    """
    objects = found.get("request", ())
    if len(objects) != 1 or not objects[0] or not client.keys:
        return None
    return read_request_object(objects[0], client, parts)


def see_that_it_was_pushed(said: Said, connector: Connector, parts: OAuthParts) -> None:
    """Refuse what was not, where the issuer or the client's kind wants it so (S11). Raises `InvalidRequestError`."""
    if _only_pushed(connector, parts) and said.pushed is None:
        raise InvalidRequestError(_NOT_PUSHED)


def with_key(parameters: Parameters, shown: Confirmation | None) -> Parameters:
    """Give a pushed request as it is with the key that was shown with it, which is as good as `dpop_jkt` (RFC 9449 section 10.1).

    Raises:
        InvalidRequestError: it names another key itself.
    """
    if shown is None:
        return parameters
    if parameters.get("dpop_jkt", (shown.thumbprint,)) != (shown.thumbprint,):
        raise InvalidRequestError(_TWO_KEYS)
    return {**parameters, "dpop_jkt": (shown.thumbprint,)}


def _only_pushed(connector: Connector, parts: OAuthParts) -> bool:
    return parts.issuer.pushed_only or connector.pushed_requests == "required"


def _as_brought(found: Parameters, client: Client, connector: Connector, parts: OAuthParts) -> Said:
    if _only_pushed(connector, parts):
        return Said(found)
    try:
        signed = signed_by(client, found, parts)
    except RequestObjectInvalid as exc:
        raise RequestUntrusted from exc
    return Said(found) if signed is None else Said(signed, signed=True)
