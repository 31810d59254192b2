"""What a DPoP proof must say, and by which key (RFC 9449 section 4.3, S16, S22, S23)."""

from __future__ import annotations

import json
from itertools import product
from urllib.parse import urlencode

import pytest
from joserfc import jwk, jws

from idp.oauth.dpop_proof import MAX_JTI_CHARACTERS
from idp.oauth.http import RawRequest
from idp.oauth.unproved_jwt import MAX_CHARACTERS
from tests.client_signers import Signer, made_key
from tests.oauth.place import Place, hash_of
from tests.oauth.proving import classic, refused, turned_away
from tests.oauth.test_private_key_jwt_claims import NO_TIMES
from tests.oauth.test_token_request import FORM
from tests.oauth.world import ORIGIN, World

SKEW = 30  # between the 10 s that are accepted and the 60 s that are refused (S21)
MINUTES = 300


@pytest.fixture
def application(world: World) -> Place:
    """One at the classic issuer; all of this is the same code at both, and the nonce has a file of its own."""
    return classic(world)


def says(application: Place, **other: object) -> int:
    """Ask for a token with other claims in the proof."""
    return application.ask(application.proof(**other)).status_code


@pytest.mark.row("S16")
def test_a_proof_is_for_one_method_and_one_address(place: Place) -> None:
    """S16: what was shown to another service, or at another endpoint, would work here for whoever runs that service."""
    right = f"{ORIGIN}{place.prefix}/token"
    assert [says(place, htu=uri) for uri in (right, f"{right}?a=b#c", right.replace("login", "LOGIN"))] == [200] * 3
    elsewhere = ("https://evil.example" + right.removeprefix(ORIGIN), right.replace("https", "http"), f"{right}/", right.upper())
    for htu in (*elsewhere, f"{ORIGIN}{place.prefix}/par", "/oauth/token", ORIGIN, "", None, 1, [right], {"a": right}):
        assert refused(place.ask(place.proof(htu=htu)))
    for htm in ("GET", "post", "", None, 1, ["POST"]):
        assert refused(place.ask(place.proof(htm=htm)))


