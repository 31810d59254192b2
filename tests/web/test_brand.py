"""A brand's own name, colours and logo, as browsers get them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.test_brand import BAKERY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

LOGO = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'><rect width='1' height='1'/></svg>"


def test_another_brand_is_seen_on_every_page(new_world: NewWorld, tmp_path: Path) -> None:
    """The customers of a white-label customer know that name, and nobody else's."""
    (tmp_path / "brand.toml").write_text(BAKERY, encoding="utf-8")
    (tmp_path / "logo.svg").write_text(LOGO)
    visitor = new_world(brand={"file": str(tmp_path / "brand.toml")}).another_visitor()
    page = visitor.open("/reset").text
    assert "<title>Wachtwoord aanpassen – Bakkers Boekhouding</title>" in page  # noqa: RUF001  # a dash between the two
    assert "Op deze pagina kun je je wachtwoord aanpassen voor Deegboek." in page
    assert "010 - 123 45 67" in page
    colours, logo = (visitor.open(_address(page, name)) for name in ("colours.css", "logo"))
    assert "--accent:#7a1f5c;" in colours.text.partition("@media")[0]
    assert "--accent:#7fd0e4;" in colours.text.partition("@media")[2]
    assert (logo.text, logo.mimetype) == (LOGO, "image/svg+xml")
    assert "script-src 'self'" in logo.headers["Content-Security-Policy"]  # of one that somebody opens as a page


def test_browsers_keep_a_brand_until_it_changes(visitor: Visitor, new_world: NewWorld, world: World) -> None:
    """A page would wait for both each time, or be the old brand's for a year."""
    del world
    mine = visitor.open("/login").text
    other = new_world(brand={"light": {"accent": "#7a1f5c"}}).another_visitor().open("/login").text
    assert "immutable" in visitor.open(_address(mine, "colours.css")).headers["Cache-Control"]
    assert _address(mine, "colours.css") != _address(other, "colours.css")
    assert _address(mine, "logo") == _address(other, "logo")


def _address(page: str, name: str) -> str:
    found = re.search(rf'="(/brand/{re.escape(name)}\?v=[0-9a-f]+)"', page)
    assert found is not None
    return found[1]
