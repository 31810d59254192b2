"""Whether the directory is reached at all, and safely."""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ldap3 import SUBTREE

from idp.adapters.ldap.checks.findings import Finding
from idp.adapters.ldap.people import Search
from idp.adapters.ldap.server import ask_for_tls, hang_up
from idp.adapters.ldap.spelling import at_least
from idp.errors import DirectoryUnavailable
from idp.setting_values import is_loopback
from idp.tls import verifying_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.adapters.ldap.checks.site import Site
    from idp.adapters.ldap.server import LdapServer

_LDAPS_PORT = 636
_ABOUT_TO_EXPIRE = timedelta(days=30)
_APART = timedelta(minutes=2)


def encrypted(site: Site) -> Iterator[Finding]:
    """Passwords cross a network only under TLS (S48)."""
    parts = urlsplit(site.server.url)
    if parts.scheme == "ldap" and not site.server.start_tls and not is_loopback(parts.hostname or ""):
        remedy = "use ldaps:// in directory.url, or directory.start_tls"
        yield Finding("encrypted", f"passwords go to {parts.hostname} in the clear", remedy)


def certificate(site: Site) -> Iterator[Finding]:
    """The certificate is valid, for this host, and for a month to come."""
    if not (site.server.start_tls or site.server.url.startswith("ldaps://")):
        return
    try:
        until = _valid_until(site.server)
    except ssl.SSLCertVerificationError as exc:
        remedy = "renew it, or set directory.ca_file and the host of directory.url to match it"
        yield Finding("certificate", f"the server's certificate is not valid here: {exc.verify_message}", remedy)
    except (OSError, DirectoryUnavailable):  # `reachable` tells about that
        return
    else:
        if until - site.clock.now() < _ABOUT_TO_EXPIRE:
            yield Finding("certificate", f"the server's certificate expires on {until:%Y-%m-%d}", "renew it")


def reachable(site: Site) -> Iterator[Finding]:
    """The directory answers, and takes the service for who it is."""
    try:
        site.as_service.who_am_i()
    except DirectoryUnavailable as exc:
        remedy = "look at directory.url, directory.service_dn and directory.password_file, and whether the server runs"
        yield Finding("reachable", f"the service can't bind: {exc}", remedy)


def clock(site: Site) -> Iterator[Finding]:
    """The directory has the time that this machine has, as far as that shows: nothing was changed in times to come.

    No server tells its time. One that is behind shows only by what it is asked to write.
    """
    soon = site.clock.now().astimezone(UTC) + _APART
    condition = at_least("entryCSN", f"{soon:%Y%m%d%H%M%S.%f}Z#000000#000#000000")
    for container in (site.tree.users_dn, site.tree.people_dn):
        try:
            ahead = site.as_service.some(Search(container, SUBTREE, condition, ("1.1",)))
        except DirectoryUnavailable:  # too many to read without an index
            return
        if ahead:
            problem = f"{ahead[0].dn} was changed in times to come: the directory's clock, or this machine's, is wrong"
            yield Finding("clock", problem, "set both by NTP; until it has come that far, links and the 24 hours are wrong")
            return


def _valid_until(server: LdapServer) -> datetime:
    parts = urlsplit(server.url)
    host = parts.hostname or ""
    context = verifying_context(server.ca_file, "directory.ca_file")
    with _ready_for_tls(server, host, parts.port) as plain, context.wrap_socket(plain, server_hostname=host) as wrapped:
        facts = wrapped.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(facts["notAfter"])), UTC)


@contextmanager
def _ready_for_tls(server: LdapServer, host: str, port: int | None) -> Iterator[socket.socket]:
    if not server.start_tls:
        with socket.create_connection((host, port or _LDAPS_PORT), server.timeout_s) as plain:
            yield plain
        return
    connection, _ = replace(server, start_tls=False).connect()
    try:
        ask_for_tls(connection)
        yield connection.socket
    finally:
        hang_up(connection)