@pytest.mark.row("S16", "S49")
def test_the_address_is_never_what_a_request_says(application: Place) -> None:
    """S49: whoever runs another service could hand on what was shown to them, under their own name."""
    proof = application.proof(htu="https://evil.example/oauth/token")
    headers = {"DPoP": proof, "Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    assert refused(application.world.post("/oauth/token", None, application.form(), headers=headers))


@pytest.mark.row("S16")
def test_the_vendors_address_is_another_one(application: Place) -> None:
    """S16: a proof names the address that the request is sent to, also where two lead to the same."""
    proof = application.proof(htu=f"{ORIGIN}/V221/OAuth/Token")
    vendor = application.world.post("/V221/OAuth/Token", None, application.form(), headers={"DPoP": proof})
    assert (vendor.status_code, vendor.json["token_type"]) == (200, "DPoP")
    assert refused(application.world.post("/V221/OAuth/Token", None, application.form(), headers={"DPoP": application.proof()}))


@pytest.mark.row("S16", "S21")
def test_a_proof_is_for_now(application: Place) -> None:
    """S16, S21: clocks differ by a little; one that was found in an old log, or made for later, is no proof."""
    now = int(application.world.clock.now().timestamp())
    for ahead, status in ((1 - MINUTES, 200), (-MINUTES, 400), (10, 200), (SKEW, 200), (SKEW + 1, 400), (61, 400), (0.5, 200)):
        assert says(application, iat=now + ahead) == status, ahead
    assert refused(application.ask(application.proof(iat=None)))


@pytest.mark.row("S16", "S47")
def test_a_time_that_is_none_proves_nothing(application: Place) -> None:
    """S47: each of these is something that a careless reader falls over."""
    for text in (*NO_TIMES, "-1", "-1e308", "-" + "9" * 4000):
        said = json.dumps(application.claims(iat="HERE")).replace('"HERE"', text)
        assert refused(application.ask(application.sign(said.encode())))


@pytest.mark.row("S16", "S47")
def test_an_identifier_is_a_text_of_some_length(application: Place) -> None:
    """S16: without one nobody could tell whether the proof was used before; any text is one, and only its digest is kept."""
    none: tuple[object, ...] = (None, "", 1, ["a"], {}, True, "x" * (MAX_JTI_CHARACTERS + 1))
    for jti in none:
        assert refused(application.ask(application.proof(jti=jti)))
    for text in ("\0", "\ud800", "é" * MAX_JTI_CHARACTERS, "' OR 1=1 --", "a b"):
        assert says(application, jti=text) == 200


@pytest.mark.row("S16")
def test_at_a_resource_it_is_for_one_token(place: Place) -> None:
    """S16: what was shown with one token would do for another one that was stolen."""
    token, other = place.bound(), place.bound()
    for ath in (hash_of(other), hash_of(token) + "=", token, "", None, 1, [hash_of(token)]):
        assert turned_away(place.userinfo(token, place.proof("userinfo", ath=ath)), "invalid_dpop_proof")
    assert place.userinfo(token).status_code == 200


@pytest.mark.row("S16")
def test_there_is_one_proof(application: Place) -> None:
    """S16: which of two counts is never for another part of the system to guess; a server in between may have joined them."""
    proofs = (application.proof(), application.proof())
    for several in (list(proofs), [proofs[0], proofs[0]], [", ".join(proofs)], [",".join(proofs)], [proofs[0], ""], [""], ["x"]):
        headers = [("DPoP", each) for each in several]
        answer = application.world.http.post("/oauth/token", data=application.form(), headers=headers)
        assert refused(answer), several
    # Flask's client joins them, as some servers do; gunicorn hands them on apart.
    body = urlencode(application.form()).encode()
    raw = RawRequest("POST", "", FORM, body, None, "192.0.2.7", "192.0.2.7", dpop=proofs)
    assert application.world.oauth.token(raw).body["error"] == "invalid_dpop_proof"
    assert application.ask(proofs[0]).status_code == 200


@pytest.mark.row("S16", "S22")
def test_it_is_signed_by_an_algorithm_of_the_issuer(place: Place) -> None:
    """S22: none and what anybody can compute prove nothing; RS256 is for the classic issuer only."""
    claims = place.claims()
    unsigned = place.sign(claims).rpartition(".")[0] + "."
    secret = jwk.generate_key("oct", 256)
    symmetric = jws.serialize_compact({"alg": "HS256", "typ": "dpop+jwt", "jwk": secret.as_dict()}, json.dumps(claims), secret)
    for proof in (unsigned, unsigned + "x", symmetric, place.sign(claims, jwk=secret.as_dict())):
        assert refused(place.ask(proof))
    for alg in ("none", "HS256", "PS256", "ES384", "", None, 1, ["ES256"]):
        assert refused(place.ask(place.sign(claims, alg=alg)))
    assert place.ask(place.proof("token", Signer("RS256"))).status_code == (200 if place.prefix == "/oauth" else 400)


@pytest.mark.row("S16", "S23")
def test_it_brings_a_sound_public_key_that_has_signed_it(application: Place) -> None:
    """S23: a key that others can work out is nobody's, one that the client shows to everybody isn't either."""
    claims, public = application.claims(), application.signer.key.as_dict(private=False)
    private = application.signer.key.as_dict(private=True)
    other = Signer(which="another").key.as_dict(private=False)
    changes: list[dict[str, object]] = [
        {"d": ""},
        {"k": "x"},
        {"x": "AAAA"},
        {"crv": "P-384"},
        {"y": None},
        {"x": ["a"]},
        {"kty": 1},
    ]
    bad: list[object] = [None, "", [], "jwk", {}, private, other, {"kty": "EC"}]
    bad += [{**public, **change} for change in changes]
    for key in bad:
        assert refused(application.ask(application.sign(claims, jwk=key))), key


@pytest.mark.row("S16", "S23")
@pytest.mark.filterwarnings("ignore:Key size")
def test_a_weak_key_is_none(application: Place) -> None:
    """S23: one of 1024 bits can be factored by those who have stolen a token."""
    weak = Signer("PS256")
    object.__setattr__(weak, "key", made_key("RSA", 1024))
    assert refused(application.ask(application.proof("token", weak)))
    assert application.ask(application.proof("token", Signer("PS256"))).status_code == 200


@pytest.mark.row("S16")
def test_it_says_what_it_is(application: Place) -> None:
    """S16: something else that the same key has signed, such as a client assertion, would do as a proof (RFC 8725 3.11)."""
    for typ in (None, "", "JWT", "jwt", "at+jwt", "client-authentication+jwt", 1, ["dpop+jwt"]):
        assert refused(application.ask(application.sign(application.claims(), typ=typ)))
    extensions: tuple[dict[str, object], ...] = ({"crit": ["x"], "x": 1}, {"crit": []}, {"b64": False}, {"b64": True})
    for extension in extensions:
        assert refused(application.ask(application.sign(application.claims(), **extension)))
    others: tuple[dict[str, object], ...] = ({"typ": "DPoP+JWT"}, {"kid": "x"}, {"anything": {"else": 1}})
    for header in others:
        assert application.ask(application.sign(application.claims(), **header)).status_code == 200


@pytest.mark.row("S16", "S47")
def test_what_is_no_proof_is_refused(application: Place) -> None:
    """S47: whatever comes in the header."""
    good = application.proof()
    head, body, signature = good.split(".")
    texts = (
        "x",
        "a.b.c",
        "..",
        f"{head}.{body}",
        f"{good}.x",
        f" {good}",
        f"{good} ",
        f"{head}.{body}.{signature[:-4]}AAAA",
        "é",
    )
    for text in (*texts, f"{head}.W10.{signature}", f"W10.{body}.{signature}", good + "A" * MAX_CHARACTERS):
        assert refused(application.ask(text)), text
    for payload in (b"", b"[]", b"null", b'{"a":1,"a":2}', b"\xff", b"[" * 2000):
        assert refused(application.ask(application.sign(payload)))
    assert application.ask(good).status_code == 200


@pytest.mark.row("S16", "S47")
def test_a_claim_of_another_kind_proves_nothing(application: Place) -> None:
    """S47: no claim is what a careless reader takes it for."""
    kinds: tuple[object, ...] = (None, [], {}, True, "", 1.5)
    for name, value in product(("htm", "htu", "jti", "iat"), kinds):
        if (name, value) != ("iat", 1.5):
            said = {**application.claims(), name: value}
            assert refused(application.ask(application.sign(said))), name
