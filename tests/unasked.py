"""A server that nobody may ask."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def unasked() -> Iterator[str]:
    """Listen on this machine; gives the address. Nobody must have connected by the end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/given"
        server.setblocking(False)  # noqa: FBT003  # the standard library's own
        with pytest.raises(BlockingIOError):
            server.accept()
