"""Who a token is about (OpenID Connect Core section 5.3, RFC 6750, S36)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import USERNAME, World

if TYPE_CHECKING:
    from tests.oauth.place import Place


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
def test_a_live_token_tells_its_user(world: World, method: str, scheme: str) -> None:
    """An application shows which administration it is connected to; about the owner it learns nothing."""
    token = world.token().json["access_token"]
    response = world.http.open("/oauth/userinfo", method=method, headers={"Authorization": f"{scheme} {token}"})
    user = world.directory.find_user(USERNAME)
    assert response.json == {"sub": user.entry_uuid, "administratie": user.administratie, "preferred_username": USERNAME}
    assert response.headers["Cache-Control"] == "no-store"


def test_without_a_token_the_scheme_is_told(world: World) -> None:
    """RFC 6750 section 3.1: no error code for who did not try; RFC 9449 section 7.2: both schemes that there are."""
    schemes = ['Bearer realm="koppel-idp"', 'DPoP realm="koppel-idp", algs="ES256 PS256 EdDSA{}"']
    for path, told in (("/oauth/userinfo", schemes), ("/fapi/userinfo", schemes[::-1])):
        response = world.http.get(path)
        assert_refused(response, "invalid_request", 401)
        assert response.headers["WWW-Authenticate"] == ", ".join(told).format(" RS256" if told is schemes else "")


@pytest.mark.row("S36")
@pytest.mark.parametrize("with_header", [False, True])
def test_a_token_in_the_query_or_the_body_is_refused(asker: Place, *, with_header: bool) -> None:
    """S36: what stands in an address is logged by every proxy on the way."""
    token, path, http = asker.ask().json["access_token"], f"{asker.prefix}/userinfo", asker.world.http
    assert asker.userinfo(token).status_code == 200
    headers = asker.bringing(token) if with_header else {}
    assert_refused(http.get(f"{path}?access_token={token}", headers=headers), "invalid_request")
    headers = asker.bringing(token, htm="POST") if with_header else {}
    assert_refused(http.post(path, data={"access_token": token}, headers=headers), "invalid_request")


@pytest.mark.row("S36")
def test_a_token_in_the_body_is_seen_whatever_stands_behind_the_content_type(world: World) -> None:
    """S36: a library that names the encoding as well does not get by."""
    token = world.token().json["access_token"]
    content_type = "application/x-www-form-urlencoded ; charset=utf-8"
    response = world.http.post("/oauth/userinfo", data={"access_token": token}, content_type=content_type)
    assert_refused(response, "invalid_request")


@pytest.mark.parametrize(("body", "content_type"), [(b"{}", "application/json"), (b"access_token=x", "text/plain"), (b"", "")])
def test_what_is_no_form_is_not_read(world: World, body: bytes, content_type: str) -> None:
    """OpenID Connect Core section 5.3.1: a POST needs no body, and libraries send an empty object."""
    headers = {"Authorization": f"Bearer {world.token().json['access_token']}"}
    response = world.http.post("/oauth/userinfo", data=body, content_type=content_type, headers=headers)
    assert response.json["preferred_username"] == USERNAME


@pytest.mark.row("S36")
def test_what_is_too_long_to_be_read_is_refused(world: World) -> None:
    """S36: it could hold a token."""
    headers = {"Authorization": f"Bearer {world.token().json['access_token']}"}
    response = world.http.post("/oauth/userinfo", data=b"x" * 2**17, content_type="text/plain", headers=headers)
    assert_refused(response, "invalid_request")


@pytest.mark.row("S47")
@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer a b", "Basic eDp4", "Bearer \u00e9", "x", "Bearer " + "x" * 20000, "Bearer a.b.c"]
)
def test_what_is_no_token_is_refused(world: World, header: str) -> None:
    """S47: 401, and why, in the header (RFC 6750 section 3)."""
    response = world.http.get("/oauth/userinfo", headers={"Authorization": header})
    assert_refused(response, "invalid_token", 401)
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_a_refresh_token_is_no_access_token(world: World) -> None:
    """The long one is for the token endpoint only."""
    token = world.token("vendor_api").json["refresh_token"]
    assert_refused(world.userinfo(token), "invalid_token", 401)
