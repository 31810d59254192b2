"""How a request to the token endpoint may look, and what everything else gets (RFC 6749 section 5, S26, S36, S47)."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from authlib.oauth2.rfc6749 import OAuth2Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oauth.world import PASSWORD, USERNAME, World

if TYPE_CHECKING:
    from tests.oauth.place import Place
    from tests.oauth.world import Answered

FORM = "application/x-www-form-urlencoded"
ENDPOINTS = ("/oauth/token", "/oauth/introspect", "/oauth/revoke", "/V221/OAuth/Token")
STRICT = ("/fapi/token", "/fapi/introspect", "/fapi/revoke", "/fapi/par")
RIGHT = {"grant_type": "password", "username": USERNAME, "password": PASSWORD}


def assert_refused(response: Answered, error: str, status: int = 400) -> None:
    """An RFC 6749 section 5.2 error: JSON, never stored, an ASCII sentence without quotes or backslashes."""
    assert response.status_code == status, response.text
    assert response.json is not None
    assert response.json["error"] == error
    sentence = response.json["error_description"]
    assert sentence.isascii()
    assert not set(sentence) & set('"\\')
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.row("S36")
def test_a_token_answer_is_never_stored(asker: Place) -> None:
    """S36: a proxy or a browser that keeps a token hands it to the next one who asks."""
    response = asker.ask()
    assert response.status_code == 200, response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Pragma"] == "no-cache"
    assert response.mimetype == "application/json"


@pytest.mark.row("S26", "S47")
@pytest.mark.parametrize("endpoint", [*ENDPOINTS, *STRICT])
def test_parameters_in_the_query_are_refused(world: World, endpoint: str) -> None:
    """S26: what stands in an address ends up in the logs of every proxy on the way."""
    for query in (urlencode({"password": PASSWORD}), "token", "a=1&client_secret=", "&".join(f"a{each}" for each in range(99))):
        assert_refused(world.post(f"{endpoint}?{query}", "basecone", RIGHT), "invalid_request")


def test_another_name_in_the_query_does_no_harm(world: World) -> None:
    """Some applications append a version of their own to every address (RFC 6749 section 3.2 allows it)."""
    assert world.token(path="/oauth/token?api-version=1").status_code == 200


@pytest.mark.row("S26")
@pytest.mark.parametrize("name", ["grant_type", "username", "password", "scope", "client_id", "something_else"])
def test_a_parameter_that_comes_twice_is_refused(world: World, name: str) -> None:
    """S26: two parts of a system that each take another one of the two can be played off against each other."""
    form = [*RIGHT.items(), (name, "one"), (name, "one")]
    for endpoint in ("/oauth/token", "/fapi/token"):
        assert_refused(world.post(endpoint, "basecone", form), "invalid_request")


@pytest.mark.row("S26")
def test_an_empty_twin_is_a_twin(world: World) -> None:
    """S26: left out (RFC 6749 section 3.2) is not the same as sent twice."""
    form = [*RIGHT.items(), ("scope", ""), ("scope", "administratie:read")]
    assert_refused(world.post("/oauth/token", "basecone", form), "invalid_request")


@pytest.mark.row("S26")
@pytest.mark.parametrize("name", ["resource", "audience"])
def test_resource_and_audience_may_come_twice(world: World, name: str) -> None:
    """S26: RFC 8707 and RFC 8693 let these repeat."""
    resource = "https://api.boekhoudgemak.nl/"
    assert world.post("/oauth/token", "basecone", [*RIGHT.items(), (name, resource), (name, resource)]).status_code == 200


@pytest.mark.row("S47")
@pytest.mark.parametrize("missing", ["grant_type", "username", "password"])
def test_a_missing_parameter_is_named(world: World, missing: str) -> None:
    """S47: whoever builds a connection learns what to mend; Authlib alone answers a missing grant_type with a 500."""
    response = world.post("/oauth/token", "basecone", {name: value for name, value in RIGHT.items() if name != missing})
    assert_refused(response, "invalid_request")
    assert missing in response.json["error_description"]


@pytest.mark.row("S47")
@pytest.mark.parametrize("grant_type", ["implicit", "PASSWORD", 'quote"and\\backslash', "ünïcode", "password "])
def test_an_unknown_grant_type_is_not_repeated(world: World, grant_type: str) -> None:
    """S47: Authlib alone repeats it, quotes and all."""
    response = world.token(grant_type=grant_type)
    assert_refused(response, "unsupported_grant_type")
    assert grant_type not in response.json["error_description"]


BAD_BODIES = {
    "bad UTF-8, encoded": b"grant_type=password&username=%ff%fe&password=x",
    "bad UTF-8, raw": b"grant_type=password&username=\xff\xfe&password=x",
    "surrogate": b"grant_type=password&username=%ED%A0%80&password=x",
    "NUL": b"grant_type=password&username=U4%00&password=x",
    "NUL in a name": b"grant_type=password&username=U4&password=x&a%00=1",
    "line end": b"grant_type=password&username=U4%0d%0aX&password=x",
    "escape": b"grant_type=password&username=%1b[31m&password=x",
    "thousands of parameters": b"&".join(b"a%d=1" % number for number in range(5000)),
    "1 MiB name": b"grant_type=password&password=x&username=" + b"A" * 2**20,
    "1 MiB of ampersands": b"&" * 2**20,
    "empty": b"",
}


@pytest.mark.row("S47")
@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_body_gets_the_error_of_the_rfc(world: World, endpoint: str, body: bytes) -> None:
    """S47: nobody makes the service fall over, or learns from a traceback how it is built."""
    response = world.http.post(endpoint, data=body, content_type=FORM, headers=world.basic("basecone"))
    assert_refused(response, "invalid_request")


@pytest.mark.row("S47")
def test_too_much_is_called_too_much(world: World) -> None:
    """S47: whoever sends it learns that it was not read, not that something is missing."""
    response = world.token(scope="x" * 2**17)
    assert_refused(response, "invalid_request")
    assert "too large" in response.json["error_description"]


@pytest.mark.row("S47")
@pytest.mark.parametrize(("padding", "status"), [(2**10, 200), (2**16, 400), (2**17, 400)])
def test_a_body_in_chunks_is_measured_as_well(world: World, padding: int, status: int) -> None:
    """S47: such a body names no length; what was cut off is not taken for the whole."""
    body = urlencode(RIGHT).encode() + b"&padding=" + b"x" * padding
    response = world.http.open(
        "/oauth/token",
        method="POST",
        input_stream=io.BytesIO(body),
        environ_base={"wsgi.input_terminated": True},
        content_type=FORM,
        headers=world.basic("basecone"),
    )
    assert response.status_code == status


def test_a_parameter_without_a_value_counts_as_left_out(world: World) -> None:
    """RFC 6749 section 3.2; forms of many applications send all their fields."""
    assert world.token(scope="", resource="", client_id="", client_secret="", other="").status_code == 200
    response = world.token(grant_type="")
    assert_refused(response, "invalid_request")
    assert "grant_type" in response.json["error_description"]


@pytest.mark.row("S47")
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", "", "é"])
def test_another_content_type_is_refused(world: World, content_type: str) -> None:
    """S47: what is no form is not read as one."""
    response = world.http.post("/oauth/token", data=urlencode(RIGHT), content_type=content_type, headers=world.basic("basecone"))
    assert_refused(response, "invalid_request")


def test_a_charset_behind_the_content_type_is_fine(world: World) -> None:
    """Many HTTP libraries add one."""
    content_type = f"{FORM.upper()}; charset=UTF-8"
    response = world.http.post("/oauth/token", data=urlencode(RIGHT), content_type=content_type, headers=world.basic("basecone"))
    assert response.status_code == 200


@pytest.mark.row("S47")
@pytest.mark.parametrize(
    "username", ["*)(uid=*", "*", "U4BBGA0008)(userPassword=*", "\\2a", "cn=admin,dc=u4bsw,dc=nl", "U4é", "A" * 40000]
)
def test_a_name_that_no_user_can_have_is_just_wrong(world: World, username: str) -> None:
    """S47: what means something to LDAP is a name like any other unknown one."""
    assert_refused(world.token(username=username), "invalid_grant")


@pytest.mark.row("S47")
@pytest.mark.parametrize("endpoint", [*ENDPOINTS, "/oauth/userinfo"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_is_refused_with_those_that_work(world: World, endpoint: str, method: str) -> None:
    """S47: whoever opens the address in a browser gets an answer that says what is wrong."""
    if endpoint == "/oauth/userinfo" and method == "GET":
        return
    response = world.http.open(endpoint, method=method)
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    assert response.mimetype == "application/json"


@pytest.mark.row("S47")
@pytest.mark.parametrize("release", ["V2²1", "V", "V²", "V٣", "V-1", "V2.1", "v", "vx"])
def test_the_vendors_path_takes_digits_only(world: World, release: str) -> None:
    """S47: another path is not found, with whatever a Unicode table calls a digit."""
    assert world.http.post(f"/{release}/OAuth/Token").status_code == 404


@pytest.mark.row("S47")
def test_any_number_of_digits_will_do(world: World) -> None:
    """S47: Python refuses to read a number of 5000 digits, so nothing here may try."""
    assert world.token("vendor_api", path=f"/V{'9' * 5000}/OAuth/Token").status_code == 200


@pytest.mark.row("S47")
@settings(max_examples=150, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(body=st.binary(max_size=200), authorization=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60))
def test_no_bytes_at_all_get_a_500(world: World, body: bytes, authorization: str) -> None:
    """S47: whatever comes in, the answer is the RFC's."""
    headers = {"Authorization": authorization} if authorization else {}
    for endpoint in (*ENDPOINTS, "/oauth/userinfo"):
        response = world.http.post(endpoint, data=b"grant_type=password&" + body, content_type=FORM, headers=headers)
        assert response.status_code in (400, 401, 429)
        assert response.json


