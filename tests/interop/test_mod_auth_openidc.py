"""Apache's mod_auth_openidc (Debian): a site that lets nobody in but the owner of one koppelgebruiker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.chromium import running_browser
from tests.interop.apache import BACK, PAGE, new_address, running_site
from tests.interop.application import register
from tests.interop.owner import USERNAME, OwnerInChromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.chromium import Browser
    from tests.interop.apache import Site
    from tests.system.demo import Demo


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A browser that has never been anywhere."""
    with running_browser() as running:
        yield running


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_an_owner_comes_into_the_site(mode: str, browser: Browser, demo: Demo, tmp_path: Path) -> None:
    """Whoever puts Apache before something can't have people log in by us, by the browser's address or by a form, nor log out."""
    port, back, out = new_address()
    application = register(demo, tmp_path, "client_secret_basic", back, out)
    with running_site(application, port, mode, USERNAME) as site:
        OwnerInChromium(demo, browser).allow(site.url + PAGE)
        assert browser.words == "Binnen", site.log
        told = _info(browser, site)
        assert told["userinfo"]["preferred_username"] == USERNAME
        assert told["id_token"]["sub"] == told["userinfo"]["sub"]
        browser.open(f"{site.url}{BACK}?refresh={site.url}{PAGE}&access_token={told['access_token']}")
        assert browser.words == "Binnen", site.log
        assert _info(browser, site)["access_token"] != told["access_token"]
        browser.open(f"{site.url}{BACK}?logout={out}")
        assert browser.words == "Buiten", site.log
        browser.open(site.url + PAGE)
        browser.find("form[action='/login']")  # they are logged out here, too
        assert "[auth_openidc:error]" not in site.log


@pytest.mark.parametrize(("mode", "read"), [("query", "target_link_uri"), ("form_post", "access_denied")])
def test_an_owners_no_keeps_them_out(mode: str, read: str, browser: Browser, demo: Demo, tmp_path: Path) -> None:
    """Who has refused would be let in, or be asked again and again.

    In an address, Debian 12's version (2.4.12) takes the issuer for another site's wish that somebody logs in, unless a code is
    beside it; RFC 9207 section 2 has the issuer in errors too. It lets nobody in, yet does not say why.
    """
    port, back, out = new_address()
    application = register(demo, tmp_path, "client_secret_basic", back, out)
    with running_site(application, port, mode, USERNAME) as site:
        OwnerInChromium(demo, browser).refuse(site.url + PAGE)
        assert read in browser.words


def _info(browser: Browser, site: Site) -> dict[str, Any]:
    """Read what the module knows of its visitor."""
    browser.open(f"{site.url}{BACK}?info=json")
    return dict(json.loads(browser.find("body").text))
