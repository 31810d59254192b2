"""An application at one of the two issuers, and what it does there."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from idp.oauth.algorithms import OurAlgorithms
from idp.oauth.authorization import AuthorizationEndpoint, AuthorizationRequest
from idp.oauth.dpop_nonce import DPoPNonces
from idp.oauth.http import RawRequest
from tests.client_signers import Signer
from tests.oauth.test_private_key_jwt_malformed import joined
from tests.oauth.world import BACK, CHALLENGE, ORIGIN, USERNAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connectors.base import Connector
    from idp.oauth.server import OAuthServer
    from tests.oauth.world import Answered, World

ASKING = {
    "response_type": "code", "redirect_uri": BACK, "code_challenge": CHALLENGE, "code_challenge_method": "S256",
}  # fmt: skip


def hash_of(access_token: str) -> str:
    """The `ath` of a token."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).decode().rstrip("=")


@dataclass
class Place:
    """An application at an issuer.

    Args:
        world: where it is.
        prefix: of the issuer's endpoints.
        client_id: what it is called.
        proves: gives by what it says who it is, each time anew.
        grant: gives what it usually asks for a token with, each time anew.
        signer: its key.
        shows: whether it shows that key (RFC 9449) unless a test says otherwise.
    """

    world: World
    prefix: str
    client_id: str
    proves: Callable[[], Mapping[str, str]]
    grant: Callable[[], Mapping[str, str]]
    signer: Signer = field(default_factory=lambda: Signer(which="shown"))
    shows: bool = True
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def server(self) -> OAuthServer:
        """Its issuer."""
        return self.world.strict if self.prefix == "/fapi" else self.world.oauth

    @property
    def connector(self) -> Connector:
        """What is known of its kind."""
        return self.world.parts.connectors[self.world.parts.clients.get(self.client_id).connector]

    # -- the key that it shows -----------------------------------------------------------------------------------------

    @property
    def jkt(self) -> str:
        """The thumbprint of its key."""
        return self.signer.key.thumbprint()

    @property
    def nonce(self) -> str:
        """What it would be given now."""
        return DPoPNonces(self.world.parts.digests, self.world.clock).current()

    def claims(self, endpoint: str = "token", **other: object) -> dict[str, object]:
        """What a proof says, right in all points unless the test says otherwise; None leaves a claim out."""
        said: dict[str, object] = {
            "htm": "GET" if endpoint == "userinfo" else "POST",
            "htu": f"{ORIGIN}{self.prefix}/{endpoint}",
            "iat": int(self.world.clock.now().timestamp()),
            "jti": f"{self.client_id} {next(self._numbers)}",
            "nonce": self.nonce,
            **other,
        }
        return {name: value for name, value in said.items() if value is not None}

    def proof(self, endpoint: str = "token", signer: Signer | None = None, /, **other: object) -> str:
        """Sign it."""
        by = signer or self.signer
        return self.sign(self.claims(endpoint, **other), by)

    def sign(self, claims: Mapping[str, object] | bytes, signer: Signer | None = None, /, **header: object) -> str:
        """Sign claims, with another header where the test says so, which no library would write; None leaves a member out."""
        by = signer or self.signer
        said = {"typ": "dpop+jwt", "alg": by.alg, "jwk": by.key.as_dict(private=False), **header}
        payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        text = joined(json.dumps({name: value for name, value in said.items() if value is not None}).encode(), payload)
        return f"{text}.{joined(OurAlgorithms.algorithms[by.alg].sign(text.encode(), by.key))}"

    # -- what it asks for ----------------------------------------------------------------------------------------------

    def form(self) -> dict[str, str]:
        """What it usually asks for a token with, the proof of who it is among it."""
        return {**self.grant(), **self.proves()}

    def ask(self, proof: str | None = None, path: str = "token", **form: str) -> Answered:
        """Ask for a token as usual, unless the form says otherwise; an empty proof is none at all."""
        return self.send(path, {**self.grant(), **form}, self._shown(proof))

    def send(self, path: str, form: Mapping[str, str], proof: str = "") -> Answered:
        """Post a form as this application, without a proof unless there is one."""
        headers = {"DPoP": proof} if proof else {}
        return self.world.post(f"{self.prefix}/{path}", None, {**self.proves(), **form}, headers=headers)

    def code(self, **bound: object) -> str:
        """Have the owner let it in; gives the code."""
        return self.world.code(client_id=self.client_id, **bound)

    def redemption(self, code: str, **form: str) -> dict[str, str]:
        """What it redeems a code with."""
        return {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **form}

    def redeem(self, code: str, /, proof: str | None = None, **form: str) -> Answered:
        """Redeem a code as it should be, unless the form says otherwise."""
        return self.send("token", self.redemption(code, **form), self._shown(proof))

    def refresh(self, refresh_token: str, proof: str | None = None, **form: str) -> Answered:
        """Ask for another token."""
        wanted = {"grant_type": "refresh_token", "refresh_token": refresh_token, **form}
        return self.send("token", wanted, self._shown(proof))

    def push(self, proof: str = "", **asking: str) -> Answered:
        """Push a request; an empty proof is none at all."""
        return self.send("par", {**ASKING, **asking}, proof)

    def allowed(self, pushed: Answered) -> str:
        """Have the owner allow what was pushed; gives the code."""
        assert pushed.status_code == 201, pushed.text
        query = urlencode({"client_id": self.client_id, "request_uri": pushed.json["request_uri"]})
        judged = AuthorizationEndpoint(self.server.parts).judge(RawRequest("GET", query, "", b"", None, "127.0.0.1", "127.0.0.1"))
        assert isinstance(judged, AuthorizationRequest), judged
        return self.server.parts.authorization.allow(self.world.session(), USERNAME, judged.asked)

    # -- what it does with a token -------------------------------------------------------------------------------------

    def bound(self, **form: str) -> str:
        """Get an access token that is bound to its key."""
        answer = self.ask(**form)
        assert answer.status_code == 200, answer.text
        return str(answer.json["access_token"])

    def userinfo(self, token: str, proof: str | None = None, scheme: str | None = None, **headers: str) -> Answered:
        """Bring a token, and show the key; an empty proof is none at all."""
        sent = self.bringing(token) if proof is None else {"DPoP": proof} if proof else {}
        sent = {**sent, "Authorization": f"{scheme or self.scheme} {token}", **headers}
        return self.world.http.get(f"{self.prefix}/userinfo", headers=sent)

    @property
    def scheme(self) -> str:
        """By which it brings a token."""
        return "DPoP" if self.shows else "Bearer"

    def bringing(self, token: str, **claims: object) -> dict[str, str]:
        """Give the headers by which it brings a token to userinfo."""
        proof = {"DPoP": self.proof("userinfo", ath=hash_of(token), **claims)} if self.shows else {}
        return {"Authorization": f"{self.scheme} {token}", **proof}

    def introspect(self, token: str) -> dict[str, object]:
        """Ask what a token is worth."""
        answer = self.send("introspect", {"token": token})
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def revoke(self, token: str) -> Answered:
        """End a token."""
        return self.send("revoke", {"token": token})

    def _shown(self, proof: str | None) -> str:
        if proof is not None:
            return proof
        return self.proof() if self.shows else ""
