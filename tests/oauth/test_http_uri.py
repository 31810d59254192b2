"""One address, however it is written (RFC 3986 sections 6.2.2 and 6.2.3, RFC 9449 section 4.3, S16)."""

from __future__ import annotations

from contextlib import suppress

import pytest

from idp.oauth.http_uri import target_of

HERE = target_of("https://login.example/oauth/token")
SAME = (
    "https://login.example:443/oauth/token",
    "HTTPS://LOGIN.example/oauth/token",
    "https://login.example/oauth/%74oken",
    "https://login.example/oauth/token?a=b&c#d",
    "https://login.example:/oauth/token",
)
OTHERS = (
    "http://login.example/oauth/token",
    "https://login.example:8443/oauth/token",
    "https://login.example:0/oauth/token",
    "https://login.example./oauth/token",
    "https://login.example/OAuth/token",
    "https://login.example//oauth/token",
    "https://login.example//evil.example/oauth/token",
    "https://evil.example/https://login.example/oauth/token",
    "https://login.example/oauth%2Ftoken",
    "https://login.example/oauth/token/",
    "https://login.example/x/../oauth/token",
    "https://login.example.evil.example/oauth/token",
)
NONE = (
    "", "/oauth/token", "//login.example/oauth/token", "https:/oauth/token", "https:///oauth/token", "login.example/oauth/token",
    "https://user@login.example/oauth/token", "https://login.example@evil.example/oauth/token", "https://@login.example/",
    "https://login.example:x/oauth/token", "https://login.example:99999/", "https://[::1/oauth/token",
    " https://login.example/oauth/token", "https://login.example/oauth/token\n", "https://login.\texample/oauth/token",
    "https://login.ex\u00e4mple/", "\0", "https://\ud800/",
)  # fmt: skip


@pytest.mark.row("S16")
def test_one_address_may_be_written_in_several_ways() -> None:
    """An application whose library writes the port, or escapes more than it must, would be refused."""
    assert [target_of(uri) for uri in SAME] == [HERE] * len(SAME)
    assert target_of("http://[::1]:80") == target_of("http://[::1]/")
    assert target_of("https://a/%c3%a9%2f") == target_of("https://a/%C3%A9%2F")


@pytest.mark.row("S16")
def test_another_address_is_another_one() -> None:
    """S16: a proof for something that only looks like this endpoint would be taken for one of ours."""
    assert [uri for uri in OTHERS if target_of(uri) == HERE] == []


@pytest.mark.row("S16", "S47")
def test_what_is_no_absolute_address_is_none() -> None:
    """S47: no text makes a reader fall over, and none is read as an address that it only resembles."""
    read = []
    for uri in NONE:
        with suppress(ValueError):
            read.append((uri, target_of(uri)))
    assert read == []
