"""What an application may say in `claims`, read strictly, and what it comes to (OpenID Connect Core section 5.5; S40)."""

from __future__ import annotations

import json

import pytest
from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.oauth.claims_request import both, read_claims

SECTION_5_5 = """{"userinfo": {"given_name": {"essential": true}, "nickname": null, "email": {"essential": true}, "picture": null,
 "http://example.info/claims/groups": null}, "id_token": {"auth_time": {"essential": true},
 "acr": {"values": ["urn:mace:incommon:iap:silver"]}}}"""

MALFORMED = (
    "",
    "null",
    "true",
    '"sub"',
    "[]",
    "{",
    "{'id_token': null}",
    '{"id_token": "sub"}',
    '{"id_token": ["sub"]}',
    '{"userinfo": 0}',
    '{"id_token": {"sub": "248289761001"}}',
    '{"id_token": {"sub": ["248289761001"]}}',
    '{"id_token": {"acr": {"essential": "true"}}}',
    '{"id_token": {"acr": {"essential": null}}}',
    '{"id_token": {"acr": {"values": "1"}}}',
    '{"id_token": {"acr": {"values": {}}}}',
    '{"id_token": {}, "id_token": {}}',
    '{"id_token": {"sub": null, "sub": null}}',
    '{"id_token": {"sub": {"value": NaN}}}',
    '{"id_token": {"sub": {"value": ' + "[" * 100_000 + "]" * 100_000 + "}}}",
    '{"id_token": {"sub": {"value": ' + "9" * 5000 + "}}}",
)


@pytest.mark.row("S40", "S47")
@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_malformed_is_refused(text: str) -> None:
    """S40: what an application wanted would be passed over without a word; S47: and nothing gets a 500."""
    with pytest.raises(InvalidRequestError):
        read_claims(text)


@pytest.mark.row("S40")
@pytest.mark.parametrize("text", [None, "{}", SECTION_5_5, '{"id_token": null, "userinfo": null, "more": [1]}'])
def test_what_is_not_known_means_nothing(text: str | None) -> None:
    """Section 5.5: members that are not understood must be ignored; a library that sends its whole list would be refused."""
    claims = read_claims(text)
    assert (claims.on_request, claims.subjects, claims.acrs) == ((), None, None)


@pytest.mark.row("S40")
def test_only_what_there_is_to_tell_is_told() -> None:
    """Something else would be put into an ID token under a name that the application chooses."""
    wished = {"preferred_username": {"essential": True}, "administratie": None, "iss": {"value": "x"}, "__class__": None}
    assert read_claims(json.dumps({"id_token": wished})).on_request == ("administratie", "preferred_username")
    assert read_claims(json.dumps({"userinfo": wished})).on_request == ()


@pytest.mark.row("S40")
def test_whom_it_may_be_about() -> None:
    """Section 5.5.1: an answer about another one is never given."""
    said = {
        '{"id_token": {"sub": {"value": "a"}}}': {"a"},
        '{"userinfo": {"sub": {"value": "a", "essential": true}}}': {"a"},
        '{"id_token": {"sub": {"values": ["a", "b"]}}}': {"a", "b"},
        '{"id_token": {"sub": {"values": ["a", "b"]}}, "userinfo": {"sub": {"values": ["b", "c"]}}}': {"b"},
        '{"id_token": {"sub": {"value": "a"}}, "userinfo": {"sub": {"value": "b"}}}': set(),
        '{"id_token": {"sub": {"value": null}}}': set(),
        '{"id_token": {"sub": {"values": [7]}}}': set(),
        '{"id_token": {"sub": {"essential": true}}}': None,
        '{"id_token": {"sub": null}}': None,
    }
    for text, subjects in said.items():
        assert read_claims(text).subjects == subjects, text


@pytest.mark.row("S40")
def test_only_an_essential_acr_must_be_met() -> None:
    """Section 5.5.1.1: a voluntary one is a wish, and whoever wishes for more would never be let in."""
    said = {
        '{"id_token": {"acr": {"essential": true, "value": "a"}}}': {"a"},
        '{"id_token": {"acr": {"essential": true, "values": ["a", "b", 1]}}}': {"a", "b"},
        '{"id_token": {"acr": {"essential": true}}}': None,
        '{"id_token": {"acr": {"essential": false, "value": "a"}}}': None,
        '{"id_token": {"acr": {"value": "a"}}}': None,
        '{"userinfo": {"acr": {"essential": true, "value": "a"}}}': None,
    }
    for text, acrs in said.items():
        assert read_claims(text).acrs == acrs, text


@pytest.mark.row("S40")
def test_written_again_it_says_the_same_about_the_subjects_that_are_left() -> None:
    """A request that is put off would come back as another one, and its owner would log in twice."""
    claims = read_claims('{"userinfo": {"email": null}, "id_token": {"sub": null, "administratie": {"essential": true}}}')
    again = read_claims(claims.about(frozenset("ba")))
    assert (again.subjects, again.on_request, again.userinfo) == (frozenset("ab"), ("administratie",), {"email": {}})
    assert again.about(frozenset("ab")) == claims.about(frozenset("ba"))
    assert read_claims(claims.about(frozenset())).subjects == frozenset()


def test_two_limits_leave_what_both_allow() -> None:
    """One of two would not count."""
    a, b = frozenset("ac"), frozenset("bc")
    assert (both(a, b), both(a, None), both(None, b), both(None, None)) == (frozenset("c"), a, b, None)
