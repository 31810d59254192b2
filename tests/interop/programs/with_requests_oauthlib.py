"""requests-oauthlib, which most scripts in Python use; it knows neither discovery nor introspection."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from oauthlib.oauth2 import LegacyApplicationClient, OAuth2Error, WebApplicationClient
from requests_oauthlib import OAuth2Session

from tests.interop.programs.conversation import converse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.interop.programs.conversation import Task, Told, Visit

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # http, on this machine only


def main(task: Task, visit: Visit) -> Told:
    """Come by the way that the task is of."""
    return with_password(task) if "password" in task else with_code(task, visit)


def with_password(task: Task) -> Told:
    """Ask for a token with name and password."""
    session = OAuth2Session(client=LegacyApplicationClient(task["client_id"]))
    metadata = describe(session, task)
    credentials = {name: task[name] for name in ("username", "password", "client_secret")}
    tokens = session.fetch_token(metadata["token_endpoint"], **credentials)
    return {"tokens": tokens, "user": session.get(metadata["userinfo_endpoint"]).json()}


def with_code(task: Task, visit: Visit) -> Told:
    """Let an owner decide, and use the tokens to their end."""
    client = WebApplicationClient(task["client_id"])
    session = OAuth2Session(client=client, redirect_uri=task["redirect_uri"], scope=task["scope"].split(), pkce="S256")
    metadata = describe(session, task)
    auth = (task["client_id"], task["client_secret"])
    in_body = dict(zip(("client_id", "client_secret"), auth, strict=True)) if task["auth"] == "client_secret_post" else None
    arrived = visit(session.authorization_url(metadata["authorization_endpoint"])[0])

    def redeem() -> Any:  # noqa: ANN401  # no types there
        extra = {"include_client_id": True} if in_body else {}
        endpoint, secret = metadata["token_endpoint"], task["client_secret"]
        return session.fetch_token(endpoint, authorization_response=arrived, client_secret=secret, **extra)

    def refresh() -> Any:  # noqa: ANN401  # likewise
        extra = in_body or {"auth": auth}
        return session.refresh_token(metadata["token_endpoint"], refresh_token=tokens["refresh_token"], **extra)

    tokens = redeem()
    if task.get("twice"):
        return {"again": code_of(redeem)}
    user = session.get(metadata["userinfo_endpoint"]).json()
    refreshed = refresh()
    address, headers, body = client.prepare_token_revocation_request(metadata["revocation_endpoint"], tokens["refresh_token"])
    session.post(address, body, headers=headers, auth=auth, withhold_token=True).raise_for_status()
    return {"tokens": tokens, "user": user, "refreshed": refreshed, "afterwards": code_of(refresh)}


def describe(session: OAuth2Session, task: Task) -> dict[str, str]:
    """Read the metadata."""
    answer = session.get(f"{task['issuer']}/.well-known/oauth-authorization-server", withhold_token=True)
    return dict(answer.json())


def code_of(attempt: Callable[[], object]) -> str:
    """Give the protocol's word for why an attempt fails."""
    try:
        attempt()
    except OAuth2Error as exc:
        return str(exc.error)
    return "nothing"


if __name__ == "__main__":
    converse(main)
