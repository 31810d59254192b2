"""Authlib's client, on requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey

from tests.interop.programs.conversation import converse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.interop.programs.conversation import Task, Told, Visit


def main(task: Task, visit: Visit) -> Told:
    """Come by the way that the task is of."""
    session: Any = OAuth2Session(
        task["client_id"],
        ECKey.import_key(task["key"]) if task["key"] else task["client_secret"],
        token_endpoint_auth_method=task["auth"],
        revocation_endpoint_auth_method=task["auth"],
        redirect_uri=task["redirect_uri"],
        scope=task["scope"],
        code_challenge_method="S256",
    )
    if task["auth"] == "private_key_jwt":
        # By itself it takes the endpoint's address for the audience (docs/connector.md, "With a key instead of a secret").
        session.register_client_auth_method(PrivateKeyJWT(task["issuer"], alg="ES256"))
    metadata = session.get(f"{task['issuer']}/.well-known/oauth-authorization-server", withhold_token=True).json()
    session.metadata["token_endpoint"] = metadata["token_endpoint"]
    if "password" in task:
        tokens = session.fetch_token(username=task["username"], password=task["password"])
        return {"tokens": tokens, "user": session.get(metadata["userinfo_endpoint"]).json()}
    return with_code(session, metadata, task, visit)


def with_code(session: Any, metadata: dict[str, str], task: Task, visit: Visit) -> Told:  # noqa: ANN401  # no types there
    """Let an owner decide, and use the tokens to their end."""
    verifier = generate_token(48)
    address, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
    arrived = visit(address)
    # Authlib's integrations with web frameworks look at this; without one it is left to the developer.
    told = dict(parse_qsl(urlsplit(arrived).query))
    if "error" in told:
        raise OAuthError(told["error"], told["error_description"])

    def redeem() -> Any:  # noqa: ANN401  # likewise
        return session.fetch_token(authorization_response=arrived, state=state, code_verifier=verifier)

    def refresh() -> Any:  # noqa: ANN401  # likewise
        return session.refresh_token(refresh_token=tokens["refresh_token"])

    def introspect(token: str) -> Any:  # noqa: ANN401  # likewise
        return session.introspect_token(metadata["introspection_endpoint"], token).json()

    tokens = redeem()
    if task.get("twice"):
        return {"again": code_of(redeem), "inactive": introspect(tokens["access_token"])}
    user = session.get(metadata["userinfo_endpoint"]).json()
    introspected = introspect(tokens["access_token"])
    refreshed = refresh()
    session.revoke_token(metadata["revocation_endpoint"], tokens["refresh_token"]).raise_for_status()
    return {
        "tokens": tokens,
        "user": user,
        "introspected": introspected,
        "refreshed": refreshed,
        "afterwards": code_of(refresh),
        "inactive": introspect(refreshed["access_token"]),
    }


def code_of(attempt: Callable[[], object]) -> str:
    """Give the protocol's word for why an attempt fails."""
    try:
        attempt()
    except OAuthError as exc:
        return str(exc.error)
    return "nothing"


if __name__ == "__main__":
    converse(main)
