"""What a setting may be, where its type alone does not say it.

No message repeats the value: it could be a secret in the wrong place.
"""

from __future__ import annotations

import ipaddress
import re
from importlib.util import find_spec
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

_REDIS = ("redis", "rediss")
_REALM = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", re.ASCII)


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        message = "a network is written as 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32, with no bits set behind its length"
        raise ValueError(message) from None
    return text


def origin(text: str) -> str:
    """Give an origin as it was written. Raises ValueError: it is none, or not the one spelling of it."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        message = "an origin is https://host or http://host:port, without a path"
        raise ValueError(message)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        message = "plain http is for loopback only; use https://"
        raise ValueError(message)
    if text != text.lower() or parts.username is not None or not _has_port_in_range(text):
        # It is compared, and begins every link and the issuer's name: one spelling only (RFC 6454 section 4).
        message = "an origin is written in lower case, as https://host or https://host:port, and without a log-in"
        raise ValueError(message)
    return text


def _has_port_in_range(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _address(text: str) -> str:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        message = "an address to listen on is written as 127.0.0.1, 0.0.0.0 or ::1"
        raise ValueError(message) from None
    return text


def _realm(text: str) -> str:
    if not _REALM.fullmatch(text):
        message = "a realm is what stands behind the at sign, such as u4bsw.nl"
        raise ValueError(message)
    return text


IN_MEMORY = "memory://"


def _storage(text: str) -> str:
    scheme = text.partition("://")[0]
    if text != IN_MEMORY and scheme not in _REDIS:
        message = "counters are kept in memory:// or in redis://"
        raise ValueError(message)
    if scheme in _REDIS and find_spec("redis") is None:
        message = "counters in Redis need the Python package redis, which is not installed"
        raise ValueError(message)
    return text


def _directory_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("ldaps", "ldapi", "ldap") or not (parts.netloc or parts.path) or not _has_port_in_range(text):
        message = "a directory is ldaps://host, ldapi://socket, or ldap://host"
        raise ValueError(message)
    return text


def _line(text: str) -> str:
    if not text or not text.isprintable():
        message = "a text of one line is wanted, and not an empty one"
        raise ValueError(message)
    return text


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (OSError, ValueError, ZoneInfoNotFoundError):  # a folder's name, a path, and any other word
        message = "a time zone is a name such as Europe/Amsterdam"
        raise ValueError(message) from None
    return text


def _rates(text: str) -> str:
    from limits import parse_many  # noqa: PLC0415  # a tenth of a second, which a command need not wait for

    try:
        parse_many(text)
    except ValueError:
        message = "a limit is written as '3 per hour', several as '3 per hour; 6 per day'"
        raise ValueError(message) from None
    return text


Address = Annotated[str, AfterValidator(_address)]
Realm = Annotated[str, AfterValidator(_realm)]
Storage = Annotated[str, AfterValidator(_storage)]
Network = Annotated[str, AfterValidator(_network)]
Origin = Annotated[str, AfterValidator(origin)]
DirectoryUrl = Annotated[str, AfterValidator(_directory_url)]
Line = Annotated[str, AfterValidator(_line)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Rates = Annotated[str, AfterValidator(_rates)]
