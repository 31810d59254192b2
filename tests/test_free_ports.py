"""Ports for tests: a server gets the one that it was given."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.free_ports import free_port

_MANY = 400  # by chance, two lots of them would have about seven in common


def test_no_outgoing_connection_can_take_the_port() -> None:
    """A server under test would find its port taken, or a test would read its own question as the answer, once in a while."""
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    assert all(free_port() < first for _ in range(50))


def test_nobody_is_given_the_port_of_another() -> None:
    """Two tests at the same time would start their servers on one port."""
    ours = {free_port() for _ in range(_MANY)}
    ask = f"from tests.free_ports import free_port; print(*(free_port() for _ in range({_MANY})))"
    theirs = subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True, text=True)  # noqa: S603  # our own words
    assert ours.isdisjoint(map(int, theirs.stdout.split()))
