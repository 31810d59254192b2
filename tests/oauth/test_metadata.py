"""What the issuer tells of itself works, all of it, and nothing else is told (RFC 8414, OpenID Connect Discovery)."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jws

from connectors.base import DEVICE_CODE
from idp.oauth.registered_certificate import read_subject_dn
from tests.client_certificates import SUBJECT
from tests.client_signers import Signer
from tests.oauth.certified import BEHIND_PROXY, MTLS_ORIGIN, WITH_CERTIFICATES, Certified
from tests.oauth.id_tokens import read_id_token
from tests.oauth.keyed import BANKS, Keyed
from tests.oauth.proving import another
from tests.oauth.test_client_credentials import own_token
from tests.oauth.test_every_grant_is_gated import WAYS
from tests.oauth.world import ORIGIN, VERIFIER, NewWorld, World

if TYPE_CHECKING:
    from tests.oauth.place import Place
    from tests.oauth.world import Answered

TESTS = Path(__file__).parents[1]
WITH_CLIENTS = ("token", "introspection", "revocation")
READ_WRITE = ("administratie:read", "administratie:write")
FOR_PEOPLE = ("authorization_endpoint", "end_session_endpoint")
"""They answer with pages: `tests/web/test_authorize.py`, `tests/web/test_end_session.py`."""

WELL_KNOWN = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
STRICT_WELL_KNOWN = (f"{WELL_KNOWN[0]}/fapi", "/fapi/.well-known/openid-configuration")

NO_APP: dict[str, dict[str, object]] = {"vendor_app": {"grants": ("refresh_token",)}}
"""An app that nobody can be let in to."""


def described(world: World, server: int = 0) -> dict[str, Any]:
    """Read the document of one of the issuers, the classic one unless it is said."""
    return dict(world.http.get((WELL_KNOWN[0], STRICT_WELL_KNOWN[0])[server]).json)


def described_to(place: Place) -> dict[str, Any]:
    """Read that of an application's issuer."""
    return described(place.world, place.world.servers.index(place.server))


def test_the_required_members_are_there(world: World) -> None:
    """RFC 8414 section 2: programs that set themselves up find what they need."""
    for path, issuer, prefix in ((WELL_KNOWN, ORIGIN, "/oauth"), (STRICT_WELL_KNOWN, f"{ORIGIN}/fapi", "/fapi")):
        document, same = (world.http.get(each).json for each in path)
        assert document == same
        assert document["issuer"] == issuer
        assert document["response_types_supported"] == ["code"]
        assert document["authorization_endpoint"] == f"{ORIGIN}{prefix}/authorize"
        assert document["jwks_uri"] == f"{ORIGIN}{prefix}/jwks"
        assert world.http.get(f"{prefix}/jwks").json["keys"]


@pytest.mark.row("S49")
def test_the_issuer_is_never_what_a_request_says(world: World) -> None:
    """S49: otherwise a forged Host header would have a cache send every application to somebody else."""
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    for path in (*WELL_KNOWN, *STRICT_WELL_KNOWN):
        assert world.http.get(path, headers=headers).json == world.http.get(path).json
        assert "evil" not in world.http.get(path, headers=headers).text


def tokens_for(asker: Place, scope: str) -> list[Answered]:
    """Ask for a scope in each way that there is; some kind of application has it by one of them."""
    pushed = asker.push(scope=scope)
    by_push = [asker.redeem(asker.allowed(pushed), code_verifier=VERIFIER)] if pushed.status_code == 201 else []
    if asker.prefix == "/fapi":
        return by_push
    world = asker.world
    by_password = [world.token(kind, scope=scope) for kind in world.clients.all()]
    return [*by_push, *by_password, own_token(world, scope=scope)]


