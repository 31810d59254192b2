"""Where the parameters of an authorization request come from: its address, or what the application has pushed before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.oauth.request import read_query
from idp.services.pushed_requests import REQUEST_URI

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.domain.client import Client
    from idp.oauth.http import RawRequest
    from idp.oauth.parts import OAuthParts
    from idp.services.pushed_requests import PushedRequest

_NOT_PUSHED = "The request must be pushed first."


@dataclass(frozen=True, slots=True)
class Said:
    """What an application asks.

    Args:
        parameters: all of it, by name.
        pushed: the request that the application has pushed, or None.
    """

    parameters: Mapping[str, tuple[str, ...]]
    pushed: PushedRequest | None = None


def said_by(raw: RawRequest, found: Mapping[str, tuple[str, ...]], client: Client, parts: OAuthParts) -> Said:
    """Give what counts of a request: where it refers to one that was pushed, nothing else of it does (RFC 9126 section 4).

    Args:
        raw: the request.
        found: the parameters in its address.
        client: known, not proved: a browser brings it.
        parts: the issuer, and what was pushed.

    Raises:
        RequestEnded: what it refers to is not there for this client, or not any more.
    """
    references = found.get("request_uri", ())
    if len(references) != 1 or not references[0].startswith(REQUEST_URI):
        return Said(found)
    pushed = parts.authorization.pushed.find(client, references[0])
    return Said(read_query(replace(raw, query=pushed.query)), pushed)


def see_that_it_was_pushed(said: Said, parts: OAuthParts) -> None:
    """Refuse what was not, at an issuer that wants it so (S11). Raises `InvalidRequestError`."""
    if parts.issuer.pushed_only and said.pushed is None:
        raise InvalidRequestError(_NOT_PUSHED)
