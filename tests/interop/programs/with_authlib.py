"""Authlib's clients: the one for Flask leads the owner here and back, a session uses the tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from flask import Flask, jsonify
from joserfc.jwk import ECKey

from tests.interop.programs.conversation import converse

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from tests.interop.programs.conversation import Task, Told, Visit


def main(task: Task, visit: Visit) -> Told:
    """Come by the way that the task is of."""
    secret = ECKey.import_key(task["key"]) if task["key"] else task["client_secret"]
    # By itself it takes the endpoint's address for the audience (docs/connector.md, "With a key instead of a secret").
    signer = PrivateKeyJWT(task["issuer"], alg="ES256")
    ways = {"token_endpoint_auth_method": task["auth"], "revocation_endpoint_auth_method": task["auth"]}
    session: Any = OAuth2Session(task["client_id"], secret, redirect_uri=task["redirect_uri"], **ways)
    session.register_client_auth_method(signer)
    metadata = session.get(f"{task['issuer']}/.well-known/openid-configuration", withhold_token=True).json()
    session.metadata["token_endpoint"] = metadata["token_endpoint"]
    if "password" in task:
        tokens = session.fetch_token(username=task["username"], password=task["password"], scope=task["scope"])
        return {"tokens": tokens, "user": session.get(metadata["userinfo_endpoint"]).json()}
    site = website(task, secret, ways, signer).test_client()
    address = site.get("/login").location
    with site.session_transaction() as kept:
        verifier = next(value["data"]["code_verifier"] for name, value in kept.items() if name.startswith("_state_"))
    arrived = urlsplit(visit(address))
    session.token = site.get(f"/callback?{arrived.query}").json

    def redeem() -> object:
        return session.fetch_token(code=parse_qs(arrived.query)["code"][0], code_verifier=verifier)

    return use(session, metadata, redeem if task.get("twice") else None)


def website(task: Task, secret: object, ways: dict[str, str], signer: PrivateKeyJWT) -> Flask:
    """Make the application's site, of two pages."""
    site = Flask(__name__)
    site.secret_key, site.testing = "of this program", True  # a fault is raised, and shows
    registry: Any = OAuth(site)
    registry.register(
        "idp",
        client_id=task["client_id"],
        client_secret=secret,
        server_metadata_url=f"{task['issuer']}/.well-known/openid-configuration",
        client_kwargs={"scope": task["scope"], "code_challenge_method": "S256", **ways},
        client_auth_methods=[signer],
    )

    @site.get("/login")
    def login() -> Response:
        return registry.idp.authorize_redirect(task["redirect_uri"])  # type: ignore[no-any-return]  # no types there

    @site.get("/callback")
    def callback() -> Response:
        token = registry.idp.authorize_access_token()  # reads the ID token too
        return jsonify({**token, "user": registry.idp.userinfo(token=token), "id_claims": token["userinfo"]})

    return site


def use(session: Any, metadata: dict[str, str], redeem: Callable[[], object] | None) -> Told:  # noqa: ANN401  # no types there
    """Use the tokens to their end, or redeem the code a second time."""

    def refresh() -> Any:  # noqa: ANN401  # likewise
        return session.refresh_token(refresh_token=tokens["refresh_token"])

    def introspect(token: str) -> Any:  # noqa: ANN401  # likewise
        return session.introspect_token(metadata["introspection_endpoint"], token).json()

    tokens = dict(session.token)
    if redeem:
        return {"again": code_of(redeem), "inactive": introspect(tokens["access_token"])}
    introspected = introspect(tokens["access_token"])
    refreshed = refresh()
    session.revoke_token(metadata["revocation_endpoint"], tokens["refresh_token"]).raise_for_status()
    return {
        "tokens": tokens,
        "user": tokens.pop("user"),
        "id_claims": tokens.pop("id_claims"),
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
