"""What the tests of the services act in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, cast

from altcha.v2 import Payload, create_challenge, solve_challenge
from flask import Flask

from idp.adapters.altcha import ALGORITHM, AltchaCaptcha
from idp.adapters.letters import TemplateLetters
from idp.adapters.sql import SqlStore
from idp.domain.capability import Purpose
from idp.domain.digests import KeyedDigests
from idp.services.authenticate import PasswordLogin
from idp.services.clients import ClientRegistry
from idp.services.complete_reset import CompleteReset
from idp.services.correspondence import Correspondence
from idp.services.gate import Gate
from idp.services.grants import GrantService
from idp.services.not_me import NotMe
from idp.services.outbox import Outbox
from idp.services.owner_login import OwnerLogin
from idp.services.portal import Portal
from idp.services.portal_password import PortalPassword
from idp.services.request_reset import RequestReset
from idp.services.secrets_kept import KeptSecrets
from idp.settings import Settings
from idp.web.limits import CountedLimits, build_limiter
from tests.services.admin import AdministeredDirectory
from tests.services.calls import Calls, Watched, WatchedStore

if TYPE_CHECKING:
    from pathlib import Path

    from idp.domain.audit import AuditEvent
    from idp.domain.client import Client
    from idp.domain.mail import Mail, OutboxRow
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.domain.reset_request import ResetRequest
    from idp.ports.directory import Directory
    from idp.ports.outside import Limits, Mailer
    from idp.ports.store import Store

NAME = "U4BBGA0008"
FULL_NAME = f"{NAME}@u4bsw.nl"
SECOND_NAME = "U4BBGA0009"
OTHERS_NAME = "U4BBGA0100"
UNKNOWN_NAME = "U4BBGA9999"
ANNA_MAIL = "anna@example.nl"
BOB_MAIL = "bob@example.nl"
PORTAL_PASSWORD = "anna logt in met een zin"
PASSWORD = "vier losse woorden achter elkaar"
NEW_PASSWORD = "een heel andere wachtzin dan toen"
HOME, ELSEWHERE = "192.0.2.7", "198.51.100.9"
ORIGIN = "https://login.example"
COOLDOWN = timedelta(hours=24)
DIGESTS = KeyedDigests(b"the key of the digests, in tests")

NewWorld = Callable[..., "World"]


@dataclass
class SetClock:
    """A clock that a test moves. It begins at the machine's time, which the captcha's package goes by, in whole seconds."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def now(self) -> datetime:
        """The moment."""
        return self.moment

    def go(self, step: timedelta) -> None:
        """Let time pass."""
        self.moment += step


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


