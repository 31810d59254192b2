"""A request's parameters, read once and strictly (RFC 6749 section 3.2, S26, S47)."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idp.oauth.client import OAuthClient
    from idp.oauth.http import RawRequest

FORM = "application/x-www-form-urlencoded"
MAX_PARAMETERS = 64
MAX_QUERY_BYTES = 4096
"""Of a form that becomes an address: three times as much, escaped, still is a line that the server reads."""

REPEATABLE = frozenset({"resource", "audience"})
"""RFC 8707 section 2 and RFC 8693 section 2.1."""

BODY_ONLY = frozenset(
    {
        "grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "username", "password",
        "scope", "resource", "audience", "refresh_token", "token", "token_type_hint", "access_token", "code",
        "redirect_uri", "code_verifier", "assertion", "device_code", "request", "request_uri",
    }
)  # fmt: skip
"""What is refused in the query, where proxies and browsers would log it. Other names there mean nothing to us."""

_NO_BODY = "The request body is too large or could not be read."
_NO_FORM = f"The content type must be {FORM}."
_IN_QUERY = "Parameters must be in the request body, never in the query."
_MANY_IN_QUERY = "The query has too many parameters."
_UNREADABLE = "The request body is not a form in UTF-8, or has too many parameters."
_CONTROL = "A parameter holds control characters."
_TWICE = "A parameter comes more than once."

# RFC 6749 appendix A, UNICODECHARNOCRLF: no control characters but the tab; no surrogates can come out of UTF-8.
_NOT_ALLOWED = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class FormRequest(OAuth2Request):
    """A request whose form was read; the query has no part in it."""

    def __init__(self, raw: RawRequest, uri: str, parameters: Mapping[str, tuple[str, ...]]) -> None:
        """Keep what was read.

        Args:
            raw: the request as it came.
            uri: of the endpoint, below the configured origin.
            parameters: values by name; more than one for `REPEATABLE` only.
        """
        super().__init__(raw.method, uri)
        self.raw = raw
        self.oauth_client: OAuthClient | None = None
        self._parameters = parameters
        self._single = {name: values[0] for name, values in parameters.items()}
        self.payload = BasicOAuth2Payload(self._single)

    @property
    def args(self) -> dict[str, str | None]:
        """Nothing: no parameter is ever taken from the query."""
        return {}

    @property
    def form(self) -> dict[str, str]:
        """The first value of each parameter."""
        return self._single

    def many(self, name: str) -> tuple[str, ...]:
        """Give all values of a repeatable parameter."""
        return self._parameters.get(name, ())

    def all(self) -> Mapping[str, tuple[str, ...]]:
        """Give all values of all parameters."""
        return self._parameters

    def required(self, name: str) -> str:
        """Give a parameter's value.

        Raises:
            InvalidRequestError: it is missing.
        """
        value = self._single.get(name)
        if value is None:
            message = f"The parameter {name} is missing."
            raise InvalidRequestError(message)
        return value


def form_of(request: OAuth2Request) -> FormRequest:
    """Give a request its own type back after its way through Authlib, which hands on what it was given."""
    if not isinstance(request, FormRequest):
        message = "a request of the OAuth floor is a FormRequest"
        raise TypeError(message)
    return request


def read_form(raw: RawRequest, uri: str) -> FormRequest:
    """Read a request whose parameters stand in its body.

    Args:
        raw: the request as it came.
        uri: of the endpoint, below the configured origin.

    Raises:
        InvalidRequestError: a parameter in the query, one that comes twice, another content type, no UTF-8, control
            characters, or too much of it.
    """
    refuse_query(raw)
    if raw.body is None:
        raise InvalidRequestError(_NO_BODY)
    if raw.content_type.partition(";")[0].strip().lower() != FORM:
        raise InvalidRequestError(_NO_FORM)
    return FormRequest(raw, uri, without_empty(collected(_pairs(raw.body))))


def read_query(raw: RawRequest) -> Mapping[str, tuple[str, ...]]:
    """Read the parameters in an address, with all their values; whether each comes once is for `assert_each_once` to say.

    Raises:
        InvalidRequestError: no UTF-8, control characters, or too much of it.
    """
    return {name: tuple(values) for name, values in _grouped(_pairs(raw.query.encode("latin-1"))).items()}


def as_query(raw: RawRequest) -> str:
    """Give a form the shape of an address's query, just as it is. Raises `InvalidRequestError`."""
    if raw.body is None or len(raw.body) > MAX_QUERY_BYTES:
        raise InvalidRequestError(_NO_BODY)
    if raw.content_type.partition(";")[0].strip().lower() != FORM:
        raise InvalidRequestError(_NO_FORM)
    return urlencode(_pairs(raw.body))


def read_nothing(raw: RawRequest, uri: str) -> FormRequest:
    """Read a request that needs no parameters; those of a form are read all the same, so that a token in it is seen."""
    # What was too long to be read could hold a token as well.
    if raw.body is None or (raw.body and raw.content_type.partition(";")[0].strip().lower() == FORM):
        return read_form(raw, uri)
    refuse_query(raw)
    return FormRequest(raw, uri, {})


def refuse_query(raw: RawRequest) -> None:
    """Refuse a request that has parameters of ours in its query. Raises `InvalidRequestError`."""
    try:
        names = {name for name, _ in parse_qsl(raw.query, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)}
    except ValueError:
        raise InvalidRequestError(_MANY_IN_QUERY) from None
    if names & BODY_ONLY:
        raise InvalidRequestError(_IN_QUERY)


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError:  # UnicodeDecodeError is one; its message would repeat the bytes
        raise InvalidRequestError(_UNREADABLE) from None


def collected(pairs: list[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Give values by name. Raises `InvalidRequestError`: one comes twice, or holds control characters."""
    found = _grouped(pairs)
    assert_each_once(found)
    return found


def _grouped(pairs: list[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        if _NOT_ALLOWED.search(name) or _NOT_ALLOWED.search(value):
            raise InvalidRequestError(_CONTROL)
        found[name].append(value)
    return found


def assert_each_once(found: Mapping[str, Sequence[str]]) -> None:
    """Refuse parameters that come more than once (S26). Raises `InvalidRequestError`."""
    for name, values in found.items():
        if len(values) > 1 and name not in REPEATABLE:
            raise InvalidRequestError(_TWICE)


def without_empty(found: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Leave out what was sent without a value, as if it were not there (RFC 6749 section 3.2)."""
    full = {name: tuple(value for value in values if value) for name, values in found.items()}
    return {name: values for name, values in full.items() if values}
