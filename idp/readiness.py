"""Tells the service manager that a process does its work: whoever starts it waits for that (sd_notify(3))."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def tell_ready(environment: Mapping[str, str]) -> None:
    """Say so to whoever listens; where nobody does, or does no more, nothing is said.

    Args:
        environment: of the process; ``NOTIFY_SOCKET`` is where the service manager listens.
    """
    address = environment.get("NOTIFY_SOCKET")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        # A name that begins with an at sign is in the abstract namespace (unix(7)).
        manager.sendto(b"READY=1", f"\0{address[1:]}" if address.startswith("@") else address)
