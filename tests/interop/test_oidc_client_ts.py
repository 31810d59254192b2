"""oidc-client-ts (npm) in Chromium: an application that is a page, and has no secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.chromium import TIMEOUT_S, running_browser
from tests.interop.application import register_app
from tests.interop.owner import USERNAME, OwnerInChromium
from tests.interop.page import new_address, served
from tests.system.processes import waiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from tests.browser.chromium import Browser
    from tests.system.demo import Demo


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A browser that has never been anywhere."""
    with running_browser() as running:
        yield running


def page(demo: Demo, **more: object) -> AbstractContextManager[str]:
    """Serve an application that the operator has registered."""
    port, back = new_address()
    return served(port, {**register_app(demo, back).task, **more})


def told(browser: Browser) -> dict[str, Any]:
    """Read what the page got."""
    for _ in waiting(TIMEOUT_S):
        if browser.words:
            return dict(json.loads(browser.words))
    raise TimeoutError(browser.complaints())


@pytest.mark.parametrize("bound", [False, True], ids=["bearer", "DPoP"])
def test_a_page_uses_its_tokens_to_their_end(bound: bool, browser: Browser, demo: Demo) -> None:  # noqa: FBT001  # a parameter
    """An application without a server can't be coupled: its browser may not ask us, or not read what we answer."""
    with page(demo, bound=bound) as address:
        OwnerInChromium(demo, browser).allow(address)
        got = told(browser)
    assert "refused" not in got, got
    assert got["profile"]["sub"] == got["user"]["sub"]
    assert got["user"]["preferred_username"] == USERNAME
    assert got["token_type"] == ("DPoP" if bound else "Bearer")
    assert (got["rotated"], got["renewed"]) == (True, True)
    assert got["afterwards"] == 401


def test_an_owners_no_is_understood(browser: Browser, demo: Demo) -> None:
    """The page waits for somebody who has said no."""
    with page(demo) as address:
        OwnerInChromium(demo, browser).refuse(address)
        assert told(browser)["refused"]["error"] == "access_denied"
