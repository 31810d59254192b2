"""Ports on loopback for what a test starts.

They lie below those that the kernel gives to outgoing connections. A port among these can be taken, before its server
listens, by any connection on the machine, and even by the one that asks whether the server listens yet: TCP lets a socket
connect to itself, and whoever asked reads its own question as the answer.
"""

from __future__ import annotations

import random
import socket
from pathlib import Path

_LOOPBACK = "127.0.0.1"
_FIRST = 10_000
_OF_CONNECTIONS = Path("/proc/sys/net/ipv4/ip_local_port_range")
_claims: list[socket.socket] = []  # until this process ends, lest another run takes a port between our look and its use


def free_port() -> int:
    """Find a port that nobody listens on, and that no other test is given."""
    below = int(_OF_CONNECTIONS.read_text(encoding="ascii").split()[0])
    for _ in range(below - _FIRST):
        port = random.randrange(_FIRST, below)  # noqa: S311  # no secret
        if _is_free(port) and _claimed(port):
            return port
    message = f"no port is free from {_FIRST} to {below}"
    raise OSError(message)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((_LOOPBACK, port))
        except OSError:
            return False
    return True


def _claimed(port: int) -> bool:
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0koppel-idp-test-{port}")  # an abstract name (unix(7)), which ends with its holder
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True
