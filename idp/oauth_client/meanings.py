"""What the service's answers mean to an application, and what to do: docs/connector.md has the same table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.oauth_client.http import Reply

WITH_REALM = "the name was sent with its realm"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One answer.

    Args:
        status: of HTTP.
        error: the code (RFC 6749 section 5.2, 6750 section 3.1, 8628 section 3.5, 8707 section 2, 9449 section 5).
        means: what is the matter.
        do: what to do about it.
        described: it has many causes, and which it is stands in the description that comes with it.
    """

    status: int
    error: str
    means: str
    do: str
    described: bool = False


NAME_WITH_REALM = Meaning(400, "invalid_grant", WITH_REALM, "send the bare name, without the part from the @ on")
MEANINGS = (
    NAME_WITH_REALM,
    Meaning(
        400,
        "invalid_grant",
        "name or password wrong, the user blocked, or without a password; at a refresh, access has ended",
        "let the owner type both again, or ask for a new password; don't repeat it",
    ),
    Meaning(400, "invalid_scope", "the scope is not for this client", "ask for a scope of its connector"),
    Meaning(400, "invalid_target", "the resource is none of this service's", "ask for one of oauth.audiences, or for none"),
    Meaning(
        400,
        "unauthorized_client",
        "this client may not use this grant, or not any more",
        "use a grant of its connector, before its sunset",
    ),
    Meaning(400, "unsupported_grant_type", "the service has no such grant", "use one that the metadata names"),
    Meaning(400, "access_denied", "the owner has refused the device", "begin again, if they want it after all"),
    Meaning(400, "expired_token", "nobody has typed the device's code and decided in time", "begin again"),
    Meaning(
        400,
        "invalid_dpop_proof",
        "the proof of the application's key is not for this request, or was made too long ago",
        "look at the description that came, and at the clock (NTP)",
        described=True,
    ),
    Meaning(
        400,
        "invalid_request",
        "a parameter is missing, twice, in the query, or not one that is taken, as a redirect_uri that is not registered; or no "
        "key was shown (DPoP)",
        "mend what the description that came names",
        described=True,
    ),
    Meaning(
        401,
        "invalid_client",
        "client unknown or disabled, secret wrong, or a way of authentication or an address that its connector does not have",
        "compare the client_id and the connector with idp client list, then idp client rotate-secret",
    ),
    Meaning(401, "invalid_token", "the access token does not work, or not any more", "ask for a new one"),
    Meaning(429, "temporarily_unavailable", "too often", "wait for Retry-After seconds"),
    Meaning(503, "temporarily_unavailable", "a part is down", "wait for Retry-After seconds; /readyz names the part"),
)
_BY_ANSWER: Mapping[tuple[int, str], Meaning] = {
    (known.status, known.error): known for known in MEANINGS if known is not NAME_WITH_REALM
}


def meaning_of(reply: Reply, document: Mapping[str, object], *, with_realm: bool = False) -> str:
    """Say in one sentence what an answer means, and what to do.

    Args:
        reply: any but a good one.
        document: its JSON.
        with_realm: the user name that was sent has an at sign.
    """
    error = document.get("error")
    found = _BY_ANSWER.get((reply.status, str(error)))
    if found is None:
        request = reply.headers.get("x-request-id", "unknown")
        code = error or "without an error code"
        return f"{reply.status} {code}: nothing that is foreseen; look in the service's log for the request {request}"
    if with_realm and found.error == NAME_WITH_REALM.error:
        found = NAME_WITH_REALM
    wait = reply.headers.get("retry-after")
    do = found.do.replace("Retry-After", wait) if wait else found.do
    description = document.get("error_description") if found.described else None
    return f"{found.status} {found.error}: {found.means}; {do}" + (f": {description}" if description else "")
