"""The application as production composes it, on a real store, real counters and a real captcha."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, cast

import pytest

from idp.adapters.back_channel import HttpBackChannel
from idp.adapters.letters import TemplateLetters
from idp.app import create_app
from idp.domain.digests import KeyedDigests
from idp.outside import WEB, Ports, open_store
from idp.services.clients import ClientRegistry
from idp.settings import Settings
from idp.worker import Worker
from tests.contract.back_channel.application import HERE
from tests.easy_captcha import easy_captcha
from tests.fakes.clock import SetClock
from tests.fakes.directory import MemoryDirectory
from tests.services.calls import Calls, Watched, WatchedStore
from tests.web.world import (
    NAME,
    OTHERS_NAME,
    OWNER_MAIL,
    OWNER_NAME,
    OWNER_PASSWORD,
    SECOND_NAME,
    Mailbox,
    NewWorld,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.adapters.sql import SqlStore
    from idp.ports.directory import Directory
    from idp.ports.store import Store
    from tests.signing_keys import NewState
    from tests.web.page import Visitor

DIGESTS = KeyedDigests(b"the key of the digests, in tests")


_BACK_CHANNEL = HttpBackChannel(HERE)
"""It keeps nothing, and reads the authorities of the system, which takes longer than to make a site."""


@pytest.fixture
def new_world(new_state: NewState) -> Iterator[NewWorld]:
    """Make a site, with other settings where a test needs them."""
    stores: list[SqlStore] = []

    def build(service: dict[str, str] | None = None, **settings: dict[str, str]) -> World:
        configured = Settings.model_validate({"service": {"state": new_state(), **(service or {})}, **settings})
        stores.append(open_store(configured, DIGESTS, WEB))
        return _build(configured, stores[-1])

    yield build
    for store in stores:
        store.close()


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A site as it is configured by default."""
    return new_world()


@pytest.fixture
def visitor(world: World) -> Visitor:
    """A browser that has never been anywhere."""
    return world.another_visitor()


@pytest.fixture
def owner(world: World, visitor: Visitor) -> Visitor:
    """A browser in which the owner has logged in; the portal is open."""
    world.log_in(visitor)
    return visitor


def _build(settings: Settings, store: SqlStore) -> World:
    clock, calls, mailbox = SetClock(), Calls(), Mailbox()
    directory = _directory(clock)
    ports = Ports(
        clock=clock,
        digests=DIGESTS,
        store=cast("Store", WatchedStore(store, calls)),
        directory=cast("Directory", Watched(directory, "directory", calls)),
        captcha=easy_captcha(DIGESTS),
        letters=TemplateLetters.build(settings),
        mailer=mailbox,
        back_channel=_BACK_CHANNEL,
    )
    worker = Worker.build(settings, ports, Event())
    app, clients = create_app(settings, ports), ClientRegistry(store, DIGESTS, clock)
    return World(app, settings.service.origin, clock, directory, calls, worker, mailbox, store, clients, settings.service.state)


def _directory(clock: SetClock) -> MemoryDirectory:
    directory = MemoryDirectory(clock)
    anna = directory.add_owner(OWNER_NAME, OWNER_MAIL, OWNER_PASSWORD)
    other = directory.add_owner("Bob Bakker", "bob@example.nl", "bob logt anders in")
    for name, owner in ((NAME, anna), (SECOND_NAME, anna), (OTHERS_NAME, other)):
        directory.add_user(name, owner)
    return directory
