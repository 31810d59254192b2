"""Where an authorization may send a browser back to: the one place for S1 and S2."""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from socket import inet_aton
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from idp.errors import RedirectUriRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VISIBLE = re.compile(r"[!-\[\]-~]+")
"""RFC 3986 knows neither spaces nor other alphabets; a backslash is a slash to browsers and none to others."""

_PORT = "(?::[1-9][0-9]{0,4})?"
_REST = "([/?].*)?"
# RFC 8252 section 7.3. No name: whoever can change how `localhost` is looked up could take the answer (section 8.3).
_LOOPBACK = re.compile(rf"(http://(?:127\.0\.0\.1|\[::1\])){_PORT}{_REST}")
_HTTPS = re.compile(rf"https://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]){_PORT}{_REST}")

_MAX_LABEL = 63  # RFC 1035 section 2.3.4

_RESPONSE = {"code", "state", "iss", "error", "error_description", "error_uri"}


def assert_redirect_uri(uri: str) -> None:
    """See that an address may be registered.

    Args:
        uri: as the application will send it.

    Raises:
        RedirectUriRefused: neither https nor loopback http, or not exact; the sentence says what is wrong.
    """
    for holds, complaint in _rules(uri):
        if not holds:
            raise RedirectUriRefused(complaint)


def is_registered(asked: str, registered: tuple[str, ...]) -> bool:
    """Tell whether an address is one of those registered: the same characters; of a loopback one the port may differ (S1).

    Args:
        asked: as it was sent; anything.
        registered: of the client.
    """
    return asked in registered or (_LOOPBACK.fullmatch(asked) is not None and _portless(asked) in map(_portless, registered))


def tells_its_application(uri: str) -> bool:
    """Tell whether an address is one that only its application can answer at: any program on a machine can listen on loopback.

    A certificate changes nothing there: one for `localhost` comes with the program, and its key with it (RFC 8252 section 8.6).

    Args:
        uri: registered.
    """
    return _HTTPS.fullmatch(uri) is not None and not _is_loopback(str(urlsplit(uri).hostname))


def is_origin_of(origin: str, registered: tuple[str, ...]) -> bool:
    """Tell whether a page of this origin is where one of the registered addresses is; of a loopback one the port may differ.

    Args:
        origin: as a browser says it (RFC 6454 section 6.2); anything.
        registered: of the client.
    """
    asked = _origin(origin)
    return asked is not None and asked in map(_origin, registered)


def _origin(uri: str) -> str | None:
    loopback = _LOOPBACK.fullmatch(uri)
    try:
        parts = urlsplit(uri.lower())  # pragma: no mutate  # in capitals all of them would be the same as well
    except ValueError:  # brackets around no IPv6 address
        return None
    return loopback[1] if loopback else f"{parts.scheme}://{parts.netloc}".removesuffix(":443")


def with_parameters(uri: str, parameters: Mapping[str, str]) -> str:
    """Give a registered address with what is said there in its query, behind what stands in it already.

    Args:
        uri: registered, hence without a fragment.
        parameters: what is said.
    """
    return uri + ("&" if "?" in uri else "?") + urlencode(parameters)


def host_of(uri: str) -> str:
    """Give the host of a registered address, with its port if it names one, for people."""
    return urlsplit(uri).netloc


def form_target_of(uri: str) -> str:
    """Give what a page's policy must name for its form to lead there (Content Security Policy 3, `form-action`)."""
    parts = urlsplit(uri)
    # A policy has no notation for an IPv6 address.
    return f"{parts.scheme}:" if "[" in parts.netloc else f"{parts.scheme}://{parts.netloc}"


def _rules(uri: str) -> Iterator[tuple[bool, str]]:
    # In this order: what comes later can only be judged of what has come so far.
    exact = _VISIBLE.fullmatch(uri) is not None and "*" not in uri
    yield exact, "a redirect URI is one exact address: no spaces, backslashes, wildcards or other alphabets"
    yield "#" not in uri, "a redirect URI has no fragment"  # RFC 6749 section 3.1.2
    safe = _LOOPBACK.fullmatch(uri) is not None or _HTTPS.fullmatch(uri) is not None
    yield safe, "a redirect URI begins with https:// or, for a program on its user's own machine, with http://127.0.0.1"
    yield _can_be_reached(uri), "a redirect URI has a host and a port that there can be"
    names = {name for name, _ in parse_qsl(urlsplit(uri).query, keep_blank_values=True)}
    yield not names & _RESPONSE, "the query of a redirect URI has no name that an answer has, such as code or state"


def _can_be_reached(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        _ = parts.port  # which is read here
    except ValueError:
        return False
    labels = str(parts.hostname).removesuffix(".").split(".")
    return all(0 < len(label) <= _MAX_LABEL for label in labels)


def _is_loopback(host: str) -> bool:
    name = host.removesuffix(".")
    if name.split(".")[-1] == "localhost":  # RFC 6761 section 6.3: whatever stands before it
        return True
    if ":" in name:
        six = IPv6Address(name)
        return six.is_loopback or (six.ipv4_mapped is not None and six.ipv4_mapped.is_loopback)
    with suppress(OSError):  # a name
        # Not `IPv4Address` alone: to browsers `127.1` is an address too.
        return IPv4Address(inet_aton(name)).is_loopback
    return False


def _portless(uri: str) -> tuple[str | None, ...]:
    found = _LOOPBACK.fullmatch(uri)
    return (uri,) if found is None else (found[1], found[2])
