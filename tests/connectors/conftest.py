"""A running service that somebody else's package was added to, for all tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import at, begun, new
from tests.cli.installation import Ran, run_here
from tests.connectors.another_package import AnotherPackage
from tests.contract.mailer.real_server import RealServer
from tests.slapd import RunningSlapd
from tests.system.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["at", "begun", "new"]

NAME = "U4BBGA0008"
PASSWORD = "vijf losse woorden, één met een é"

# What `idp connector try` on another machine does not know.
FACTS = """
[connectors.rabobank]
source_networks = ["192.0.2.0/24"]

[connectors.triodos]
password_grant_sunset = 2020-01-01

[connectors.ing]
grants = ["password", "refresh_token"]
refresh_token_lifetime = 3600

[connectors.vendor_api]
client_auth_methods = ["client_secret_post", "client_secret_basic", "private_key_jwt"]
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """A service, and applications that it knows: client_id and secret by kind."""

    service: Service
    clients: dict[str, tuple[str, str]]

    @property
    def url(self) -> str:
        """The service's."""
        return self.service.settings.service.origin

    def run(
        self, kind: str, *more: str, name: str = NAME, password: str = PASSWORD, secret: str | None = None, url: str | None = None
    ) -> Ran:
        """Run `idp connector try` as somebody does who has nothing of the service but its address."""
        client_id, right = self.clients[kind]
        stdin = f"{secret or right}\n{password}\n"
        words = ("--client-id", client_id, "--username", name, "--client-secret-file", "-", "--password-file", "-")
        return run_here("connector", "try", kind, *words, "--url", url or self.url, *more, stdin=stdin)


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> AnotherPackage:
    """Somebody else's package, installed."""
    return AnotherPackage.made_in(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def tried(tmp_path_factory: pytest.TempPathFactory, package: AnotherPackage) -> Iterator[Tried]:
    """The service, serving."""
    folder = tmp_path_factory.mktemp("t")
    slapd = RunningSlapd.start_in(folder)
    try:
        with RealServer() as mail:
            service = Service.install(folder, slapd, mail)
            service.config.write_text(service.config.read_text("utf-8") + FACTS, encoding="utf-8")
            service.add_user(NAME, "anna@example.nl", PASSWORD)
            kinds = ("basecone", "rabobank", "triodos", "ing", "vendor_api", "bookkeeper")
            clients = {kind: service.add_client(kind) for kind in kinds}
            with service.web(environment=package.environment):
                yield Tried(service, {kind: (client.client_id, secret) for kind, (client, secret) in clients.items()})
    finally:
        slapd.stop()
