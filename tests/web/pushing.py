"""Applications that push their requests, one at each issuer: with a secret, and with a key."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from idp.oauth.client_keys import read_key_set
from tests.client_signers import Signer, asserted
from tests.web.authorizing import BACK, Application

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import World

NAME = "Bank <App>"
STRICT, CLASSIC = "/fapi", "/oauth"
_NUMBERS = count(1)


@dataclass(frozen=True)
class Pusher:
    """An application.

    Args:
        world: where it is registered.
        prefix: of its issuer's endpoints.
        application: its registration.
        signer: its key, or None for one with a secret.
    """

    world: World
    prefix: str
    application: Application
    signer: Signer | None = None

    @classmethod
    def register(cls, world: World, prefix: str, signer: Signer | None = None, back: str = BACK) -> Pusher:
        """Register one at the issuer with this prefix; at the strict one, it has a key in any case."""
        if prefix == CLASSIC and signer is None:
            return cls(world, prefix, Application.register(world, back, name=NAME))
        kind, signer = "vendor_api" if prefix == CLASSIC else "fapi", signer or Signer()
        client = world.clients.add_with_keys(kind, NAME, read_key_set(signer.key_set), "operator:test", redirect_uris=(back,))
        return cls(world, prefix, Application(client.client_id, "", (back,)), signer)

    @property
    def issuer(self) -> str:
        """Its issuer's identifier."""
        return self.world.origin + ("" if self.prefix == CLASSIC else self.prefix)

    @property
    def client_id(self) -> str:
        """Its identifier."""
        return self.application.client_id

    @property
    def decision(self) -> str:
        """Where its owner's answer goes."""
        return f"{self.prefix}/authorize/decision"

    def proof(self) -> dict[str, str]:
        """By which it says who it is, each time anew."""
        if self.signer is None:
            return {"client_id": self.client_id, "client_secret": self.application.secret}
        now = int(self.world.clock.now().timestamp())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.issuer, "exp": now + 60, "jti": f"j{next(_NUMBERS)}"}
        return asserted(self.signer.sign(claims))

    def signed(
        self,
        changes: Mapping[str, object] | None = None,
        *,
        header: Mapping[str, object] | None = None,
        signer: Signer | None = None,
    ) -> str:
        """Sign a request that is right, unless it is said otherwise; None leaves a claim out."""
        now = int(self.world.clock.now().timestamp())
        claims = {
            **dict(parse_qsl(self.application.query())),
            "iss": self.client_id,
            "aud": self.issuer,
            "nbf": now,
            "exp": now + 60,
            **(changes or {}),
        }
        key = signer or self.signer
        assert key is not None
        said = {"typ": "oauth-authz-req+jwt", **(header or {})}
        return key.sign({name: value for name, value in claims.items() if value is not None}, **said)

    def post(self, form: Mapping[str, str | None], path: str = "/par") -> TestResponse:
        """Post a form, without what is None, to one of its issuer's endpoints."""
        sent = {name: value for name, value in form.items() if value is not None}
        return self.world.app.test_client().post(self.prefix + path, data=sent)

    def push(self, **changes: str | None) -> TestResponse:
        """Push a request that is right, unless it is said otherwise; None leaves a parameter out."""
        return self.post({**dict(parse_qsl(self.application.query())), **self.proof(), **changes})

    def pushed(self, **changes: str | None) -> str:
        """Push a request, and give its request_uri."""
        answer = self.push(**changes)
        assert answer.status_code == 201, answer.text
        told: Any = answer.get_json()
        return str(told["request_uri"])

    def address(self, request_uri: str, **more: str) -> str:
        """Give the address that it leads a browser to."""
        return f"{self.prefix}/authorize?" + urlencode({"client_id": self.client_id, "request_uri": request_uri, **more})

    def open(self, visitor: Visitor, **changes: str | None) -> TestResponse:
        """Push a request, and have a browser open it."""
        return visitor.open(self.address(self.pushed(**changes)))
