"""What the web hands in, and what it is handed back; no framework in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BODY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as it came, nothing of it judged yet.

    Args:
        method: of HTTP, in upper case.
        query: what stands behind the question mark, undecoded.
        content_type: the header, or empty.
        body: the bytes, or None when they were not less than `MAX_BODY_BYTES` or could not be read.
        authorization: the header, or None.
        dpop: every header of that name (RFC 9449 section 4.1).
        certificate: the client's, as a proxy of ours has handed it on after TLS, escaped PEM; None for none.
        certificate_verified: that proxy has found it issued by an authority that it trusts.
        address: the client's address, after the trusted proxies.
        network: what limits count that address by.
    """

    method: str
    query: str = field(repr=False)
    content_type: str
    body: bytes | None = field(repr=False)
    authorization: str | None = field(repr=False)
    address: str
    network: str
    dpop: tuple[str, ...] = field(default=(), repr=False)
    certificate: str | None = field(default=None, repr=False)
    certificate_verified: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in JSON.

    Args:
        status: of HTTP.
        body: becomes JSON; may hold a token.
        headers: besides the length.
    """

    status: int
    body: Mapping[str, object] = field(repr=False)
    headers: tuple[tuple[str, str], ...]
