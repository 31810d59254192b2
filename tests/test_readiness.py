"""Whoever starts a process is told when it works."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from idp.readiness import tell_ready

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("namespace", ["", "@"])
def test_the_service_manager_is_told(tmp_path: Path, namespace: str) -> None:
    """Otherwise `systemctl start` waits, and kills a worker that works."""
    address = f"{namespace}{tmp_path / 'notify'}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address.replace("@", "\0", 1))
        tell_ready({"NOTIFY_SOCKET": address})
        manager.settimeout(5)
        assert manager.recv(100) == b"READY=1"


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/at/all"}])
def test_without_one_nothing_happens(environment: dict[str, str]) -> None:
    """It is started by hand, or by a manager that has gone."""
    tell_ready(environment)
