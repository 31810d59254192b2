"""What of an address may stand in a log (S35)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.web.masking import SECRET_PATHS, mask_path, mask_text

if TYPE_CHECKING:
    from tests.web.world import World


@pytest.mark.row("S35")
@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/reset/password/Sw0rdf1sh-_x", "/reset/password/***"),
        ("/login/password/Sw0rdf1sh?lang=en", "/login/password/***"),
        ("/not-me/Sw0rdf1sh/", "/not-me/***/"),
        ("/reset?ticket=Sw0rdf1sh", "/reset"),
        ("/reset/verify", "/reset/verify"),
        ("/oauth/token", "/oauth/token"),
    ],
)
def test_a_log_line_holds_no_secret(path: str, logged: str) -> None:
    """Without it whoever reads a log sets an owner's password."""
    assert mask_path(path) == logged


@pytest.mark.row("S35")
@pytest.mark.parametrize(
    ("text", "logged"),
    [
        ("Error handling request /reset/password/Sw0rdf1sh", "Error handling request /reset/password/***"),
        ("GET /not-me/Sw0rdf1sh HTTP/1.1", "GET /not-me/*** HTTP/1.1"),
        ("<Request 'https://x.nl/reset?ticket=Sw0rdf1sh' [GET]>", "<Request 'https://x.nl/reset' [GET]>"),
        ("is 3/4 enough? yes", "is 3/4 enough? yes"),
    ],
)
def test_a_sentence_holds_no_secret(text: str, logged: str) -> None:
    """Other people's libraries name addresses in the middle of a line."""
    assert mask_text(text) == logged


@pytest.mark.row("S35")
def test_every_address_of_the_pages_with_a_secret_is_masked(world: World) -> None:
    """A new page with a secret in its address must be added to the masked ones, or this fails."""
    paths = [rule.rule for rule in world.page_rules()]
    assert {path.partition("<secret>")[0] for path in paths if "<secret>" in path} == set(SECRET_PATHS)