@pytest.mark.row("S28", "S44")
def test_every_advertised_value_works(asker: Place) -> None:
    """A program that believes this document is never refused for it."""
    document, issuer = described_to(asker), asker.server.parts.issuer
    refresh_token = asker.ask().json["refresh_token"]
    for grant_type in document["grant_types_supported"]:
        assert WAYS[issuer.id][grant_type](asker, refresh_token).status_code == 200
    for scope in document["scopes_supported"]:
        assert any(answer.json.get("scope") == scope for answer in tokens_for(asker, scope)), scope
    for name, url in document.items():
        if name.endswith("_endpoint") and name not in FOR_PEOPLE:
            assert asker.world.http.post(url.removeprefix(ORIGIN)).status_code in (400, 401)
    # What an app may do without a secret: test_public_clients.py.
    methods = {"/oauth": {"client_secret_basic", "client_secret_post"}, "/fapi": {"private_key_jwt"}}[asker.prefix]
    for endpoint in WITH_CLIENTS:
        assert set(document[f"{endpoint}_endpoint_auth_methods_supported"]) - {"none"} == methods


@pytest.mark.row("S44")
def test_signing_is_advertised_where_a_connector_does_and_each_algorithm_works(new_world: NewWorld) -> None:
    """S44: a program that believes this document is let in by each way at each endpoint; without such a connector by none."""
    names = [f"{endpoint}_endpoint_auth_signing_alg_values_supported" for endpoint in WITH_CLIENTS]
    assert not set(names) & set(described(new_world()))
    world = new_world(changes={"ing": {"client_auth_methods": ("private_key_jwt", "client_secret_basic")}})
    for server, kind in enumerate(BANKS):
        document = described(world, server)
        for endpoint in WITH_CLIENTS:
            assert "private_key_jwt" in document[f"{endpoint}_endpoint_auth_methods_supported"]
            path = document[f"{endpoint}_endpoint"].removeprefix(ORIGIN)
            for alg in document[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]:
                bank = Keyed(world, Signer(alg), f"{kind} {endpoint} {alg}", document["issuer"]).register(kind)
                # At the strict issuer's token endpoint it is told what else it lacks.
                assert bank.ask(path=path).status_code == (400 if path == "/fapi/token" else 200), (path, alg)


@pytest.mark.row("S40", "S44")
def test_an_id_token_is_as_it_is_advertised(asker: Place) -> None:
    """S44: a program that believes this document refuses our ID tokens, or waits for a claim that never comes."""
    document = described_to(asker)
    wishes = {"scope": "openid", "nonce": "n", "claims": '{"id_token":{"administratie":null,"preferred_username":null}}'}
    told = []
    for application in (asker, another(asker)):
        code = application.allowed(application.push(**wishes, display=document["display_values_supported"][0]))
        token = application.redeem(code, code_verifier=VERIFIER).json["id_token"]
        assert jws.extract_compact(token.encode()).headers()["alg"] in document["id_token_signing_alg_values_supported"]
        told.append(read_id_token(asker.world.http, token, asker.server.parts.issuer.path))
    assert set(told[0]) == set(document["claims_supported"])
    assert document["subject_types_supported"] == ["public"]
    assert told[0]["sub"] == told[1]["sub"]
    assert told[0]["acr"] in document["acr_values_supported"]
    assert document["claims_parameter_supported"]


@pytest.mark.row("S44")
def test_without_a_connector_for_them_there_are_no_id_tokens(new_world: NewWorld) -> None:
    """S44: a program would offer a login that ends with an error."""
    without = [{"scopes": ("http://UNIT4.Multivers.API/Web/WebApi/*",)}, {"grants": ("password", "refresh_token")}]
    for changes in without:
        document = described(new_world(changes={"vendor_api": changes, **NO_APP}))
        assert "openid" not in document["scopes_supported"]
        assert [name for name in document if "claim" in name or "id_token" in name or "acr" in name or "locale" in name] == []


@pytest.mark.row("S44")
def test_a_key_of_each_algorithm_can_be_shown(place: Place) -> None:
    """S44: a program that shows a key of the kind that is told is given a token for it, at either issuer."""
    algorithms = described_to(place)["dpop_signing_alg_values_supported"]
    assert algorithms
    for alg in algorithms:
        answer = place.ask(place.proof("token", Signer(alg)))
        assert answer.json.get("token_type") == "DPoP", answer.text


