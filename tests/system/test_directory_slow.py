"""A frozen directory, and more who need it than there are threads: pages that need none are served meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from tests.system.processes import waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.service import Service

TIMEOUT_S = 5
REQUESTS = 24
UID = "U4BBGA5003"
PASSWORD = "vijf losse woorden achter elkaar"


@contextmanager
def frozen(service: Service) -> Iterator[None]:
    """Let the directory answer nobody."""
    service.slapd.pause()
    try:
        yield
    finally:
        service.slapd.resume()


def test_pages_without_a_directory_are_served_meanwhile(service: Service) -> None:
    """A load balancer would take a healthy process for dead, and kill it; a visitor would see nothing at all."""
    text = service.config.read_text(encoding="utf-8")
    service.config.write_text(text.replace("timeout_s = 0.5", f"timeout_s = {TIMEOUT_S}", 1), encoding="utf-8")
    service.add_user(UID, "anna@example.nl", PASSWORD)
    client, secret = service.add_client()
    fields = {"grant_type": "password", "username": UID, "password": PASSWORD}
    fields |= {"client_id": client.client_id, "client_secret": secret}

    def ask(_: int) -> int:
        return service.visitor().post("/oauth/token", fields).status

    with service.web(), ThreadPoolExecutor(REQUESTS) as pool:
        assert ask(0) == 200
        with frozen(service):
            began = monotonic()
            asked = [pool.submit(ask, number) for number in range(REQUESTS)]
            assert any(True for _ in waiting(TIMEOUT_S) if any(one.done() for one in asked))
            assert service.is_alive()
            assert service.visitor().open("/reset").status == 200
            assert monotonic() - began < TIMEOUT_S  # the first who asked still wait
            assert {one.result() for one in asked} == {503}
            # The first may come when the pause is over, and be the one that tries.
            states = [service.parts()[1]["directory"] for _ in range(2)]
            assert any("gave no answer in time; it is asked again" in state for state in states)
        assert any(service.parts()[0] == 200 for _ in waiting(2 * TIMEOUT_S))
        assert ask(0) == 200
