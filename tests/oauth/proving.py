"""Applications that show a key (RFC 9449), one at each issuer."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from idp.oauth.algorithms import OurAlgorithms
from idp.oauth.dpop_nonce import DPoPNonces
from tests.client_signers import Signer, asserted
from tests.oauth.keyed import Keyed
from tests.oauth.test_authorization_code_grant import CHALLENGE, VERIFIER
from tests.oauth.test_private_key_jwt_malformed import joined
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import BACK, ORIGIN, PASSWORD, USERNAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.oauth.world import Answered, World


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
        form: gives what it asks for a token with, each time anew.
        signer: its key.
    """

    world: World
    prefix: str
    client_id: str
    form: Callable[[], Mapping[str, str]]
    signer: Signer = field(default_factory=lambda: Signer(which="shown"))
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

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
            "jti": f"proof {next(self._numbers)}",
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

    def ask(self, proof: str | None = None, path: str = "token", **form: str) -> Answered:
        """Ask for a token; an empty proof is none at all."""
        shown = self.proof() if proof is None else proof
        headers = {"DPoP": shown} if shown else {}
        return self.world.post(f"{self.prefix}/{path}", None, {**self.form(), **form}, headers=headers)

    def bound(self, **form: str) -> str:
        """Get an access token that is bound to its key."""
        answer = self.ask(**form)
        assert answer.status_code == 200, answer.text
        return str(answer.json["access_token"])

    def userinfo(self, token: str, proof: str | None = None, scheme: str = "DPoP", **headers: str) -> Answered:
        """Bring a token, and show the key; an empty proof is none at all."""
        shown = self.proof("userinfo", ath=hash_of(token)) if proof is None else proof
        sent = {"Authorization": f"{scheme} {token}", **({"DPoP": shown} if shown else {}), **headers}
        return self.world.http.get(f"{self.prefix}/userinfo", headers=sent)


def classic(world: World) -> Place:
    """An application of today that shows a key as well."""
    client_id, secret = world.clients["vendor_api"]
    right = {"grant_type": "password", "username": USERNAME, "password": PASSWORD}
    return Place(world, "/oauth", client_id, lambda: {**right, "client_id": client_id, "client_secret": secret})


def strict(world: World) -> Place:
    """A bank that moves to codes and keys."""
    bank = Keyed(world, client_id="bank").register("fapi")

    def form() -> dict[str, str]:
        code = world.code(client_id="bank")
        said = asserted(bank.assertion(aud=f"{ORIGIN}/fapi"))
        return {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **said}

    return Place(world, "/fapi", bank.client_id, form)


def public(world: World) -> Place:
    """An app that can keep no secret, but a key (as browsers and telephones can)."""
    client_id, _ = world.clients["vendor_app"]
    form = {"grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": VERIFIER, "client_id": client_id}
    return Place(world, "/oauth", client_id, lambda: {**form, "code": world.code("vendor_app", challenge=CHALLENGE)})


PLACES: dict[str, Callable[[World], Place]] = {"classic": classic, "strict": strict}


def refused(answer: Answered) -> bool:
    """See that a proof was refused at the token endpoint, in a sentence for whoever builds the client."""
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_dpop_proof"), answer.text
    assert "DPoP" in answer.json["error_description"]
    assert answer.headers["Cache-Control"] == "no-store"
    return True


def turned_away(answer: Answered, error: str = "invalid_token", scheme: str = "DPoP") -> bool:
    """See that a resource was not given: 401, and why, in the header too (RFC 9449 section 7.1)."""
    assert_refused(answer, error, 401)
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith(f'{scheme} realm="koppel-idp", ')
    assert f'error="{error}"' in challenge
    assert 'algs="ES256 PS256 EdDSA' in challenge
    return True
