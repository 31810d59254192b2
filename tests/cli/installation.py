"""An installation, as an operator meets it: a configuration file, and commands."""

from __future__ import annotations

import io
import json
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from idp.adapters.system_clock import SystemClock
from idp.cli import main
from idp.outside import open_digests, open_store
from idp.settings import Settings, load_settings
from idp.worker import Worker
from tests.free_ports import free_port
from tests.logging_state import logging_put_back
from tests.opened_ports import opened_ports

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage
    from pathlib import Path

    from idp.adapters.sql import SqlStore
    from tests.contract.mailer.real_server import RealServer
    from tests.slapd import RunningSlapd


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command gave.

    Args:
        code: exit code.
        out: on stdout.
        err: on stderr.
    """

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  # whatever it is
        """As programs read it."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one sentence of a command that was refused or failed."""
        assert (self.code, self.out, self.err.count("\n")) == (1, "", 1), self
        return self.err.removeprefix("idp: ").rstrip("\n")


@dataclass
class Installation:
    """A directory, a mail server, a state folder, and a configuration that names them.

    Args:
        folder: holds the configuration and the state.
        slapd: the directory.
        mail: the mail server.
        more: what else the configuration says, by section and key; it wins.
        port: of the pages.
    """

    folder: Path
    slapd: RunningSlapd
    mail: RealServer
    more: dict[str, dict[str, object]] = field(default_factory=dict)
    port: int = field(default_factory=free_port)

    @property
    def config(self) -> Path:
        """The configuration file, written anew."""
        document: dict[str, dict[str, object]] = {
            "service": {"state": str(self.state), "port": self.port},
            "directory": {
                "url": self.slapd.embedded.ldapi_url,
                "password_file": str(self.slapd.embedded.service_password_file),
                "timeout_s": 1.0,
            },
            "mail": {"host": "127.0.0.1", "port": self.mail.port, "tls": "none", "timeout_s": 0.5},
        }
        path = self.folder / "idp.toml"
        sections = {name: {**document.get(name, {}), **self.more.get(name, {})} for name in [*document, *self.more]}
        lines = []
        for name, keys in sections.items():
            lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in keys.items())]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.folder / "state"

    @property
    def settings(self) -> Settings:
        """What the configuration says."""
        return load_settings(self.config)

    def idp(self, *arguments: str, stdin: str = "") -> Ran:
        """Run a command, here."""
        return run_here("--config", str(self.config), *arguments, stdin=stdin)

    def done(self, *arguments: str, stdin: str = "") -> str:
        """Run a command that must be done; gives what it says."""
        ran = self.idp(*arguments, stdin=stdin)
        assert (ran.code, ran.err) == (0, ""), ran
        return ran.out

    def invite(self, name: str, mail: str = "anna@example.nl", *more: str) -> str:
        """Invite a koppelgebruiker."""
        return self.done(
            "user", "invite", name, "--administratie", f"A-{name}", "--mail", mail, "--owner-name", "Anna de Vries", *more
        )

    def sent(self) -> list[EmailMessage]:
        """Let the worker send what waits; gives all that was ever sent."""
        with opened_ports(self.settings, SystemClock()) as ports:
            Worker.build(self.settings, ports, threading.Event()).step()
        return [message_from_bytes(mail.content, policy=policy.default) for mail in self.mail.delivered]

    def store(self) -> SqlStore:
        """Open the database."""
        return open_store(self.settings, open_digests(self.settings))


def run_here(*arguments: str, stdin: str = "", heeds: Callable[[str], object] | None = None) -> Ran:
    """Run a command in this process.

    Args:
        arguments: of it.
        stdin: what it can read.
        heeds: is told what the command says on stderr, when it says it.
    """
    out, err, before = _output(), _output(), sys.stdin
    if heeds is not None:
        err = _Heeded(io.BytesIO(), encoding="utf-8", newline="")
        err.heeds = heeds
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin.encode())), encoding="utf-8")
    try:
        with logging_put_back(), redirect_stdout(out), redirect_stderr(err):
            code = main(list(arguments))
    finally:
        sys.stdin = before
    return Ran(code, _text(out), _text(err))


class _Heeded(io.TextIOWrapper):
    heeds: Callable[[str], object]

    def write(self, text: str, /) -> int:
        written = super().write(text)
        self.heeds(text)
        return written


def _output() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")


def _text(output: io.TextIOWrapper) -> str:
    output.seek(0)
    return output.read()
