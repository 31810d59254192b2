"""What of an address may stand in a log (S35)."""

from __future__ import annotations

import pytest

from idp.masking import mask_text


@pytest.mark.row("S35")
@pytest.mark.parametrize(
    ("text", "logged"),
    [
        ("Error handling request /reset/password/Sw0rdf1sh-_x", "Error handling request /reset/password/***"),
        ("Error handling request /login/password/Sw0rdf1sh?lang=en", "Error handling request /login/password/***"),
        ("GET /not-me/Sw0rdf1sh HTTP/1.1", "GET /not-me/*** HTTP/1.1"),
        ("GET /reset/password//Sw0rdf1sh HTTP/1.1", "GET /reset/password//*** HTTP/1.1"),
        ("GET //reset//password/Sw0rdf1sh HTTP/1.1", "GET //reset//password/*** HTTP/1.1"),
        ("GET /login/password/x/Sw0rdf1sh/ HTTP/1.1", "GET /login/password/*** HTTP/1.1"),
        ("GET /Not-Me/Sw0rdf1sh HTTP/1.1", "GET /Not-Me/*** HTTP/1.1"),
        ("<Request 'https://x.nl/reset?ticket=Sw0rdf1sh' [GET]>", "<Request 'https://x.nl/reset' [GET]>"),
        ("/reset/verify, /oauth/token", "/reset/verify, /oauth/token"),
        ("is 3/4 enough? yes", "is 3/4 enough? yes"),
    ],
)
def test_a_sentence_holds_no_secret(text: str, logged: str) -> None:
    """Without it whoever reads a log sets an owner's password: libraries name addresses in the middle of a line."""
    assert mask_text(text) == logged


@pytest.mark.row("S35")
@pytest.mark.parametrize("route", ["/reset/password/<secret>", "/not-me/<secret>"])
def test_the_name_of_a_route_is_no_secret(route: str) -> None:
    """Without it an operator could not tell what was asked from what was taken out."""
    assert mask_text(route) == route
