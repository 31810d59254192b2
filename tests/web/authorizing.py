"""An application that asks owners to be let in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.web.world import OWNER_MAIL, OWNER_PASSWORD

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import World

BACK = "https://app.example/back?from=here"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""Of RFC 7636 appendix B."""

PATH = "/oauth/authorize"
DECISION = "/oauth/authorize/decision"


@dataclass(frozen=True, slots=True)
class Application:
    """A client of the vendor's API.

    Args:
        client_id: its identifier.
        secret: its secret.
        redirect_uris: of its registration.
    """

    client_id: str
    secret: str
    redirect_uris: tuple[str, ...]

    @classmethod
    def register(cls, world: World, *redirect_uris: str, name: str = "Boekhoud <App>") -> Application:
        """Register one."""
        uris = redirect_uris or (BACK,)
        client, secret = world.clients.add("vendor_api", name, "operator:test", redirect_uris=uris)
        return cls(client.client_id, secret, uris)

    def query(self, **changes: str | None) -> str:
        """Give a request that is right, unless it is said otherwise; None leaves a parameter out."""
        wanted = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uris[0],
            "state": "of the application & <more>",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        return urlencode({name: value for name, value in wanted.items() if value is not None})

    def address(self, **changes: str | None) -> str:
        """Give the address that it leads a browser to."""
        return f"{PATH}?{self.query(**changes)}"


def answer_of(response: TestResponse, back: str = BACK) -> dict[str, str]:
    """Read what an application is told: nothing but what stands behind its own address, each name once, by 303."""
    assert response.status_code == 303, response.text
    joint = "&" if "?" in back else "?"
    assert response.location.startswith(back + joint), response.location
    pairs = parse_qsl(urlsplit(response.location.removeprefix(back)[1:]).path, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def redeemed(world: World, application: Application, code: str) -> dict[str, Any]:
    """Have the application redeem its code; gives the answer."""
    proof = {"client_id": application.client_id, "client_secret": application.secret}
    form = {"grant_type": "authorization_code", "redirect_uri": application.redirect_uris[0], "code_verifier": VERIFIER}
    answer = world.ask("token", proof, **form, code=code)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def log_in_there(visitor: Visitor) -> TestResponse:
    """Log in on the page that was opened, and go on to where it leads."""
    answer = visitor.submit("/login", {"mail": OWNER_MAIL, "password": OWNER_PASSWORD})
    assert answer.status_code == 303, answer.text
    return visitor.follow()