@pytest.mark.row("S47")
@pytest.mark.parametrize("field", ["username", "password", "scope", "resource", "refresh_token", "token", "client_id"])
@pytest.mark.parametrize("value", ["\U0001f600" * 500, "' OR 1=1 --", "a" * 50000, "\u202egnp", "%", "\ud7ff"])
@pytest.mark.parametrize("grant_type", ["password", "refresh_token"])
def test_no_value_gets_a_500(world: World, field: str, value: str, grant_type: str) -> None:
    """S47: the same for a client that has proved itself."""
    form = {**RIGHT, "refresh_token": "x", "token": "x", "grant_type": grant_type, field: value}
    for endpoint in ENDPOINTS[:3]:
        assert world.post(endpoint, "vendor_api", form).status_code in (200, 400)


def test_the_password_may_hold_anything_that_can_be_typed(world: World) -> None:
    """An owner's sentence with spaces, accents and signs arrives as it was typed, however the application writes its form."""
    sentence = "Één zin: 100% + 2 & 3 = \u20ac5; \U0001f600\ttab"
    world.directory.set_password(USERNAME, sentence)
    assert world.token(password=sentence).status_code == 200
    raw = (
        f"grant_type=password&username={USERNAME}&password=".encode()
        + b"\xc3\x89\xc3\xa9n zin: 100%25 %2B 2 %26 3 = \xe2\x82\xac5; \xf0\x9f\x98\x80\ttab"
    )
    response = world.http.post("/oauth/token", data=raw, content_type=FORM, headers=world.basic("basecone"))
    assert response.status_code == 200


def test_a_client_that_sends_its_secret_unescaped_is_understood(world: World) -> None:
    """Our secrets hold nothing that escaping would change, so that sloppy libraries work as well."""
    client_id, secret = world.clients["basecone"]
    header = "basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    assert world.post("/oauth/token", None, RIGHT, headers={"Authorization": header}).status_code == 200


def test_a_request_of_authlibs_own_is_refused(world: World) -> None:
    """Its parameters would come from the query, and the second of two would win."""
    with pytest.raises(TypeError, match=r"^a request of the OAuth floor is a FormRequest$"):
        world.oauth.create_oauth2_request(OAuth2Request("POST", "https://login.example/oauth/token"))