@pytest.mark.row("S18", "S44")
def test_certificates_are_advertised_where_somebody_asks_for_them(new_world: NewWorld) -> None:
    """S44: each alias lets a bank in by each method; where nobody asks for a certificate, no program offers one in vain."""
    certificates = {"tls_client_auth", "self_signed_tls_client_auth"}
    document = described(new_world(changes=WITH_CERTIFICATES))
    assert not {"mtls_endpoint_aliases", "tls_client_certificate_bound_access_tokens"} & set(document)
    assert not certificates & set(document["token_endpoint_auth_methods_supported"])
    world = new_world(changes=WITH_CERTIFICATES, service=BEHIND_PROXY)
    itself, named = Certified(world, "itself").register(), Certified(world, "named").register(read_subject_dn(SUBJECT))
    of_strict = [
        Certified(world, "strict itself").register(kind="fapi"),
        Certified(world, "strict named").register(read_subject_dn(SUBJECT), kind="fapi"),
    ]
    for server, banks in enumerate(((itself, named), of_strict)):
        document = described(world, server)
        aliases = document["mtls_endpoint_aliases"]
        for endpoint, bank in product(WITH_CLIENTS, banks):
            assert certificates < set(document[f"{endpoint}_endpoint_auth_methods_supported"])
            path = aliases[f"{endpoint}_endpoint"].removeprefix(MTLS_ORIGIN)
            answer = bank.ask(bank.made.headers(), path=path, grant_type=("password", "authorization_code")[server])
            # At the strict issuer's token endpoint it is told what else it lacks.
            assert answer.status_code == (400 if path == "/fapi/token" else 200), path
        assert {name: url.replace(MTLS_ORIGIN, ORIGIN) for name, url in aliases.items()}.items() <= document.items()
        assert document["tls_client_certificate_bound_access_tokens"] is True
    # A proxy that asks everybody at the one address has no other one to tell of (RFC 8705 section 5).
    assert "mtls_endpoint_aliases" not in described(new_world(service={**BEHIND_PROXY, "mtls_origin": ORIGIN}))


@pytest.mark.row("S28")
def test_what_no_connector_may_use_is_not_advertised(new_world: NewWorld) -> None:
    """S28: after the last sunset nobody is led to the password grant any more."""
    kinds = ("basecone", "rabobank", "triodos", "ing", "vendor_api")
    tomorrow = new_world().clock.now().date() + timedelta(days=1)
    world = new_world(changes={kind: {"password_grant_sunset": tomorrow} for kind in kinds})
    assert "password" in described(world)["grant_types_supported"]
    world.clock.go(timedelta(days=1))
    assert described(world)["grant_types_supported"] == ["authorization_code", "client_credentials", DEVICE_CODE, "refresh_token"]


@pytest.mark.row("S44")
def test_without_a_connector_for_it_there_is_no_authorization_endpoint(new_world: NewWorld) -> None:
    """S44: a program would lead people to a page on which nobody is ever let in."""
    document = described(new_world(changes={"vendor_api": {"grants": ("password", "refresh_token")}, **NO_APP}))
    assert document["response_types_supported"] == []
    assert [name for name in document if "authoriz" in name or "challenge" in name or "mode" in name] == []


@pytest.mark.row("S44")
def test_what_does_not_exist_is_not_told(world: World) -> None:
    """No program tries a way that leads nowhere."""
    assert not {"registration_endpoint", "check_session_iframe"} & set(described(world))


@pytest.mark.parametrize("path", [*WELL_KNOWN, "/oauth/jwks"])
def test_it_may_be_kept_for_a_while(world: World, path: str) -> None:
    """An API that asks for the keys at each request gets 304 at least."""
    response = world.http.get(path)
    assert response.headers["Cache-Control"] == "public, max-age=300"
    again = world.http.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert world.http.head(path).status_code == 200
    world.parts.keys.rotate()
    changed = world.http.get("/oauth/jwks", headers={"If-None-Match": response.headers["ETag"]})
    assert changed.status_code == 200