class World:
    """The services over one store and one directory, and hands to reach into both."""

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
        self.database = SqlStore(f"sqlite:///{state}/idp.db", DIGESTS)
        self.database.migrate()
        self.directory = cast("Directory", Watched(self.admin, "directory", self.calls))
        self.store = cast("Store", WatchedStore(self.database, self.calls))
        self.limits = cast("Limits", Watched(self._counters(), "limits", self.calls, with_first=True))
        self.kept = KeptSecrets(self.store, DIGESTS, self.clock)
        self.captcha = AltchaCaptcha(DIGESTS)
        self.anna = self.admin.add_owner("Anna de Vries", ANNA_MAIL, PORTAL_PASSWORD)
        self.bob = self.admin.add_owner("Bob Bakker", BOB_MAIL, "bob logt anders in")
        for name, owner in ((NAME, self.anna), (SECOND_NAME, self.anna), (OTHERS_NAME, self.bob)):
            self.admin.add_user(name, owner)

    def _counters(self) -> CountedLimits:
        limiter = build_limiter(self.settings.limits)
        limiter.init_app(Flask("limits"))
        return CountedLimits(limiter, self.settings.limits)

    # -- the services ----------------------------------------------------------------------------------------------------

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
        return GrantService(self.store, self.gate, DIGESTS, self.clock)

    @cached_property
    def portal(self) -> Portal:
        """The portal."""
        return Portal(self.directory, self.kept, self.settings.brand.realms, COOLDOWN)

    @cached_property
    def owner_login(self) -> OwnerLogin:
        """The portal's sessions."""
        return OwnerLogin(self.directory, self.limits, self.kept)

    @cached_property
    def portal_password(self) -> PortalPassword:
        """The owner's own password."""
        return PortalPassword(self.directory, self.limits, self.kept, self.settings.brand.products)

    @cached_property
    def request_reset(self) -> RequestReset:
        """Identify and Verify."""
        everyone = self.settings.reset.message == "everyone"
        realms = self.settings.brand.realms
        return RequestReset(self.directory, self.portal, self.limits, self.captcha, self.kept, realms, COOLDOWN, everyone)

    @cached_property
    def complete_reset(self) -> CompleteReset:
        """From the link to the password."""
        return CompleteReset(self.directory, self.kept, self.settings.brand.realms, COOLDOWN, self.settings.brand.products)

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
        letters = TemplateLetters.build(self.settings)
        return Outbox(self.store, self.correspondence, letters, mailer, self.clock, "u4bsw.nl")

    # -- hands -----------------------------------------------------------------------------------------------------------

    def user(self, name: str = NAME) -> Koppelgebruiker:
        """Read a koppelgebruiker as it is now."""
        return self.admin.find_user(name)

    def owner(self) -> Owner:
        """Read Anna as she is now."""
        return self.admin.find_owner(self.anna.dn)

    def client(self, kind: str = "basecone") -> Client:
        """Register an application."""
        client, _ = self.clients.add(kind, kind.title(), "operator:test")
        return client

    def solve(self) -> str:
        """Solve a captcha; its challenge is real, and made to cost nothing."""
        challenge = create_challenge(
            ALGORITHM,
            1,
            counter=1,
            expires_at=int((self.clock.now() + timedelta(minutes=10)).timestamp()),
            hmac_secret=DIGESTS.derive(Purpose.CAPTCHA, "challenge"),
            hmac_key_secret=DIGESTS.derive(Purpose.CAPTCHA, "solution"),
        )
        solution = solve_challenge(challenge)
        assert solution is not None
        return Payload(challenge, solution).to_base64()

    def ticket(self, name: str = NAME, owner: Owner | None = None) -> str:
        """Click *Vraag aan* in the portal; gives the cookie's secret."""
        return self.portal.exchange(self.portal.ticket(owner or self.anna, name))

    def identify(self, typed: str = FULL_NAME, cookie: str | None = None, network: str = HOME) -> str:
        """Do the first step; gives the secret of the second."""
        return self.request_reset.identify(typed, self.solve(), cookie, network)

    def request(self, typed: str = FULL_NAME, cookie: str | None = None, network: str = HOME) -> str:
        """Do both steps; gives the request's id."""
        self.request_reset.verify(self.identify(typed, cookie, network), typed)
        return self.audit("reset.requested")[-1].detail["request"]

    def link(self, request_id: str) -> str:
        """Give the secret in the mail of a request."""
        return DIGESTS.derive(Purpose.RESET_LINK, request_id)

    def mailed_link(self, typed: str = FULL_NAME, cookie: str | None = None) -> str:
        """Do both steps, and have the mail sent; gives the link's secret."""
        link = self.link(self.request(typed, cookie))
        self.outbox.work_off()
        return link

    def reset(self, request_id: str) -> ResetRequest:
        """Read a request as it stands."""
        with self.database.reading() as work:
            found = work.resets.get(request_id)
        assert found is not None
        return found

    def audit(self, action: str | None = None) -> list[AuditEvent]:
        """Read the audit, or what it has of one kind."""
        with self.database.reading() as work:
            events = [record.event for record in work.audit.read(limit=10_000)]
        return [event for event in events if action in (None, event.action)]

    def take_letters(self) -> list[OutboxRow]:
        """Take every letter that is due out of the queue, in order, without sending it."""
        taken = []
        with self.database.transaction() as work:
            while row := work.outbox.take_due(self.clock.now(), self.clock.now() + timedelta(hours=1)):
                taken.append(row)
        return taken

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()
