"""Where an authorization may lead back to (S1, S2)."""

from __future__ import annotations

import pytest

from idp.domain.redirect_uri import (
    assert_redirect_uri,
    form_target_of,
    host_of,
    is_origin_of,
    is_registered,
    tells_its_application,
    with_parameters,
)
from idp.errors import RedirectUriRefused

REGISTERED = ("https://app.example/back", "http://127.0.0.1/back", "http://[::1]:8080/back?of=a")


@pytest.mark.row("S2")
@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/back",
        "https://app.example",
        "https://app.example:8443/back?of=a&to=b",
        "https://[2001:db8::1]/back",
        "http://127.0.0.1/back",
        "http://127.0.0.1:65535",
        "http://[::1]:8080/back?of=a",
        "http://127.0.0.1?of=a",
        f"https://{'a' * 63}.example.:65535/",
    ],
)
def test_https_and_loopback_may_be_registered(uri: str) -> None:
    """An application could not be set up."""
    assert_redirect_uri(uri)


@pytest.mark.row("S1", "S2")
@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("", "a redirect URI is one exact address: no spaces, backslashes, wildcards or other alphabets"),
        ("https://app.example/a b", "a redirect URI is one exact address: no spaces, backslashes, wildcards or other alphabets"),
        ("https://app.example/\n", "a redirect URI is one exact address: no spaces, backslashes, wildcards or other alphabets"),
        ("https://app.example\\@x", "a redirect URI is one exact address: no spaces, backslashes, wildcards or other alphabets"),
        ("https://*.example/", "a redirect URI is one exact address: no spaces, backslashes, wildcards or other alphabets"),
        ("https://\u00e9.example/", "a redirect URI is one exact address: no spaces, backslashes, wildcards or other alphabets"),
        ("https://app.example/#top", "a redirect URI has no fragment"),
        ("https://app.example/?code=1", "the query of a redirect URI has no name that an answer has, such as code or state"),
        ("https://app.example/?a=b&iss=", "the query of a redirect URI has no name that an answer has, such as code or state"),
        ("http://127.0.0.1/?state", "the query of a redirect URI has no name that an answer has, such as code or state"),
    ],
)
def test_what_is_not_exact_is_refused_with_what_is_wrong(uri: str, sentence: str) -> None:
    """S1: an address with a gap in it lets a code go to somebody else."""
    with pytest.raises(RedirectUriRefused) as refused:
        assert_redirect_uri(uri)
    assert str(refused.value) == sentence


@pytest.mark.row("S2")
@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example/back",
        "http://localhost/back",
        "http://127.0.0.2/back",
        "http://127.0.0.1@evil.example/",
        "http://127.0.0.1:80@evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1:123456/",
        "https:///back",
        "https://user@app.example/",
        "https://app.example:0/",
        "https://app.example:123456/",
        "https://app.example;x/",
        "https://[::1/",
        "javascript:alert(1)",
        "com.example.app:/back",
        "//app.example/back",
        "/back",
    ],
)
def test_http_elsewhere_and_other_schemes_are_refused(uri: str) -> None:
    """S2: whoever listens on the way would read the code."""
    with pytest.raises(RedirectUriRefused) as refused:
        assert_redirect_uri(uri)
    assert str(refused.value) == (
        "a redirect URI begins with https:// or, for a program on its user's own machine, with http://127.0.0.1"
    )


@pytest.mark.row("S2")
@pytest.mark.parametrize(
    "uri",
    [
        "https://[::::]/cb",
        "https://[1.2.3.4]/",
        "https://app.example:65536/",
        "http://127.0.0.1:65536/",
        "https://app..example/",
        "https://.example/",
        "https://./",
        f"https://{'a' * 64}.example/",
    ],
)
def test_an_address_that_there_can_not_be_is_refused(uri: str) -> None:
    """Whoever registers it would get an error of ours, or the worker could not go on to the next application."""
    with pytest.raises(RedirectUriRefused) as refused:
        assert_redirect_uri(uri)
    assert str(refused.value) == "a redirect URI has a host and a port that there can be"


