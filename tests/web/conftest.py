"""The site on a real store, real counters and a real captcha."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from idp.adapters.altcha import AltchaCaptcha
from idp.adapters.letters import TemplateLetters
from idp.adapters.sql import SqlStore
from idp.domain.digests import KeyedDigests
from idp.services.complete_reset import CompleteReset
from idp.services.correspondence import Correspondence
from idp.services.not_me import NotMe
from idp.services.outbox import Outbox
from idp.services.owner_login import OwnerLogin
from idp.services.portal import Portal
from idp.services.portal_password import PortalPassword
from idp.services.request_reset import RequestReset
from idp.services.secrets_kept import KeptSecrets
from idp.settings import Settings
from idp.web.health import Health
from idp.web.limits import CountedLimits, build_limiter
from idp.web.metrics import Metrics
from idp.web.proxy import TrustedProxies
from idp.web.site import Site, install_site
from tests.fakes.directory import MemoryDirectory
from tests.web.world import (
    NAME,
    OTHERS_NAME,
    OWNER_MAIL,
    OWNER_NAME,
    OWNER_PASSWORD,
    SECOND_NAME,
    Mailbox,
    NewWorld,
    SetClock,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.page import Visitor

COOLDOWN = timedelta(hours=24)
DIGESTS = KeyedDigests(b"the key of the digests, in tests")


@pytest.fixture
def new_world(tmp_path: Path) -> Iterator[NewWorld]:
    """Make a site, with other settings where a test needs them."""
    stores: list[SqlStore] = []

    def build(**settings: dict[str, str]) -> World:
        stores.append(SqlStore(f"sqlite:///{tmp_path}/{len(stores)}.db", DIGESTS))
        stores[-1].migrate()
        return _build(Settings.model_validate(settings), stores[-1])

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
    clock = SetClock()
    directory = _directory(clock)
    kept = KeptSecrets(store, DIGESTS, clock)
    app = Flask("idp.web")
    install_site(app, _site(settings, directory, kept), b"the key of the anti-forgery cookie, in tests")
    metrics = Metrics(store, clock)
    metrics.install(app)
    networks = tuple(ipaddress.ip_network(network) for network in settings.service.metrics_networks)
    app.register_blueprint(Health({"directory": directory.ping, "store": store.ping}, metrics, networks).blueprint())
    app.wsgi_app = TrustedProxies.around(app.wsgi_app, settings.service.trusted_proxies)  # type: ignore[method-assign]  # Flask's way
    mailbox = Mailbox()
    outbox = Outbox(
        store, _correspondence(settings, directory, kept), TemplateLetters.build(settings), mailbox, clock, "u4bsw.nl"
    )
    return World(app, settings.service.origin, clock, directory, outbox, mailbox)


def _directory(clock: SetClock) -> MemoryDirectory:
    directory = MemoryDirectory(clock)
    anna = directory.add_owner(OWNER_NAME, OWNER_MAIL, OWNER_PASSWORD)
    other = directory.add_owner("Bob Bakker", "bob@example.nl", "bob logt anders in")
    for name, owner in ((NAME, anna), (SECOND_NAME, anna), (OTHERS_NAME, other)):
        directory.add_user(name, owner)
    return directory


def _site(settings: Settings, directory: MemoryDirectory, kept: KeptSecrets) -> Site:
    limiter = build_limiter(settings.limits)
    limits = CountedLimits(limiter, settings.limits)
    captcha = AltchaCaptcha(DIGESTS)
    realms = settings.brand.realms
    portal = Portal(directory, kept, realms, COOLDOWN)
    everyone = settings.reset.message == "everyone"
    return Site(
        settings=settings,
        clock=kept.clock,
        captcha=captcha,
        limiter=limiter,
        owner_login=OwnerLogin(directory, limits, kept),
        portal=portal,
        portal_password=PortalPassword(directory, limits, kept, settings.brand.products),
        request_reset=RequestReset(directory, portal, limits, captcha, kept, realms, COOLDOWN, everyone),
        complete_reset=CompleteReset(directory, kept, realms, COOLDOWN, settings.brand.products),
        not_me=NotMe(directory, kept, realms),
    )


def _correspondence(settings: Settings, directory: MemoryDirectory, kept: KeptSecrets) -> Correspondence:
    rates = settings.limits
    return Correspondence(
        directory=directory,
        kept=kept,
        realms=settings.brand.realms,
        cooldown=COOLDOWN,
        origin=settings.service.origin,
        mailbox_per_day=rates.mailbox_per_day,
        mailbox_per_day_ticket=rates.mailbox_per_day_ticket,
    )
