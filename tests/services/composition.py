"""The services, put together over one store and one directory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, cast

from flask import Flask

import connectors
from idp.adapters.altcha import AltchaCaptcha
from idp.adapters.letters import TemplateLetters
from idp.adapters.sql import SqlStore, Writing
from idp.domain.digests import KeyedDigests
from idp.logs import request_id
from idp.outside import common_knowledge
from idp.services.authenticate import PasswordLogin
from idp.services.authorization import Authorization
from idp.services.clients import ClientRegistry
from idp.services.complete_reset import CompleteReset
from idp.services.correspondence import Correspondence
from idp.services.coupling_check import CouplingCheck
from idp.services.couplings import Couplings
from idp.services.gate import Gate
from idp.services.grants import GrantService
from idp.services.known_browsers import KnownBrowsers
from idp.services.login_guard import LoginGuard
from idp.services.not_me import NotMe
from idp.services.outbox import Outbox
from idp.services.overview import Overview
from idp.services.own_history import OwnHistory
from idp.services.owner_login import OwnerLogin
from idp.services.portal import Portal
from idp.services.portal_password import PortalPassword
from idp.services.request_reset import RequestReset
from idp.services.secrets_kept import KeptSecrets
from idp.services.solved_captcha import SolvedCaptcha
from idp.settings import Settings
from idp.web.limits import CountedLimits, build_limiter
from tests.fakes.clock import SetClock
from tests.services.admin import AdministeredDirectory
from tests.services.calls import Calls, Watched, WatchedStore

if TYPE_CHECKING:
    from pathlib import Path

    from idp.domain.mail import Mail
    from idp.ports.directory import Directory
    from idp.ports.outside import Limits, Mailer
    from idp.ports.store import Store

ORIGIN = "https://login.example"
COOLDOWN = timedelta(hours=24)
DIGESTS = KeyedDigests(b"the key of the digests, in tests")


@cache
def _letters() -> TemplateLetters:
    """The letters, frozen; reading them takes longer than any test."""
    return TemplateLetters.build(Settings())


@dataclass
class Mailbox:
    """Takes every mail, unless the mail server is made to fail."""

    received: list[Mail] = field(default_factory=list)
    fault: Exception | None = None

    def send(self, mail: Mail) -> None:
        """Take one."""
        if self.fault is not None:
            raise self.fault
        self.received.append(mail)


class Composition:
    """The services over one store and one directory, and all their calls."""

    def __init__(self, state: Path, **settings: dict[str, object]) -> None:
        """Put it together.

        Args:
            state: folder for the database.
            settings: other settings than the default ones, by section.
        """
        self.settings = Settings.model_validate(settings)
        self.clock = SetClock()
        self.calls = Calls()
        self.mailbox = Mailbox()
        self.admin = AdministeredDirectory(self.clock)
        self.database = SqlStore(f"sqlite:///{state}/idp.db", DIGESTS, writing=Writing("web", request_id))
        self.database.migrate()
        self.directory = cast("Directory", Watched(self.admin, "directory", self.calls))
        self.store = cast("Store", WatchedStore(self.database, self.calls))
        self.limits = cast("Limits", Watched(self._counters(), "limits", self.calls, with_first=True))
        self.kept = KeptSecrets(self.store, DIGESTS, self.clock)
        self.captcha = AltchaCaptcha(DIGESTS)

    def _counters(self) -> CountedLimits:
        limiter = build_limiter(self.settings.limits)
        limiter.init_app(Flask("limits"))
        return CountedLimits(limiter, self.settings.limits)

    @cached_property
    def gate(self) -> Gate:
        """The gate."""
        return Gate(self.directory, self.store, self.clock)

    @cached_property
    def login(self) -> PasswordLogin:
        """The password grant's check."""
        return PasswordLogin(self.directory, self.gate, self.limits, DIGESTS, self.store, self.clock)

    @cached_property
    def clients(self) -> ClientRegistry:
        """Registered applications."""
        return ClientRegistry(self.store, DIGESTS, self.clock)

    @cached_property
    def grants(self) -> GrantService:
        """Grants and tokens."""
        return GrantService(self.store, self.gate, self.limits, DIGESTS, self.clock)

    @cached_property
    def authorization(self) -> Authorization:
        """From an owner's yes to tokens."""
        return Authorization(self.directory, self.gate, self.grants, self.kept)

    @cached_property
    def portal(self) -> Portal:
        """The portal."""
        return Portal(self.directory, self.kept, self.settings.brand.realms, COOLDOWN)

    @cached_property
    def couplings(self) -> Couplings:
        """What owners see and end."""
        return Couplings(self.directory, self.store, self.clock)

    @cached_property
    def overview(self) -> Overview:
        """What owners see at a glance."""
        return Overview(self.portal, self.couplings)

    @cached_property
    def history(self) -> OwnHistory:
        """What owners see of what happened."""
        return OwnHistory(self.directory, self.store)

    @cached_property
    def check(self) -> CouplingCheck:
        """Who has logged in with the present password."""
        return CouplingCheck(self.directory, self.store, self.clock, connectors.load())

    @cached_property
    def owner_login(self) -> OwnerLogin:
        """The portal's sessions."""
        guard = LoginGuard(self.limits, self.solved_captcha, KnownBrowsers(self.kept.digests))
        return OwnerLogin(self.directory, guard, self.kept)

    @cached_property
    def solved_captcha(self) -> SolvedCaptcha:
        """Solutions, each good for one thing."""
        return SolvedCaptcha(self.captcha, self.store, self.clock)

    @cached_property
    def portal_password(self) -> PortalPassword:
        """The owner's own password."""
        return PortalPassword(self.directory, self.limits, self.kept, common_knowledge(self.settings))

    @cached_property
    def request_reset(self) -> RequestReset:
        """Identify and Verify."""
        everyone = self.settings.reset.message == "everyone"
        realms = self.settings.brand.realms
        return RequestReset(self.directory, self.portal, self.limits, self.solved_captcha, self.kept, realms, COOLDOWN, everyone)

    @cached_property
    def complete_reset(self) -> CompleteReset:
        """From the link to the password."""
        return CompleteReset(self.directory, self.kept, self.settings.brand.realms, COOLDOWN, common_knowledge(self.settings))

    @cached_property
    def not_me(self) -> NotMe:
        """*Was jij dit niet?*."""
        return NotMe(self.directory, self.kept, self.settings.brand.realms)

    @cached_property
    def correspondence(self) -> Correspondence:
        """To whom letters go."""
        rates = self.settings.limits
        return Correspondence(
            self.directory,
            self.kept,
            self.settings.brand.realms,
            COOLDOWN,
            ORIGIN,
            rates.mailbox_per_day,
            rates.mailbox_per_day_ticket,
        )

    @cached_property
    def outbox(self) -> Outbox:
        """The queue of letters."""
        mailer = cast("Mailer", Watched(self.mailbox, "mailer", self.calls))
        return Outbox(self.store, self.correspondence, _letters(), mailer, self.clock, "u4bsw.nl")

    def work_off(self) -> int:
        """Let a worker handle letters until nothing is due; tells how many."""
        handled = 0
        while self.outbox.run_once():
            handled += 1
        return handled
