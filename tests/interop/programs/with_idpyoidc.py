"""idpyoidc, by the author of the first OpenID Connect client in Python."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from idpyoidc.client.defaults import DEFAULT_OIDC_SERVICES
from idpyoidc.client.exception import OidcServiceError, ResponseError
from idpyoidc.client.oauth2.stand_alone_client import StandAloneClient

from tests.interop.programs.conversation import converse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.interop.programs.conversation import Task, Told, Visit

SERVICES = {
    **DEFAULT_OIDC_SERVICES,
    "introspection": {"class": "idpyoidc.client.oauth2.introspection.Introspection"},
    "token_revocation": {"class": "idpyoidc.client.oauth2.token_revocation.TokenRevocation"},
}
PKCE = {
    "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
    "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
}


class Refused(Exception):
    """What the server said."""

    def __init__(self, error: str) -> None:
        """Keep the protocol's word for it."""
        super().__init__(error)
        self.error = error


def main(task: Task, visit: Visit) -> Told:
    """Let an owner decide, and use the tokens to their end."""
    configuration = {
        "issuer": task["issuer"],
        "client_id": task["client_id"],
        "client_secret": task["client_secret"],
        "redirect_uris": [task["redirect_uri"]],
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": [task["auth"]],
        "client_authn_methods": {"bearer_header": {}, task["auth"]: {}},
        "scopes_supported": task["scope"].split(),
        "add_ons": {"pkce": PKCE},
    }
    client: Any = StandAloneClient(config=configuration, services=SERVICES, client_type="oidc")
    client.do_provider_info()
    client.do_client_registration()
    address = client.init_authorization(req_args={"scope": task["scope"].split()})
    answer = client.finalize_auth(dict(parse_qsl(urlsplit(visit(address)).query)))
    if "error" in answer:
        raise Refused(answer["error"])
    try:
        return use(client, answer["state"], task)
    except OidcServiceError as exc:
        raise Refused(str(exc)) from exc


def use(client: Any, state: str, task: Task) -> Told:  # noqa: ANN401  # no types there
    """Use the code once and again, or the tokens to their end."""

    def introspect(token: str) -> Any:  # noqa: ANN401  # likewise
        return asked(client, "introspection", token, task)

    tokens = client.get_tokens(state)
    if task.get("twice"):
        return {"again": code_of(lambda: client.get_tokens(state)), "inactive": introspect(tokens["access_token"])}
    user = client.get_user_info(state)
    introspected = introspect(tokens["access_token"])
    refreshed = client.refresh_access_token(state)
    with suppress(ResponseError):  # it wants something in the body, which RFC 7009 section 2.2 has clients ignore
        asked(client, "token_revocation", tokens["refresh_token"], task)
    return {
        "tokens": tokens.to_dict(),
        "id_claims": tokens["__verified_id_token"].to_dict(),
        "user": user.to_dict(),
        "introspected": introspected,
        "refreshed": refreshed.to_dict(),
        "afterwards": code_of(lambda: client.refresh_access_token(state)),
        "inactive": introspect(refreshed["access_token"]),
    }


def asked(client: Any, service: str, token: str, task: Task) -> Any:  # noqa: ANN401  # likewise
    """Ask about, or end, a token."""
    answer = client.do_request(service, request_args={"token": token}, authn_method=task["auth"])
    return answer.to_dict()


def code_of(attempt: Callable[[], object]) -> str:
    """Give the protocol's word for why an attempt fails."""
    try:
        attempt()
    except OidcServiceError as exc:
        return str(exc)
    return "nothing"


if __name__ == "__main__":
    converse(main)
