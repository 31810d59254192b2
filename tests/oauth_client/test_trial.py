"""Against a service that is not what it seems: no secret goes elsewhere, and none is repeated on the screen."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

import connectors
from idp.adapters.system_clock import SystemClock
from idp.cli.connector_steps import show_steps
from idp.oauth_client.application import Application
from idp.oauth_client.by_code import ByCode
from idp.oauth_client.by_password import ByPassword
from idp.oauth_client.endpoints import Place
from idp.oauth_client.http import Wire
from idp.oauth_client.loopback import listening
from idp.oauth_client.proof import BySecret
from idp.oauth_client.trial import Trial
from tests.oauth_client.answering import Answers, answering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.oauth_client.step import Step

KEY = ECKey.generate_key("P-256", {"kid": "1"})
SECRET = "het geheim van de toepassing"
PASSWORD = "de wachtzin van de gebruiker"


@pytest.fixture
def somebody() -> Iterator[Answers]:
    """Somebody who poses as the service."""
    with answering() as answers:
        answers.give_metadata()
        yield answers


def claims_of(somebody: Answers) -> dict[str, object]:
    """What a token of theirs says."""
    now = int(time.time())
    about = {"sub": "u", "scope": "a", "aud": "b", "administratie": "A"}
    return {"iss": somebody.origin, "client_id": "client-1", "iat": now, "exp": now + 60, **about}


@pytest.fixture
def alike(somebody: Answers) -> Answers:
    """Somebody who answers all of it as the service does."""
    claims = claims_of(somebody)
    token = jws.serialize_compact({"alg": "ES256", "typ": "at+jwt", "kid": "1"}, json.dumps(claims).encode(), KEY)
    somebody.give("/token", {"access_token": token})
    somebody.give("/jwks", {"keys": [KEY.as_dict(private=False)]})
    somebody.give("/introspect", {"active": True, **claims})
    somebody.give("/userinfo", {"sub": "u", "administratie": "A"})
    somebody.give("/revoke", {})
    return somebody


def trial(somebody: Answers, kind: str = "basecone", *, revoke: bool = False) -> Trial:
    """Make a trial against it."""
    connector = connectors.load(plugins=())[kind]
    application = Application(connector, "client-1", BySecret("client-1", SECRET, connector.client_auth_methods[0]), Wire())
    return Trial(application, Place(somebody.origin), ByPassword("U4BBGA0008", PASSWORD), SystemClock(), revoke)


@pytest.mark.parametrize(
    "wrong",
    [
        {"token_endpoint": "https://elsewhere.example/token"},
        {"introspection_endpoint": "http://127.0.0.1:1/introspect"},
        {"userinfo_endpoint": None},
        {"token_endpoint": "http://["},
        {"token_endpoint": "http://127.0.0.1:1"},
        {"revocation_endpoint": 7},
        {"issuer": "https://elsewhere.example"},
        {"grant_types_supported": []},
        {"grant_types_supported": None},
    ],
)
def test_no_secret_is_sent_where_the_metadata_leads_astray(somebody: Answers, wrong: dict[str, object]) -> None:
    """Whoever can write the metadata would be sent the secrets of every application that reads it."""
    somebody.give_metadata(**wrong)
    (only,) = trial(somebody).steps()
    assert only.name == "metadata"
    assert only.problem
    assert len(somebody.received) == 1


@pytest.mark.parametrize(("error", "means"), [("invalid_grant", "name or password wrong"), ("invalid_request", "a parameter")])
def test_a_secret_that_comes_back_is_not_shown(
    somebody: Answers, capsys: pytest.CaptureFixture[str], error: str, means: str
) -> None:
    """A screen that support sends on would have the customer's password in it."""
    told = {"error": error, "error_description": f"{PASSWORD} is wrong", "client": SECRET, "\x1b[2J": "\x1b[2J"}
    somebody.give("/token", told, 400)
    for as_json in (False, True):
        problem = show_steps(trial(somebody).steps(), {}, as_json=as_json)
        shown = capsys.readouterr().out
        assert problem.startswith(f"400 {error}: {means}")
        assert PASSWORD not in problem
        assert "(not shown) is wrong" in shown
        assert "\x1b" not in shown
        assert PASSWORD not in shown
        assert SECRET not in shown
    assert PASSWORD.replace(" ", "+") in somebody.received[1]
    assert SECRET not in repr(trial(somebody))
    assert PASSWORD not in repr(trial(somebody))


def test_no_token_that_comes_is_shown(alike: Answers, capsys: pytest.CaptureFixture[str]) -> None:
    """A screen that support sends on would say who the owner is, signed."""
    given = json.loads(alike.by_path["/token"][2])
    alike.give("/token", {**given, "id_token": given["access_token"]})
    show_steps(trial(alike).steps(), {}, as_json=True)
    assert "eyJ" not in capsys.readouterr().out


def test_what_a_stranger_says_does_nothing_to_a_terminal(somebody: Answers) -> None:
    """Whoever answers in the service's place would write what they like on support's screen."""
    somebody.give_metadata(issuer="\x1b[2J\nall is well")
    problem = show_steps(trial(somebody).steps(), {}, as_json=True)
    assert "is the issuer \ufffd[2J\ufffdall is well; ask it there" in problem


