"""Applications at either issuer, with a key to show or without (RFC 9449)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.client_signers import asserted
from tests.oauth.keyed import Keyed
from tests.oauth.place import Place
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import BACK, CHALLENGE, ORIGIN, PASSWORD, USERNAME, VERIFIER

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oauth.world import Answered, World


def classic(world: World, kind: str = "vendor_api") -> Place:
    """An application of today that shows a key as well."""
    client_id, secret = world.clients[kind]
    proof = {"client_id": client_id, "client_secret": secret}
    right = {"grant_type": "password", "username": USERNAME, "password": PASSWORD}
    return Place(world, "/oauth", client_id, lambda: proof, lambda: right)


def strict(world: World, client_id: str = "bank") -> Place:
    """A bank that moves to codes and keys."""
    bank = Keyed(world, client_id=client_id, issuer=f"{ORIGIN}/fapi").register("fapi")
    return Place(
        world,
        "/fapi",
        client_id,
        lambda: asserted(bank.assertion()),
        lambda: {"grant_type": "authorization_code", "code": world.code(client_id=client_id), "redirect_uri": BACK},
    )


def public(world: World) -> Place:
    """An app that can keep no secret, but a key (as browsers and telephones can)."""
    client_id, _ = world.clients["vendor_app"]
    form = {"grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": VERIFIER}
    proof = {"client_id": client_id}
    return Place(
        world, "/oauth", client_id, lambda: proof, lambda: {**form, "code": world.code("vendor_app", challenge=CHALLENGE)}
    )


PLACES: dict[str, Callable[[World], Place]] = {"classic": classic, "strict": strict}
"""An application that shows a key, at each of the two issuers."""

ASKERS: dict[str, Callable[[World], Place]] = {"classic": lambda world: replace(classic(world), shows=False), "strict": strict}
"""One that does what it has to: at the strict issuer there is nothing without a key, at the classic one most have none."""


def another(place: Place) -> Place:
    """Register another application of that kind."""
    if place.prefix == "/fapi":
        return strict(place.world, "another bank")
    client, secret = place.world.parts.clients.add("vendor_api", "Another", "operator:test", redirect_uris=(BACK,))
    place.world.clients["another"] = client.client_id, secret
    return replace(classic(place.world, "another"), shows=place.shows)


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
