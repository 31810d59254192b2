"""The outside, opened for a test, and closed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from idp.adapters.ldap import LdapDirectory
from idp.adapters.sql import SqlStore
from idp.outside import open_ports
from tests.easy_captcha import easy_captcha

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.outside import Ports
    from idp.ports.outside import Clock
    from idp.settings import Settings


@contextmanager
def opened_ports(settings: Settings, clock: Clock) -> Iterator[Ports]:
    """Open everything as it is configured; only the captcha is an easy one.

    Args:
        settings: where it is.
        clock: the time.
    """
    ports = open_ports(settings, clock)
    ports = replace(ports, captcha=easy_captcha(ports.digests))
    try:
        yield ports
    finally:
        for part in (ports.directory, ports.store):
            assert isinstance(part, LdapDirectory | SqlStore)
            part.close()
