"""Forms and queries that no page of ours sends (S26, S47)."""

from __future__ import annotations

import pytest
from flask import Request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from idp.errors import MalformedRequest
from idp.web.received import read_form, read_query

FORM = "application/x-www-form-urlencoded"


def _post(body: bytes, content_type: str = FORM) -> Request:
    return Request(EnvironBuilder(method="POST", data=body, content_type=content_type).get_environ())


@pytest.mark.row("S47")
def test_a_field_is_read_as_it_was_typed() -> None:
    """A password must come through to the byte; a missing field is an empty one."""
    fields = read_form(_post(b"password=%20a%26b+c%C3%A9+&username="))
    assert fields["password"] == " a&b cé "
    assert fields["username"] == fields["never sent"] == ""


@pytest.mark.row("S26", "S47")
@pytest.mark.parametrize(
    "body",
    [
        b"username=a&username=b",
        b"username=%00",
        b"username=\x00",
        b"username=%ff",
        b"\xff\xfe=1",
        b"a%00=1",
        b"&".join([b"a=1"] * 50),
    ],
)
def test_what_no_page_sends_is_refused(body: bytes) -> None:
    """Without it two readers of one request may see two different fields, or the directory a NUL."""
    with pytest.raises(MalformedRequest):
        read_form(_post(body))


@pytest.mark.row("S47")
@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_another_media_type_is_refused(content_type: str) -> None:
    """text/plain is what a forged cross-site form can send without asking."""
    with pytest.raises(MalformedRequest):
        read_form(_post(b"username=a", content_type))


@pytest.mark.row("S26")
def test_a_query_is_held_to_the_same() -> None:
    """A ticket given twice is no ticket."""
    request = Request(EnvironBuilder(path="/reset", query_string="ticket=a&ticket=b").get_environ())
    with pytest.raises(MalformedRequest):
        read_query(request)


@pytest.mark.row("S47")
@given(st.binary(max_size=200))
def test_no_body_at_all_breaks_the_reading(body: bytes) -> None:
    """Whatever comes in, it is fields or `MalformedRequest`, never another exception."""
    try:
        fields = read_form(_post(body))
    except MalformedRequest:
        return
    assert all("\x00" not in text for text in fields.values())
