"""Visitors who begin to say something, and then say nothing more."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.system.service import Service

PATIENCE_S = 0.5
HALF = b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"


@pytest.mark.row("S47")
def test_who_never_ends_a_request_keeps_nobody_out_for_long(service: Service) -> None:
    """As many half requests as there are threads, all kept open: without an end to our patience nobody else would be answered."""
    file = service.config.with_name("clock")
    file.write_text("0", encoding="ascii")
    with service.web("tests.system.served_at", str(service.config), str(file), str(PATIENCE_S)) as web:
        for half in (HALF, HALF + b"\r\ngrant_type="):
            with ExitStack() as held:
                for _ in range(service.settings.service.threads):
                    held.enter_context(_half_request(service, half))
                assert service.is_alive()
        assert "Traceback" not in web.said
        assert '"level": "error"' not in web.said


def _half_request(service: Service, half: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", service.settings.service.port))
    connection.sendall(half)
    return connection
