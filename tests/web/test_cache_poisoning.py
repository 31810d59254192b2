"""What a cache may keep is the same for everybody: nobody can have it keep an answer that harms whoever asks next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.world import OWNER_MAIL

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import World

UNKEYED = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Prefix": "/evil",
    "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil",
    "X-HTTP-Method-Override": "POST",
    "Forwarded": "host=evil.example;proto=gopher",
    "Origin": "https://evil.example",
    "Accept-Language": "en",
    "Accept": "text/evil",
    "User-Agent": "evil",
    "Cookie": "language=en; portal=evil",
    "Authorization": "Basic ZXZpbDpldmls",
}
"""Headers that a cache looks at no more than at the weather, unless `Vary` has it look."""

EACH_TIME = {"X-Request-ID", "Date"}


def kept(visitor: Visitor, path: str, **headers: str) -> tuple[bytes, dict[str, str]] | None:
    """Ask, and give what a cache that is shared would keep of it; None: nothing."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with visitor.http.get(path, headers=named) as answer:  # files are open until then
        data = answer.data
    if "no-store" in answer.headers.get("Cache-Control", "no header at all"):
        return None
    return data, {name: value for name, value in answer.headers.items() if name not in EACH_TIME}


def kept_paths(world: World, visitor: Visitor) -> list[str]:
    """Give the addresses whose answers are kept, of all that take no argument, and of all files that pages name."""
    visitor.open("/login")
    named = [facts.get("href") or facts.get("src") or "" for _, facts in visitor.page.tags]
    plain = [rule.rule for rule in world.app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    paths = sorted({*plain, *(path for path in named if path.startswith("/"))})
    return [path for path in paths if kept(visitor, path) is not None]


@pytest.mark.row("S49")
@pytest.mark.parametrize("header", UNKEYED)
def test_no_header_changes_what_a_cache_keeps(world: World, header: str) -> None:
    """One request with a forged header, and all applications read another's addresses in our metadata, from the cache."""
    visitor = world.another_visitor()
    paths = kept_paths(world, visitor)
    assert {"/.well-known/openid-configuration", "/oauth/jwks", "/brand/logo"} <= {path.partition("?")[0] for path in paths}
    changed = []
    for path in paths:
        first = kept(visitor, path)
        assert first is not None
        second = kept(visitor, path, **{header.replace("-", "_"): UNKEYED[header]})
        if second not in (first, None) and header.lower() not in first[1].get("Vary", "").lower():
            changed.append(path)
    assert changed == []


def test_what_is_kept_is_nobodys_own(world: World, owner: Visitor) -> None:
    """A page with somebody's users would be shown to whoever asks next."""
    stranger = world.another_visitor()
    assert [path for path in kept_paths(world, stranger) if kept(owner, path) != kept(stranger, path)] == []
    assert [path for path in kept_paths(world, owner) if OWNER_MAIL.encode() in (kept(owner, path) or (b"",))[0]] == []
