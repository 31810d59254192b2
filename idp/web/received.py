"""Reads forms and queries strictly: whatever no page of ours sends is refused before anybody looks at it (S26, S47)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from idp.errors import MalformedRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Request

_FORM = "application/x-www-form-urlencoded"
_MAX_FIELDS = 20


def read_form(request: Request) -> Mapping[str, str]:
    """Give the fields of a POST; one that was left out reads as empty.

    Raises:
        MalformedRequest: another media type, a field twice, NUL, bad UTF-8.
        werkzeug.exceptions.RequestEntityTooLarge: longer than the application takes.
    """
    if request.mimetype not in (_FORM, ""):
        raise MalformedRequest
    return Fields(_parse(request.get_data()))


def read_query(request: Request) -> Mapping[str, str]:
    """Give the parameters of the address. Raises `MalformedRequest`."""
    return Fields(_parse(request.query_string))


class Fields(dict[str, str]):
    """Fields, of which a missing one is empty."""

    def __missing__(self, name: str) -> str:
        """Read a field that was left out as one that was left empty: both are errors of the same kind."""
        return ""


def _parse(encoded: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            encoded.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS, separator="&"
        )
    except ValueError as exc:  # bad UTF-8 too
        raise MalformedRequest from exc
    fields = dict(pairs)
    if len(fields) != len(pairs) or any("\x00" in text for pair in pairs for text in pair):
        raise MalformedRequest
    return fields
