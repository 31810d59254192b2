"""The service as production composes it, on a clock that is set, with a mailbox that forgets what was fetched."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from idp.adapters.letters import TemplateLetters
from idp.app import create_app
from idp.domain.digests import KeyedDigests
from idp.outside import WEB, Ports, open_store
from idp.services.clients import ClientRegistry
from idp.settings import Settings
from idp.worker import Worker
from tests.easy_captcha import easy_captcha
from tests.fakes.clock import SetClock
from tests.fakes.directory import MemoryDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from idp.adapters.sql import SqlStore
    from idp.domain.mail import Mail
    from idp.web.window_storage import WindowStorage

DIGESTS = KeyedDigests(b"the key of the digests, in a simulated life")


@dataclass
class FetchedMail:
    """Keeps the newest letter of each mailbox, until it is fetched, so that what grows is the service's."""

    sent: int = 0
    _newest: dict[str, list[str]] = field(default_factory=dict)

    def send(self, mail: Mail) -> None:
        """Take one."""
        self.sent += 1
        self._newest[mail.to] = [urlsplit(link).path for link in re.findall(r"https?://\S+", mail.content.text)]

    def fetch(self, address: str, start: str) -> str | None:
        """Take the newest letter out; gives its link that begins so, if it has one."""
        return next((path for path in self._newest.pop(address, []) if path.startswith(start)), None)

    def empty(self) -> None:
        """Throw the others away."""
        self._newest.clear()


@dataclass(frozen=True)
class Service:
    """The whole of it.

    Args:
        app: the pages and endpoints.
        clock: its time.
        directory: who exists; a fake below the contract that slapd's adapter passes, as a day of hashes takes a week.
        worker: sends, and forgets.
        mailbox: of everybody.
        store: the database.
        clients: applications.
        counters: of limits.
        state: where the database is.
    """

    app: Flask
    clock: SetClock
    directory: MemoryDirectory
    worker: Worker
    mailbox: FetchedMail
    store: SqlStore
    clients: ClientRegistry
    counters: WindowStorage
    state: Path


@contextmanager
def living_service(state: Path) -> Iterator[Service]:
    """Make one as it is configured by default, whose database is closed at the end.

    Args:
        state: with keys, and an empty database.
    """
    settings = Settings.model_validate({"service": {"state": state}})
    store, clock, mailbox = open_store(settings, DIGESTS, WEB), SetClock(), FetchedMail()
    directory = MemoryDirectory(clock)
    ports = Ports(clock, DIGESTS, store, directory, easy_captcha(DIGESTS), TemplateLetters.build(settings), mailbox)
    try:
        app, worker = create_app(settings, ports), Worker.build(settings, ports, Event())
        (limiter,) = app.extensions["limiter"]
        yield Service(
            app, clock, directory, worker, mailbox, store, ClientRegistry(store, DIGESTS, clock), limiter.storage, state
        )
    finally:
        store.close()
