"""No test talks to another machine: connections, datagrams and look-ups beyond loopback are refused.

An audit hook sees every socket of this process, whichever library made it, and can't be taken away again by a test.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_ADDRESSED = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKED_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})


class LeftThisMachine(OSError):
    """A test tried to reach an address that is not loopback."""


def refuse_beyond_loopback(event: str, arguments: tuple[object, ...]) -> None:
    """Judge one audit event (https://docs.python.org/3/library/audit_events.html).

    Raises:
        LeftThisMachine: the event would reach another machine.
    """
    if event in _ADDRESSED:
        _refuse_address(arguments)
    elif event in _LOOKED_UP and not _is_loopback(arguments[0]):
        raise LeftThisMachine(arguments[0])


def _refuse_address(arguments: tuple[object, ...]) -> None:
    maker, address = arguments[0], arguments[1]
    if not isinstance(maker, socket.socket) or maker.family not in (socket.AF_INET, socket.AF_INET6):
        return  # a Unix socket never leaves
    if isinstance(address, tuple) and not _is_loopback(address[0]):
        raise LeftThisMachine(address[0])


def _is_loopback(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):  # None and "" mean: any address of this machine
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


def pytest_configure(config: pytest.Config) -> None:
    """Put the hook in place, for the whole process."""
    del config
    sys.addaudithook(refuse_beyond_loopback)