def test_a_token_without_a_named_key_ends_the_trial(alike: Answers) -> None:
    """Which key signed it is what every API looks for first."""
    token = jws.serialize_compact({"alg": "ES256", "typ": "at+jwt"}, json.dumps(claims_of(alike)).encode(), KEY)
    alike.give("/token", {"access_token": token})
    *_, last = trial(alike).steps()
    assert (last.name, last.problem.partition(";")[0]) == (
        "token, verified",
        "the key None for ES256 is not published at the JWKS",
    )


def test_a_token_that_is_none_ends_the_trial(somebody: Answers) -> None:
    """Whatever answers there is told, and taken for no token."""
    somebody.give("/token", {"access_token": "opaque"})
    *_, last = trial(somebody).steps()
    assert (last.name, last.status) == ("token", 200)
    assert last.problem.startswith("the access token is no JWT")


WRONG: list[tuple[str, dict[str, object], str, str]] = [
    ("/jwks", {"keys": []}, "token, verified", "the key 1 for ES256 is not published"),
    ("/introspect", {"active": False}, "introspection", "its own new token is not active"),
    ("/introspect", {"active": True, "sub": "v", "client_id": "client-1", "scope": "a"}, "introspection", "gave another sub"),
    ("/introspect", {"active": True, "sub": "u", "client_id": "x", "scope": "a"}, "introspection", "gave another client_id"),
    ("/introspect", {"active": True, "sub": "u", "client_id": "client-1"}, "introspection", "gave another scope"),
    ("/userinfo", {"sub": "v", "administratie": "A"}, "userinfo", "gave another sub"),
    ("/userinfo", {"sub": "u", "administratie": "B"}, "userinfo", "gave another administratie"),
]


@pytest.mark.parametrize(("path", "document", "step", "words"), WRONG)
def test_a_service_that_contradicts_its_own_token_is_told(
    alike: Answers, path: str, document: dict[str, object], step: str, words: str
) -> None:
    """An application would book one customer's invoices with another, or be refused by an API, and nobody knew why."""
    assert [done.problem for done in trial(alike).steps()] == [""] * 6
    alike.give(path, document)
    *_, last = trial(alike).steps()
    assert last.name == step
    assert words in last.problem


def test_a_token_that_outlives_its_revocation_is_told(alike: Answers) -> None:
    """What was to be ended would open somebody's books for an hour more."""
    *_, last = trial(alike, revoke=True).steps()
    assert last.name == "introspection afterwards"
    assert last.problem == "the token is active after its revocation; tell the service's operators"


# -- by a code ---------------------------------------------------------------------------------------------------------


def by_code(somebody: Answers, **answer: str) -> Step:
    """Have an owner say yes who is then led back with this in the address; gives the last step."""
    connector = connectors.load({"vendor_api": {"pkce": "required"}}, plugins=())["vendor_api"]
    somebody.give_metadata(grant_types_supported=["authorization_code"], authorization_endpoint=f"{somebody.origin}/authorize")

    def lead_back(address: str) -> None:
        asked = dict(parse_qsl(urlsplit(address).query))
        query = urlencode({"code": "the code of an owner", "state": asked["state"], "iss": somebody.origin, **answer})
        with urllib.request.urlopen(f"{asked['redirect_uri']}?{query}", timeout=10) as page:  # noqa: S310  # of this machine
            assert page.status == 200

    with listening() as here:
        application = Application(connector, "client-1", BySecret("client-1", SECRET, "client_secret_post"), Wire())
        *_, last = Trial(application, Place(somebody.origin), ByCode(here, lead_back), SystemClock()).steps()
    return last


def test_a_code_of_another_issuer_is_not_redeemed(somebody: Answers) -> None:
    """S9: it would be sent to who has not issued it, and they could use it (RFC 9207)."""
    for issuer in ("https://elsewhere.example", ""):
        last = by_code(somebody, iss=issuer)
        assert last.name == "authorization"
        assert last.problem.startswith(f"the answer is from the issuer {issuer}")
    assert len(somebody.received) == 2  # the metadata, each time


def test_a_code_and_its_verifier_are_not_shown(somebody: Answers, capsys: pytest.CaptureFixture[str]) -> None:
    """A screen that support sends on would let its reader in."""
    somebody.give("/V221/OAuth/Token", {"error": "invalid_grant", "error_description": "the code of an owner is dead"}, 400)
    last = by_code(somebody)
    assert last.name == "token"
    show_steps([last], {}, as_json=False)
    shown = capsys.readouterr().out
    sent = dict(parse_qsl(somebody.received[-1].rpartition("\n")[2]))
    assert sent["code"] == "the code of an owner"
    assert sent["code"] not in shown
    assert sent["code_verifier"] not in shown


def test_where_owners_are_not_asked_that_is_told(somebody: Answers) -> None:
    """Support would open a page that is not there."""
    somebody.give_metadata(grant_types_supported=["authorization_code"])
    connector = connectors.load(plugins=())["vendor_api"]
    application = Application(connector, "client-1", BySecret("client-1", SECRET, "client_secret_post"), Wire())
    with listening() as here:
        *_, last = Trial(application, Place(somebody.origin), ByCode(here, print), SystemClock()).steps()
    assert last.problem.startswith("the service has no authorization endpoint")
