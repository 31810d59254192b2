"""A backup that is taken under load, and what is restored from it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from tests.cli.installation import run_here
from tests.system.restored import back_up, restored_service
from tests.system.visitor import Visitor

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.service import Service

UID, PASSWORD = "U4BBGA7301", "een wachtzin die de back-up overleeft"
ASKING = 2
STOP = "stop `idp serve`, `idp worker` and all other commands first"


class Load:
    """Applications that ask for tokens, again and again, and keep what they were given."""

    def __init__(self, service: Service) -> None:
        """Register one."""
        client, secret = service.add_client("vendor_api")
        self.client = {"client_id": client.client_id, "client_secret": secret}
        self.url = service.settings.service.origin
        self.acknowledged: list[str] = []
        self.some = threading.Event()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(ASKING)]

    def __enter__(self) -> Self:
        """Begin, and wait until some were given."""
        for thread in self._threads:
            thread.start()
        assert self.some.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        visitor = Visitor(self.url)
        while not self._stop.is_set():
            answer = visitor.post(
                "/oauth/token", {"grant_type": "password", "username": UID, "password": PASSWORD, **self.client}
            )
            if answer.status == 200:
                self.acknowledged.append(answer.json["refresh_token"])
                if len(self.acknowledged) >= 10:
                    self.some.set()

    def is_good(self, url: str, refresh_token: str) -> bool:
        """Ask a service what a token is worth (RFC 7662)."""
        answer = Visitor(url).post("/oauth/introspect", {"token": refresh_token, **self.client})
        return bool(answer.json["active"])


def test_a_token_that_was_given_before_the_backup_began_is_there_after_the_restore(service: Service, tmp_path: Path) -> None:
    """A bank has its token, and the service that was restored says that it never gave it."""
    with service.config.open("a", encoding="utf-8") as config:  # [limits]: one application does the work of many
        config.write('token_client_user = "1000000 per hour"\n')
    service.add_user(UID, "anna@example.nl", PASSWORD)
    load = Load(service)
    with service.web():
        with load:
            before = list(load.acknowledged)
            backup = back_up(service.config, tmp_path / "backups")
        refused = run_here("--config", str(service.config), "restore", str(backup))
        assert refused.sentence == f"{service.settings.service.state} is in use; {STOP}"
    given = load.acknowledged
    assert len(given) > len(before)  # it was under load all the time
    with restored_service(service.config, backup, tmp_path) as restored:
        assert all(load.is_good(restored.url, token) for token in before)
        assert not load.is_good(restored.url, given[-1])
        assert "the audit trail is whole, up to command/" in restored.said