@pytest.mark.parametrize(
    ("uri", "tells"),
    [
        ("https://app.example/back", True),
        ("https://localhost.example/back", True),
        ("https://192.0.2.1/back", True),
        ("https://[2001:db8::1]/back", True),
        ("https://localhost/back", False),
        ("https://App.LocalHost.:8443/back", False),
        ("https://127.0.0.1/back", False),
        ("https://127.1/back", False),
        ("https://127.255.0.1:8443", False),
        ("https://[::1]/back", False),
        ("https://[::ffff:127.0.0.1]/back", False),
        ("http://127.0.0.1/back", False),
    ],
)
def test_on_loopback_any_program_can_answer_with_a_certificate_too(uri: str, *, tells: bool) -> None:
    """RFC 8252 section 8.6: a program on an owner's machine could take itself for the one that they have let in, unasked."""
    assert tells_its_application(uri) is tells


@pytest.mark.row("S1")
@pytest.mark.parametrize(
    "uri",
    [*REGISTERED, "http://127.0.0.1:49152/back", "http://[::1]/back?of=a", "http://[::1]:1/back?of=a"],
)
def test_what_is_registered_is_known_and_of_a_loopback_address_any_port(uri: str) -> None:
    """S1: a program on somebody's own machine takes whatever port is free."""
    assert is_registered(uri, REGISTERED)


@pytest.mark.row("S1")
@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://app.example/back/",
        "https://app.example/Back",
        "https://APP.example/back",
        "https://app.example:443/back",
        "https://app.example/back?",
        "https://app.example/back%2F",
        "https://app.example/back#",
        "http://app.example/back",
        "http://127.0.0.1:49152/back/",
        "http://127.0.0.1:49152/back?of=a",
        "http://127.0.0.1:123456/back",
        "http://127.0.0.1:80@evil.example/back",
        "http://[::1]/back",
        "http://localhost/back",
        "https://127.0.0.1/back",
    ],
)
def test_another_address_is_not_known_however_alike(uri: str) -> None:
    """S1: the code would go to whoever is at the other address."""
    assert not is_registered(uri, REGISTERED)


def test_of_https_no_port_may_differ() -> None:
    """S1: another port of the same host may be somebody else's."""
    assert not is_registered("https://app.example:8443/back", ("https://app.example/back",))
    assert not is_registered("http://127.0.0.1:1", ("http://127.0.0.1/",))
    assert is_registered("http://127.0.0.1:1", ("http://127.0.0.1",))


@pytest.mark.parametrize(
    ("uri", "host", "target"),
    [
        ("https://app.example:8443/back?of=a", "app.example:8443", "https://app.example:8443"),
        ("http://127.0.0.1", "127.0.0.1", "http://127.0.0.1"),
        ("http://[::1]:80/back", "[::1]:80", "http:"),
        ("https://[2001:db8::1]/back", "[2001:db8::1]", "https:"),
    ],
)
def test_people_see_the_host_and_browsers_are_told_where_a_form_may_lead(uri: str, host: str, target: str) -> None:
    """Nobody could tell where they are led to, and a browser would not go there."""
    assert (host_of(uri), form_target_of(uri)) == (host, target)


@pytest.mark.parametrize(
    ("origin", "is_one"),
    [
        ("https://app.example", True),
        ("https://app.example:443", True),
        ("http://127.0.0.1:53321", True),
        ("http://[::1]", True),
        ("https://app.example:8443", False),
        ("http://app.example", False),
        ("http://app.example:443", False),
        ("https://127.0.0.1", False),
        ("https://evil.example", False),
        ("https://app.example.evil.example", False),
        ("https://[", False),
        ("https://[1.2.3.4]", False),
        ("null", False),
        ("", False),
    ],
)
def test_a_page_is_an_applications_own_where_one_of_its_addresses_is(origin: str, *, is_one: bool) -> None:
    """A page in a browser could not read what it is told; or any page could read what it found a code for."""
    assert is_origin_of(origin, REGISTERED) is is_one
    assert not is_origin_of(origin, ())


def test_how_an_address_is_spelt_changes_no_origin() -> None:
    """Browsers say their origin in lower case and without the usual port, however the operator has typed it."""
    assert is_origin_of("https://app.example", ("https://App.Example:443/Back",))


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("https://app.example/back", "https://app.example/back?code=a%26b&state=%C3%A9"),
        ("https://app.example/back?at=1", "https://app.example/back?at=1&code=a%26b&state=%C3%A9"),
    ],
)
def test_what_is_said_stands_behind_what_is_there(uri: str, said: str) -> None:
    """The application would lose what it wrote into its own address, or take a part of the answer for something else."""
    assert with_parameters(uri, {"code": "a&b", "state": "\u00e9"}) == said
