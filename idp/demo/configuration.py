"""The demo's own configuration: what was asked for, with the demo's parts put in."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from idp.adapters.slapd import EmbeddedSlapd
from idp.demo.place import Place, write_private
from idp.errors import ConfigurationError
from idp.serving import bind
from idp.settings import ServiceSettings, Settings, is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_LOOPBACK = "127.0.0.1"
_LDAP_PORT, _LDAPS_PORT = 3890, 6360
"""Of the demo's directory, when they are free: what an admin's tool has in its history still works after a restart."""


@dataclass(frozen=True, slots=True)
class DemoPorts:
    """On 127.0.0.1, each free a moment ago.

    Args:
        web: the pages.
        ldap: the embedded directory.
        ldaps: the same, behind TLS.
        smtp: the demo's mail server.
    """

    web: int
    ldap: int
    ldaps: int
    smtp: int

    @classmethod
    @contextmanager
    def taken(cls, web: int) -> Iterator[DemoPorts]:
        """Look for ports, before anything is made or started, and keep other demos away from them meanwhile.

        Args:
            web: the port asked for.

        Raises:
            ConfigurationError: the port asked for is taken.
        """
        bind(_LOOPBACK, web).close()
        with socket.socket(socket.AF_UNIX) as claim:
            is_first = _claimed(claim, _LDAP_PORT)
            ldap, ldaps = (_free_port(port if is_first else 0) for port in (_LDAP_PORT, _LDAPS_PORT))
            yield cls(web, ldap, ldaps, _free_port())


def assert_private(wanted: Settings) -> None:
    """Refuse a configuration that is somebody's own: the demo would fill it with people, and show its mail to all.

    Raises:
        ConfigurationError: it names a directory, a store, a mail server, or an address beyond this machine.
    """
    untouched = ServiceSettings()
    own = {
        "directory.url": wanted.directory.url is not None,
        "mail.host": wanted.mail.host is not None,
        "store.url": wanted.store.url is not None,
        "service.origin": wanted.service.origin != untouched.origin,
        "service.listen": not is_loopback(wanted.service.listen),
        "service.trusted_proxies": bool(wanted.service.trusted_proxies),
    }
    named = [key for key, is_own in own.items() if is_own]
    if named:
        message = (
            f"the configuration names {named[0]}, and the demo brings its own; "
            "use `idp serve` and `idp worker`, or start the demo without that key"
        )
        raise ConfigurationError(message)


def demo_settings(wanted: Settings, place: Place, ports: DemoPorts) -> Settings:
    """Put the demo's parts into a configuration; all the rest, limits above all, stays as in production.

    Args:
        wanted: as it was read.
        place: the demo's folder.
        ports: of its parts.
    """
    base_dn = wanted.directory.base_dn
    slapd = EmbeddedSlapd(place.slapd, base_dn, ports.ldap)  # on its socket
    document = wanted.model_dump()
    document["service"] |= {
        "origin": f"http://{_LOOPBACK}:{ports.web}",
        "listen": _LOOPBACK,
        "port": ports.web,
        "state": place.folder,
    }
    document["directory"] |= {
        "url": slapd.ldapi_url,
        "service_dn": slapd.service_dn,
        "decoy_dn": slapd.decoy_dn,
        "password_file": slapd.service_password_file,
    }
    document["mail"] |= {"host": _LOOPBACK, "port": ports.smtp, "tls": "none", "username": None, "password_file": None}
    return Settings.model_validate(document)


def write_settings(settings: Settings, path: Path) -> None:
    """Write a whole configuration as TOML. Raises `ConfigurationError`."""
    lines = ["# Written by `idp demo` at each start."]
    for section, keys in settings.model_dump(mode="json", exclude_none=True).items():
        lines += _table(section, keys)
    write_private(path, "\n".join(lines) + "\n")


def _table(name: str, keys: Mapping[str, Any]) -> Iterator[str]:
    tables = {key: value for key, value in keys.items() if isinstance(value, dict)}
    yield from ("", f"[{name}]")
    # What JSON writes for a text, a number, a truth or a list of them is TOML as well.
    yield from (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items() if key not in tables)
    for key, value in tables.items():
        yield from _table(f"{name}.{json.dumps(key)}", value)


def _claimed(claim: socket.socket, port: int) -> bool:
    """Be the one demo that may have a port: slapd listens a moment after we looked, and another demo looks too."""
    try:
        claim.bind(f"\0koppel-idp-demo-{port}")  # an abstract name (unix(7)), which ends with its holder
    except OSError:
        return False
    return True


def _free_port(preferred: int = 0) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    message = f"no port is free on {_LOOPBACK}"
    raise ConfigurationError(message)
