"""Whatever is wrong with a registration: the RFC's error, nothing of it back, nothing kept (S26, S47)."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from idp.oauth.http import MAX_BODY_BYTES
from idp.oauth.request import BODY_ONLY
from tests.oauth.registering import PATH, WISH, new_token, open_world, register, registration_of, send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oauth.world import Answered, NewWorld, World

MARK = "zq7Marked"
"""Stands in whatever is wrong, and in no answer."""

KNOWN = (
    "redirect_uris", "token_endpoint_auth_method", "grant_types", "response_types", "client_name", "scope", "jwks", "jwks_uri",
    "software_statement", "dpop_bound_access_tokens",
)  # fmt: skip
NAMES = (
    f"*)(uid=*){MARK}",
    f"\"'<script>{MARK}",
    f"' OR 1=1 --{MARK}",
    f"{{{{7*7}}}}%s${{x}}{MARK}",
    f"\u00e9\u4e2d \U0001f600{MARK}",
)
"""What means something elsewhere; a name may be nearly anything."""

ODD: tuple[Any, ...] = (
    [MARK], [[MARK]], [{MARK: MARK}], {MARK: MARK}, {"keys": [{MARK: MARK}]}, {"keys": [MARK]}, 1, -1.5, 10**400, True, False,
    f"{MARK}\0", f"{MARK}\x1b[31m", f"\ud800{MARK}", f"\u202e{MARK}", MARK * 5000, [MARK] * 9000, [None], [""], "", " ", {}, [0],
)  # fmt: skip
"""What any member may be, for all that anybody knows."""

BODIES = (
    b"", b" ", b"null", b"[]", b"1", b'"%s"' % MARK.encode(), b"{", b'{"a": }', b"{'a': 1}", b"[" * 60_000, b'{"a":' * 10_000,
    b'{"client_name": "%s", "client_name": "x"}' % MARK.encode(), b'{"a": {"b": 1, "b": 2}}', b'{"a": NaN}', b'{"a": -Infinity}',
    b'{"a": %s}' % (b"9" * 5000), b"\xff\xfe{}", b"\xef\xbb\xbf{}", '{"a": 1}'.encode("utf-16"), b'{"a": "\xed\xa0\x80"}',
    b'{"a": 1}\0', b'{"a": 1} {"b": 2}', b"client_name=%s" % MARK.encode(), b"x" * (MAX_BODY_BYTES + 1),
)  # fmt: skip
"""No objects, or none that two readers would read alike (RFC 8259 section 4)."""


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A service at which applications may register themselves."""
    return open_world(new_world)


@pytest.mark.row("S26", "S47")
def test_whatever_is_wrong_gets_the_rfcs_error_and_nothing_is_kept(world: World) -> None:
    """S47: a registration is what strangers send most of; none of it gets to a database, a page or a log as it was sent."""
    token, banks_token = new_token(world), new_token(world, "fapi")
    before = world.parts.clients.list()
    at_the_strict_issuer = (send(world, banks_token, body, "/fapi/register") for body in BODIES)
    for answer in chain(_wrong(world, token), at_the_strict_issuer):
        assert answer.status_code == 400, answer.text
        assert answer.json["error"] in {
            "invalid_request", "invalid_client_metadata", "invalid_redirect_uri", "unapproved_software_statement",
        }  # fmt: skip
        assert answer.headers["Cache-Control"] == "no-store"
        sentence = answer.json["error_description"]
        assert sentence.isascii()
        assert not set('"\\') & set(sentence)
        assert MARK not in answer.text + str(answer.headers)
    assert world.parts.clients.list() == before
    assert [token.used for token in registration_of(world).tokens()] == [0, 0]
    assert register(world, token).status_code == 201


def _wrong(world: World, token: str) -> Iterator[Answered]:
    for body in BODIES:
        yield send(world, token, body)
    good = json.dumps(WISH).encode()
    for content_type in ("", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/jwt", "\x0b"):
        yield send(world, token, good, content_type=content_type)
    for name in sorted(BODY_ONLY):
        yield send(world, token, good, f"{PATH}?{name}={MARK}")
    for name in KNOWN:
        for value in (*ODD, *(NAMES if name != "client_name" else ())):
            if name == "dpop_bound_access_tokens" and isinstance(value, bool):
                continue
            yield register(world, token, **{name: value})


@pytest.mark.row("S47")
def test_a_name_that_means_something_elsewhere_is_only_a_name(world: World) -> None:
    """S47: it is kept and given back as it is, and acts nowhere."""
    token = new_token(world)
    for name in NAMES:
        answer = register(world, token, client_name=name)
        assert (answer.status_code, answer.json["client_name"]) == (201, name)
        client = world.parts.clients.find(answer.json["client_id"])
        assert client is not None
        assert client.name == name


@pytest.mark.row("S47")
def test_what_is_no_token_is_refused_with_the_scheme(world: World) -> None:
    """S47: 401, and the scheme with the error (RFC 6750 section 3)."""
    for header in ("Bearer", "Bearer ", f"Bearer {MARK} x", f"Bearer \u202e{MARK}", "Basic eDp5", f"Bearer {MARK}\t"):
        answer = world.http.post(PATH, json=WISH, headers={"Authorization": header.encode().decode("latin-1")})
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_token")
        assert MARK not in answer.text + str(answer.headers)


@pytest.mark.row("S47")
def test_another_method_is_told_which_there_is(world: World) -> None:
    """S47: whoever looks for the management of RFC 7592 learns that it is not there."""
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = world.http.open(PATH, method=method)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
