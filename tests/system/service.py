"""Web and worker beside a directory and a mail server that a test can stop: as in production, each a process of its own."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http import HTTPStatus
from typing import TYPE_CHECKING

from idp.adapters.ldap import LdapOperator, SocketIdentity
from idp.adapters.system_clock import SystemClock
from idp.outside import ldap_server, open_digests, open_store
from idp.ports.directory import NewUser
from idp.services.clients import ClientRegistry
from idp.settings import Settings, load_settings
from idp.worker import Worker
from tests.free_ports import free_port
from tests.opened_ports import opened_ports
from tests.system import flows
from tests.system.processes import Started, waiting
from tests.system.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from idp.domain.client import Client
    from idp.ports.outside import Clock
    from tests.contract.mailer.real_server import RealServer
    from tests.slapd import RunningSlapd

DIRECTORY_TIMEOUT_S = 0.5
_START_TIMEOUT_S = 30
_LIMITS = (
    "reset_address",
    "reset_name",
    "captcha_address",
    "link_address",
    "login_address",
    "token_address",
    "authorize_address",
    "registration_address",
)


@dataclass(slots=True)
class StandingClock:
    """A clock that stands still, and is moved by hand.

    Args:
        ahead_s: how many seconds it is ahead of the machine's when it is made.
    """

    ahead_s: float = 0
    _moment: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Read the machine's clock, once."""
        self._moment = datetime.now(UTC) + timedelta(seconds=self.ahead_s)

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self._moment += timedelta(seconds=seconds)

    def now(self) -> datetime:
        """The moment that it shows."""
        return self._moment


@dataclass
class Service:
    """One installation, by its configuration file.

    Args:
        config: the file.
        slapd: its directory.
        mail: its mail server.
        settings: what the file says.
    """

    config: Path
    slapd: RunningSlapd
    mail: RealServer
    settings: Settings = field(repr=False)

    @classmethod
    def install(cls, folder: Path, slapd: RunningSlapd, mail: RealServer, state: Path | None = None) -> Service:
        """Write a configuration.

        Args:
            folder: for it, and for what the processes say.
            slapd: the directory.
            mail: the mail server.
            state: folder of the state.
        """
        port = free_port()
        kept = state or folder / "state"
        kept.mkdir(exist_ok=True)
        document: dict[str, dict[str, object]] = {
            "service": {"origin": f"http://127.0.0.1:{port}", "port": port, "state": str(kept), "log_level": "DEBUG"},
            "directory": {
                "url": slapd.embedded.ldapi_url,
                "password_file": str(slapd.embedded.service_password_file),
                "timeout_s": DIRECTORY_TIMEOUT_S,
            },
            "mail": {"host": "127.0.0.1", "port": mail.port, "tls": "none", "timeout_s": 0.5},
            "oauth": {"registration": True},
            # Limits have tests of their own; here one person does everything.
            "limits": dict.fromkeys(_LIMITS, "1000000 per hour"),
        }
        config = folder / "idp.toml"
        sections = [
            f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
            for name, keys in document.items()
        ]
        config.write_text("\n".join(sections), encoding="utf-8")
        return cls(config, slapd, mail, load_settings(config))

    # -- people and applications --

    def add_user(self, uid: str, mail: str, password: str | None = None) -> None:
        """Add a koppelgebruiker with an owner."""
        directory = self.settings.directory
        operator = LdapOperator(server=ldap_server(directory), base_dn=directory.base_dn, operator=SocketIdentity())
        try:
            operator.create_user(NewUser(uid, f"A-{uid}", mail, "Anna de Vries"))
        finally:
            operator.close()
        if password is not None:
            self.write(uid, "userPassword", password)

    def write(self, uid: str, attribute: str, value: str | None) -> None:
        """Write one attribute of a koppelgebruiker, as an admin does."""
        self.slapd.write(f"uid={uid},ou=koppelgebruikers,{self.settings.directory.base_dn}", attribute, value)

    def add_client(self, connector: str = "vendor_api") -> tuple[Client, str]:
        """Register an application; gives its secret too."""
        digests = open_digests(self.settings)
        store = open_store(self.settings, digests)
        try:
            return ClientRegistry(store, digests, SystemClock()).add(connector, "a test", "a test")
        finally:
            store.close()

    # -- processes --

    @contextmanager
    def web(
        self,
        module: str = "idp.cli",
        *arguments: str,
        before: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Iterator[Started]:
        """Run the web server.

        Args:
            module: what serves it.
            arguments: of the module; `idp serve` otherwise.
            before: a program that starts it.
            environment: variables besides our own.
        """
        output = self.config.with_name("web.out")
        wanted = arguments or ("--config", str(self.config), "serve")
        started = Started.python(output, module, *wanted, before=before, environment=environment)
        try:
            self._wait(started)
            yield started
        finally:
            started.end()

    def start_worker(self) -> Started:
        """Start a worker process."""
        return Started.idp(self.config.with_name("worker.out"), "--config", str(self.config), "worker")

    @contextmanager
    def hands(self, clock: Clock | None = None, smtp_port: int | None = None) -> Iterator[Worker]:
        """Give a worker that works step by step, on real parts.

        Args:
            clock: the time; the machine's otherwise.
            smtp_port: of another mail server.
        """
        mail = self.settings.mail.model_copy(update={"port": smtp_port or self.mail.port})
        settings = self.settings.model_copy(update={"mail": mail})
        with opened_ports(settings, clock or SystemClock()) as ports:
            yield Worker.build(settings, ports, threading.Event())

    # -- what is done in it --

    def ask_for_reset(self, uid: str) -> None:
        """Ask for a password, as a stranger."""
        page = flows.ask_for_reset(self.visitor(), f"{uid}@{self.settings.brand.canonical_realm}")
        assert "Controleer je e-mail" in page.text

    def mailed_link(self, uid: str) -> str:
        """Ask for a password, let the mail be sent, and give its link."""
        self.ask_for_reset(uid)
        with self.hands() as worker:
            worker.step()
        return self.links()[-1]

    def links(self) -> list[str]:
        """Give every link to a new password that was mailed, oldest first."""
        found = []
        for delivered in self.mail.delivered:
            part = message_from_bytes(delivered.content, policy=policy.default).get_body(("plain",))
            found += re.findall(r"http\S+/reset/password/\S+", part.get_content() if part else "")
        return found

    # -- over the wire --

    def visitor(self) -> Visitor:
        """Give a visitor who has never been there."""
        return Visitor(self.settings.service.origin)

    def parts(self) -> tuple[int, Mapping[str, str]]:
        """Ask which parts answer; gives status and states."""
        answer = self.visitor().open("/readyz")
        return answer.status, answer.json

    def is_alive(self) -> bool:
        """Ask whether the process lives."""
        return self.visitor().open("/healthz").status == HTTPStatus.OK

    def _wait(self, started: Started) -> None:
        for _ in waiting(_START_TIMEOUT_S):
            if started.process.poll() is not None:
                break
            try:
                self.is_alive()
            except OSError:
                continue
            return
        raise RuntimeError(started.said[-2000:])
